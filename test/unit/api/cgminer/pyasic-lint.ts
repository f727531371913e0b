/** Replies by command, `stats+new_api` with the flag. */
export type Replies = Readonly<Record<string, unknown>>;

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Names of other firmware that pyasic looks for in the whole text of `version`. */
const FOREIGN = /bosminer|boser|btminer|bitmicro|luxminer|hiveon|kaonsu|rwglr|vnish/i;
const POOL_URL = /^(?:stratum\+tcp|stratum\+ssl|stratum2\+tcp):\/\/[^/:]+:(\d{1,5})(?:\/\w+)?$/;

/** What pyasic would stumble over in replies on port 4028, after its traps. */
export function pyasicFaults(replies: Replies): readonly string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  const section = (command: string, name: string): Rows =>
    (replies[command] as Record<string, Rows>)[name] ?? [];
  const version = JSON.stringify(replies["version"]);
  expect(/antminer/i.test(String(section("version", "VERSION")[0]?.["Type"])), "no Antminer");
  expect(!FOREIGN.test(version), "another firmware's name");
  expect(!/:null|\[null|,null/.test(JSON.stringify(replies)), "null");
  const [head, flat] = section("stats", "STATS");
  expect(head !== undefined && flat !== undefined, "one STATS element");
  expect(flat?.["rate_unit"] === "GH", "unit of the old stats");
  for (const key of ["Elapsed", "total_rateideal", "fan1"])
    expect(typeof flat?.[key] === "number", key);
  expect(typeof section("summary", "SUMMARY")[0]?.["GHS 5s"] === "number", "GHS 5s");
  const chain = section("stats+new_api", "STATS")[0]?.["chain"] as Rows;
  for (const [index, board] of chain.entries()) {
    expect(board["index"] === index, "index of a chain");
    for (const key of ["sn", "temp_pcb", "temp_chip", "rate_real", "asic_num"])
      expect(board[key] !== undefined && board[key] !== null, `${key} of a chain`);
  }
  for (const pool of section("pools", "POOLS")) {
    const [, port] = POOL_URL.exec(String(pool["URL"])) ?? [];
    expect(port !== undefined && Number(port) <= 65_535, "URL of a pool");
    expect(Number.isInteger(pool["Accepted"]), "accepted shares");
  }
  return faults;
}

/** A copy in which `pools.POOLS[0].URL` or the like is another value. */
export function changed(replies: Replies, path: string, value: unknown): Replies {
  const copy = structuredClone(replies);
  const [, command, rest] = /^([\w+]+)\.(.*)$/.exec(path) ?? [];
  const keys = (rest ?? "").split(/[.[\]]+/).filter((key) => key !== "");
  const last = keys.pop() ?? "";
  let place = copy[command ?? ""] as Record<string, unknown>;
  for (const key of keys) place = place[key] as Record<string, unknown>;
  place[last] = value;
  return copy;
}
