import { deepEqual, equal, ok } from "node:assert/strict";
import { compileTime } from "../../../../src/api/cgminer/compile-time.js";
import { commandOf } from "../../../../src/api/cgminer/commands.js";
import { LongRates } from "../../../../src/api/cgminer/long-rates.js";
import { isNewApiName, newApi } from "../../../../src/api/cgminer/new-api.js";
import { Orders } from "../../../../src/api/cgminer/orders.js";
import { minerPicture, type MinerPicture } from "../../../../src/api/cgminer/picture.js";
import { textOf } from "../../../../src/api/cgminer/reply.js";
import { Session } from "../../../../src/api/cgminer/session.js";
import { loadDrivenMachine } from "../../../../src/boards/load-machine.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import type { PoolStatus, Snapshot } from "../../../../src/telemetry/snapshot.js";
import { chain, pool, snapshot } from "../../commands/watch-snapshot.js";
import { FakeDesk } from "./fake-desk.js";

const REPORTS = [
  ...["version", "config", "summary", "pools", "devdetails", "notify", "coin", "lcd", "devs"],
  ...["edevs", "stats", "estats", "dbgstats", "asccount", "pgacount", "usbstats", "temps"],
  ...["fans", "power", "tempctrl", "atm", "profiles"],
];
const CHIPS = 77;

function poolOf(name: string, differences: Partial<PoolStatus> = {}): PoolStatus {
  return pool(name, {
    ...{ dropped: 0, sessions: 1, acceptedDifficulty: 0, rejectedDifficulty: 0 },
    ...{ staleDifficulty: 0, bestDifficulty: 0, versionMask: 0x1fffe000, blockHeight: 840_000 },
    ...{ lastAcceptedAgoS: undefined, lastAcceptedDifficulty: 0, jobAgeMs: 1500 },
    ...differences,
  });
}

function chainOf(slot: number, differences: object = {}): Snapshot["chains"][number] {
  const made = chain(
    slot,
    Array.from({ length: CHIPS }, () => 900),
  );
  const counters = { ...made.counters, jobsReceived: 12, crcErrors: 3 };
  return { ...made, counters, ...differences };
}

function pictureOf(differences: Partial<Snapshot> = {}): MinerPicture {
  const pools = [
    poolOf("first", {
      ...{ role: "active", state: "ready", accepted: 4, acceptedDifficulty: 2048, difficulty: 512 },
      ...{ lastAcceptedAgoS: 3.2, lastAcceptedDifficulty: 512, bestDifficulty: 99_999.7 },
    }),
    poolOf("second", { url: "stratum+tls://user@second:443" }),
    poolOf("third", { url: "stratum+tls://third:443/#xnsub" }),
  ];
  const made = snapshot([chainOf(0), chainOf(1)], pools, {
    supply: null,
    ...differences,
  });
  return minerPicture(made, {
    ...{ program: "headframe", compileTime: "Thu Jan 1 00:00:00 UTC 2026" },
    spec: loadDrivenMachine("s19k-pro"),
    ...{ unixMs: 1_767_225_600_500, rates: { m5: 19_000, m30: 18_000 } },
  });
}

/** Everything that clients read without a parameter, with its name. */
async function repliesOf(picture: MinerPicture): Promise<readonly (readonly [string, object])[]> {
  const session = new Session(new ManualClock());
  const orders = new Orders(new FakeDesk(), "");
  const turn = { picture, orders, session, parameter: undefined, access: () => true };
  const old = await Promise.all(
    REPORTS.map(async (name) => {
      const reply = await commandOf(name)!.run(turn);
      const text = textOf({ is: "one", reply }, "json", picture);
      return [name, JSON.parse(text) as object] as const;
    }),
  );
  const names = ["stats", "summary", "pools", "warning"].filter(isNewApiName);
  return [...old, ...names.map((name) => [`${name}+new_api`, newApi(name, picture)] as const)];
}

