import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { projectRoot } from "../../../src/lib/project-root.js";
import type { Snapshot } from "../../../src/telemetry/snapshot.js";
import { freePort } from "../../free-port.js";
import { cpuSharePct, usageOf, type Usage } from "../process-usage.js";
import { Rig } from "../rig.js";
import { atMost, type Bench, type BenchOptions, type Row } from "../rows.js";
import { maximum, sumOf } from "../statistics.js";

const CLIENTS = 50;
/** As stock firmware has it: 100 nonces a second, of which three are shares. */
const TICKET_DIFFICULTY = 256;
const SHARE_DIFFICULTY = 8192;
const SETTLE_MS = 8000;
const SAMPLE_MS = 1000;
const RSS_LIMIT_MB = 80;
const NOISE = atMost(3);
/** Loopback, which nothing else of this computer uses. */
const CGMINER = ["127.40.28.6", 4028] as const;
const PASSWORD = "correct horse battery";

type Counts = Readonly<Record<"http" | "cgminer", Readonly<Record<string, number>>>>;

/** What was seen of a machine that mines for a while. */
interface Watched {
  readonly seconds: number;
  readonly nonces: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly usage: readonly Usage[];
}

/** What clients of HTTP and of the port of cgminer take from mining: nothing, a while, nothing again. */
export const clients: Bench = {
  name: "clients",
  run: async (options) => {
    const without = await mining({}, options, "no interface");
    const http = { port: await freePort(), address: "127.0.0.1" };
    const cgminer = { listen: CGMINER[0] };
    const rig = await start({ http, cgminer }, options, "with HTTP and the API of cgminer");
    try {
      const before = await watch(rig, options);
      options.say(`clients: ${String(CLIENTS)} ask for everything`);
      const load = poll(http.port, await readToken(rig, http.port));
      const loaded = await watch(rig, options);
      const counts = await load.stop();
      options.say("clients: they are gone");
      const after = await watch(rig, options);
      return rows({ without, before, loaded, after, counts });
    } finally {
      await rig.stop();
    }
  },
};

async function start(config: object, { isQuick, say }: BenchOptions, what: string): Promise<Rig> {
  say(`clients: three chains come up, ${what}`);
  const rig = await Rig.start({
    ticketDifficulty: TICKET_DIFFICULTY,
    pool: { startDifficulty: SHARE_DIFFICULTY, jobIntervalS: 5, blockIntervalS: 17 },
    config: { ...config },
  });
  await rig.untilMining();
  await sleep(isQuick ? 1000 : SETTLE_MS);
  return rig;
}

async function mining(config: object, options: BenchOptions, what: string): Promise<Watched> {
  const rig = await start(config, options, what);
  try {
    return await watch(rig, options);
  } finally {
    await rig.stop();
  }
}

async function watch(rig: Rig, { isQuick }: BenchOptions): Promise<Watched> {
  const first = await rig.status();
  const usage = [usageOf(rig.controllerPid)];
  for (let samples = isQuick ? 5 : 60; samples > 0; samples--) {
    await sleep(SAMPLE_MS);
    usage.push(usageOf(rig.controllerPid));
  }
  const last = await rig.status();
  return {
    seconds: last.process.uptimeS - first.process.uptimeS,
    nonces: noncesOf(last) - noncesOf(first),
    accepted: last.pool.accepted - first.pool.accepted,
    rejected: last.pool.rejected - first.pool.rejected,
    usage,
  };
}

function noncesOf({ chains }: Snapshot): number {
  return sumOf(chains, ({ chipNonces }) => sumOf(chipNonces, (count) => count));
}