describe("the picture that the API of cgminer shows", () => {
  it("has the figures of the snapshot", () => {
    const picture = pictureOf();
    equal(picture.type, "Antminer S19k Pro");
    deepEqual([picture.elapsedS, picture.unixS, picture.getworks], [3725, 1_767_225_600, 12]);
    deepEqual(picture.rates, { s5: 1e4, m1: 1e4, m5: 19_000, m15: 1e4, m30: 18_000, av: 1e4 });
    deepEqual([picture.fansRpm, picture.fanDutyPct, picture.powerW], [[6001, 6002], 100, 2712.4]);
    deepEqual([picture.lastWorkUnixS, picture.hottestC], [1_767_225_598, 49.25]);
    const [first, second, third] = picture.pools;
    deepEqual(
      [first?.status, first?.lastShareUnixS, first?.difficulty, first?.bestShare],
      ["Alive", 1_767_225_596, 512, 99_999],
    );
    deepEqual([second?.url, second?.status, second?.lastShareUnixS], ["", "Alive", 0]);
    deepEqual([third?.url, third?.host], ["stratum+ssl://third:443", "third"]);
  });

  it("puts sensors on their side of the board, and 0 where there is none", () => {
    const sensor = { part: "tmp75", isDie: false, ageS: 1, evidence: "measured", error: null };
    const at = (place: string, tempC: number | null): Snapshot["temperatures"][number] => ({
      ...sensor,
      ...{ slot: 0, place, tempC, evidence: "measured" },
    });
    const boards = pictureOf({ temperatures: [at("outlet", 61.6), at("inlet", 40.2)] }).boards;
    deepEqual(boards[0]?.pcbC, [40, 0, 62, 0]);
    deepEqual(boards[0].chipC, [0, 0, 0, 0]);
    const pics = [0, 1, 2, 3].map((n) => at(`pic-${n}`, n === 3 ? null : 50 + n));
    const [board] = pictureOf({ temperatures: pics }).boards;
    deepEqual(
      [board?.pcbC, board?.picC],
      [
        [50, 51, 52, 0],
        [50, 51, 52, 0],
      ],
    );
  });

  it("marks chips that are silent, missing or off", () => {
    const countOf = (differences: object): Record<string, number> => {
      const map = pictureOf({ chains: [chainOf(0, differences)] }).boards[0]!.chipMap;
      const count = (mark: string): number => map.split(mark).length - 1;
      return { o: count("o"), x: count("x"), "-": count("-"), groups: count(" ") };
    };
    const groups = Math.ceil(CHIPS / loadDrivenMachine("s19k-pro").hashboard.chain.chipsPerDomain);
    deepEqual(countOf({}), { o: CHIPS, x: 0, "-": 0, groups });
    deepEqual(countOf({ chips: CHIPS - 7 }), { o: CHIPS - 7, x: 7, "-": 0, groups });
    deepEqual(countOf({ state: "faulted" }), { o: 0, x: 0, "-": CHIPS, groups });
    const ths = Array.from({ length: CHIPS }, (_, chip) => (chip === 5 ? 0 : 9));
    const silent = (mean: number): object => ({
      chipHashrate15m: {
        ...{ seconds: 900, ths: ths.map((each) => (each * mean) / 9) },
        uncertaintyThs: ths.map(() => 0.01),
      },
    });
    deepEqual(countOf(silent(9)), { o: CHIPS - 1, x: 1, "-": 0, groups });
    // Nobody has found enough yet to say.
    deepEqual(countOf(silent(0.1)), { o: CHIPS, x: 0, "-": 0, groups });
  });

  it("lights a lamp for what holds", () => {
    const lamps = (differences: Partial<Snapshot>): unknown =>
      pictureOf(differences).health.map(({ status }) => status);
    deepEqual(lamps({}), ["s", "s", "s", "s"]);
    const troubles = [
      { code: "FAN_MISSING", context: { fan: 2 } } as const,
      { code: "BOARD_HOT", context: { slot: 1 } } as const,
      { code: "CHAIN_BROKEN", context: { slot: 1 } } as const,
    ];
    deepEqual(lamps({ troubles }), ["e", "s", "e", "e"]);
    const lost = poolOf("first", {
      ...{ state: "waiting", lastError: { code: "POOL_UNREACHABLE", context: {} } },
    });
    const health = pictureOf({ pool: lost }).health;
    deepEqual([health[1]?.status, health[1]?.msg], ["w", "POOL_UNREACHABLE"]);
  });

  it("says that it sleeps when no hash is wanted", () => {
    const { state } = snapshot([], []);
    for (const [is, isSleeping] of [
      ["asleep", true],
      ["hashing", false],
      ["fault", false],
    ] as const)
      equal(pictureOf({ state: { ...state, is } }).isSleeping, isSleeping, is);
  });

  // The traps that spoil what real clients read, as a lint over everything we say.
  const unknown = { value: null, ageS: null, evidence: "none" } as const;
  const states: Readonly<Record<string, Partial<Snapshot>>> = {
    "at work": {},
    "without hashboards": { chains: [], boards: [], temperatures: [] },
    "that nobody measures": { powerW: unknown, hottestC: null, rail: null, temperatures: [] },
    "that is off": { chains: [chainOf(0, { state: "off", chips: 0, nominalThs: 0 })] },
  };
  for (const [name, differences] of Object.entries(states))
    it(`breaks no client with a machine ${name}`, async () => {
      const picture = pictureOf(differences);
      for (const [command, reply] of await repliesOf(picture)) {
        const text = JSON.stringify(reply);
        ok(!/null|NaN|Infinity|\}\{/.test(text), `${command}: ${text}`);
        ok(!/bosminer|boser|btminer|luxminer|vnish|hiveon|kaonsu|rwglr/i.test(text), command);
        ok(text.length < 64_000, command);
      }
      const replies = Object.fromEntries(await repliesOf(picture));
      const { STATS } = replies["stats"] as { STATS: Record<string, unknown>[] };
      equal(STATS.length, 2);
      deepEqual([STATS[1]?.["rate_unit"], typeof STATS[1]?.["Elapsed"]], ["GH", "number"]);
      const { STATS: later } = replies["stats+new_api"] as {
        STATS: [{ chain: Record<string, unknown>[] }];
      };
      for (const [index, board] of later[0].chain.entries()) {
        equal(board["index"], index);
        for (const key of ["rate_real", "asic_num", "temp_pcb", "temp_chip", "temp_pic", "sn"])
          ok(board[key] !== undefined, key);
      }
      const { POOLS } = replies["pools"] as { POOLS: Record<string, unknown>[] };
      for (const each of POOLS) {
        ok(/^$|^stratum\+(tcp|ssl):\/\/[^/]+:\d{1,5}$/.test(String(each["URL"])), "url");
        for (const key of ["Accepted", "Rejected", "Get Failures", "Remote Failures"])
          ok(Number.isInteger(each[key]), key);
      }
    });

  it("knows rates over 5 and 30 minutes from what was found in them", async () => {
    const clock = new ManualClock();
    const rates = new LongRates(clock);
    const at = (verifiedDifficulty: number): Pick<Snapshot, "lifetime"> =>
      ({ lifetime: { verifiedDifficulty } }) as Snapshot;
    deepEqual(rates.rates(at(0)), { m5: undefined, m30: undefined });
    let found = 1000;
    for (let second = 0; second <= 3600; second++) {
      // Twice as fast in the last five minutes.
      found += second > 3300 ? 20 : 10;
      rates.take(at(found));
      await clock.advance(1000);
    }
    const gh = 2 ** 32 / 1e9;
    const { m5 = 0, m30 = 0 } = rates.rates(at(found));
    ok(Math.abs(m5 / (20 * gh) - 1) < 0.12, `${m5 / gh}`);
    ok(Math.abs(m30 / ((10 + 10 / 6) * gh) - 1) < 0.03, `${m30 / gh}`);
  });

  it("tells when it was built", () => {
    equal(compileTime(new Date("2026-01-01T00:00:00Z")), "Thu Jan 1 00:00:00 UTC 2026");
    ok(/^\w{3} \w{3} \d+ [\d:]{8} UTC \d{4}$/.test(compileTime()));
  });
});