/** In a process that every other goes before: clients have computers of their own. */
function poll(port: number, token: string): { readonly stop: () => Promise<Counts> } {
  const wish = { clients: CLIENTS, http: port, token, cgminer: CGMINER };
  const script = join(projectRoot(), "test/bench/poll-clients.mjs");
  const child = spawn(process.execPath, [script, JSON.stringify(wish)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const told = text(child.stdout);
  return {
    stop: async () => {
      child.kill("SIGTERM");
      return JSON.parse(await told) as Counts;
    },
  };
}

/** The first password by the code of the data directory, and a token that may read. */
async function readToken(rig: Rig, port: number): Promise<string> {
  const post = async (path: string, body: object, headers: object): Promise<Response> => {
    const reply = await fetch(`http://127.0.0.1:${String(port)}/api/v1${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`);
    return reply;
  };
  const code = readFileSync(join(rig.dataFolder, "setup-code"), "utf8");
  const begun = await post("/auth/setup", { code, password: PASSWORD }, {});
  const [cookie = ""] = (begun.headers.get("set-cookie") ?? "").split(";");
  const { csrf } = (await begun.json()) as { csrf: string };
  const made = await post(
    "/tokens",
    { name: "bench", scope: "read" },
    { cookie, "x-csrf-token": csrf },
  );
  return ((await made.json()) as { token: string }).token;
}

interface Evidence {
  readonly without: Watched;
  readonly before: Watched;
  readonly loaded: Watched;
  readonly after: Watched;
  readonly counts: Counts;
}

function rows({ without, before, loaded, after, counts }: Evidence): readonly Row[] {
  const phases = { without, before, loaded, after };
  const of = (name: string, unit: string, figure: (watched: Watched) => number): readonly Row[] =>
    Object.entries(phases).map(([phase, watched]) => ({
      ...{ name: `clients.${name}.${phase}`, figure: figure(watched), unit },
      note: `over ${watched.seconds.toFixed(0)} s`,
    }));
  const most = ({ usage }: Watched): number => maximum(usage.map(({ rssMb }) => rssMb));
  const mostOwn = ({ usage }: Watched): number =>
    maximum(usage.map(({ anonymousMb }) => anonymousMb));
  return [
    ...of("nonces", "a second", ({ nonces, seconds }) => nonces / seconds),
    changeRow("nonces", phases, ({ nonces }) => nonces),
    ...of("shares", "a minute", ({ accepted, seconds }) => (accepted / seconds) * 60),
    changeRow("shares", phases, ({ accepted }) => accepted),
    {
      ...{ name: "clients.rejected", figure: loaded.rejected, unit: "shares", limit: atMost(0) },
      note: "while they ask",
    },
    ...of("cpu", "% of a core", ({ usage }) => cpuSharePct(usage[0]!, usage.at(-1)!)),
    ...of("core-wait", "% of the time", ({ usage }) =>
      cpuSharePct(usage[0]!, usage.at(-1)!, ({ waitNs }) => waitNs),
    ),
    ...of("rss", "MB", most).map((row) => ({ ...row, limit: atMost(RSS_LIMIT_MB) })),
    ...of("anonymous", "MB", mostOwn),
    ...answerRows("http", counts.http, loaded.seconds),
    ...answerRows("cgminer", counts.cgminer, loaded.seconds),
  ];
}

/** Against the mean of before and after, by the chance that is in counting. */
function changeRow(
  name: string,
  { before, loaded, after }: Pick<Evidence, "before" | "loaded" | "after">,
  count: (watched: Watched) => number,
): Row {
  const quietS = before.seconds + after.seconds;
  const quiet = count(before) + count(after);
  const expected = (quiet / quietS) * loaded.seconds;
  const sigma = Math.sqrt(count(loaded) + quiet * (loaded.seconds / quietS) ** 2);
  const change = count(loaded) - expected;
  return {
    ...{ name: `clients.${name}.change`, figure: Math.abs(change) / sigma, unit: "sigma" },
    limit: NOISE,
    note: `${((change / expected) * 100).toFixed(1)} % beside before and after`,
  };
}

function answerRows(
  kind: "http" | "cgminer",
  counts: Readonly<Record<string, number>>,
  seconds: number,
): readonly Row[] {
  return Object.entries(counts).map(([what, figure]) => ({
    ...{ name: `clients.${kind}.${what}`, figure: figure / seconds, unit: "a second" },
  }));
}
