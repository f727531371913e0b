import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NONCE_VERDICTS, type NonceRecord } from "../../../src/hal/chain-port.js";
import { ManualClock } from "../../../src/lib/clock.js";
import type { MinerError } from "../../../src/lib/errors.js";
import { Counters } from "../../../src/mining/counters.js";
import { CountersKeeper } from "../../../src/mining/counters-keeper.js";
import { parseStateText } from "../../../src/lib/state-text.js";
import { COUNTERS_FORMAT, noCounters } from "../../../src/mining/counters-state.js";
import type { ShareOutcome } from "../../../src/pool/pool-client.js";

const A = { url: "stratum+tcp://a:3333", user: "alice.1" };
const B = { url: "stratum+tcp://b:3333", user: "alice.1" };

const ACCEPTED: ShareOutcome = { result: "accepted" };
const LOST: ShareOutcome = { result: "lost" };
const STALE: ShareOutcome = { result: "stale", text: "" };
const REFUSED: ShareOutcome = { result: "rejected", reason: "low-difficulty", text: "" };
const DROPPED: ShareOutcome = { result: "dropped", reason: "duplicate" };

describe("counters", () => {
  let clock: ManualClock;

  beforeEach(() => {
    clock = new ManualClock();
  });

  function share(
    counters: Counters,
    account: typeof A,
    outcome: ShareOutcome,
    difficulty = 9,
  ): void {
    counters.countShare(account, { outcome, jobDifficulty: 8, difficulty });
  }

  it("count shares of each pool and of all by what became of them", () => {
    const counters = new Counters(clock);
    for (const outcome of [ACCEPTED, ACCEPTED, REFUSED, STALE, LOST, DROPPED])
      share(counters, A, outcome);
    share(counters, B, ACCEPTED);
    const { shares, pools } = counters.state();
    const { accepted, rejected, stale, lost, dropped, rejectReasons, dropReasons } = pools[0]!;
    deepEqual([accepted, rejected, stale, lost, dropped], [2, 1, 1, 1, 1]);
    equal(rejectReasons["low-difficulty"], 1);
    equal(rejectReasons.stale, 1);
    equal(dropReasons.duplicate, 1);
    equal(pools[0]!.acceptedDifficulty, 16);
    equal(pools[0]!.rejectedDifficulty, 8);
    equal(pools[0]!.staleDifficulty, 8);
    equal(shares.accepted, 3);
    equal(shares.acceptedDifficulty, 24);
    equal(pools[1]!.url, B.url);
  });

  it("remember the best accepted share with its time and pool", async () => {
    const counters = new Counters(clock);
    share(counters, A, ACCEPTED, 100);
    await clock.advance(5000);
    share(counters, B, ACCEPTED, 300);
    share(counters, B, REFUSED, 1e9);
    await clock.advance(5000);
    share(counters, A, ACCEPTED, 200);
    const { best, pools } = counters.state();
    deepEqual(best, { difficulty: 300, unixMs: clock.unixMs() - 5000, ...B });
    deepEqual(
      pools.map((pool) => pool.best?.difficulty),
      [300, 200],
    );
  });

  it("count nonces by verdict, and work", () => {
    const counters = new Counters(clock);
    const found = [...NONCE_VERDICTS, "duplicate", "hardwareError"] as const;
    counters.countNonces(found.map((verdict) => ({ verdict }) as NonceRecord));
    counters.countWork(512);
    const { nonces, verifiedDifficulty } = counters.state();
    equal(nonces.duplicate, 2);
    equal(nonces.hardwareError, 2);
    equal(nonces.share, 1);
    equal(verifiedDifficulty, 512);
  });

  it("count time, and time with a chain hashing", async () => {
    const counters = new Counters(clock);
    await clock.advance(10_000);
    counters.setHashing(true);
    await clock.advance(20_000);
    counters.setHashing(true);
    await clock.advance(5000);
    counters.setHashing(false);
    await clock.advance(7000);
    const { uptimeS, hashingS, starts } = counters.state();
    deepEqual([uptimeS, hashingS, starts], [42, 25, 1]);
  });

  it("count energy by how well its power is known, and the time when it is not", async () => {
    const counters = new Counters(clock);
    const told = async (
      ms: number,
      power: Parameters<Counters["countPower"]>[0],
    ): Promise<void> => {
      await clock.advance(ms);
      counters.countPower(power);
    };
    await told(1000, { value: 3000, ageS: 2, evidence: "measured" });
    await told(1500, { value: 2000, ageS: 0, evidence: "estimated" });
    await told(1000, { value: 3000, ageS: 20.5, evidence: "measured" });
    await told(1000, { value: null, ageS: null, evidence: "none" });
    await told(11_000, { value: 3000, ageS: 2, evidence: "measured" });
    await told(10_000, { value: 100, ageS: 20, evidence: "measured" });
    deepEqual(counters.state().energy, { measuredJ: 4000, estimatedJ: 3000, unknownS: 13 });
  });

  it("count blocks", () => {
    const counters = new Counters(clock, { ...noCounters(), blocksFound: 1 });
    counters.countBlock();
    equal(counters.state().blocksFound, 2);
  });

  it("begin at nothing with what an older file does not have", () => {
    const { energy, blocksFound, ...older } = noCounters();
    deepEqual(COUNTERS_FORMAT.parse(older), { ...older, energy, blocksFound });
  });

  it("go on from the text that an earlier run left", async () => {
    const first = new Counters(clock);
    first.setHashing(true);
    share(first, A, ACCEPTED, 50);
    share(first, B, REFUSED);
    first.countBlock();
    await clock.advance(3000);
    first.countPower({ value: 3000, ageS: 0, evidence: "measured" });
    const text = JSON.stringify(first.state());
    const second = new Counters(clock, COUNTERS_FORMAT.parse(JSON.parse(text)));
    deepEqual({ ...second.state(), starts: 1 }, JSON.parse(text));
    share(second, A, ACCEPTED, 40);
    second.setHashing(true);
    await clock.advance(1000);
    const state = second.state();
    equal(state.starts, 2);
    equal(state.hashingS, 4);
    equal(state.shares.accepted, 2);
    equal(state.best?.difficulty, 50);
    deepEqual(
      state.pools.map(({ url, accepted }) => [url, accepted]),
      [
        [B.url, 0],
        [A.url, 2],
      ],
    );
  });

  it("read a text of fewer reasons, and keep one they do not know", () => {
    const { shares, ...rest } = noCounters();
    const text = { ...rest, shares: { ...shares, rejectReasons: { weather: 3 } } };
    const { rejectReasons } = COUNTERS_FORMAT.parse(text).shares;
    deepEqual([rejectReasons.stale, Object.entries(rejectReasons).at(-1)], [0, ["weather", 3]]);
  });

  for (const wrong of [null, [], {}, { starts: 1 }])
    it(`take ${JSON.stringify(wrong)} for no counters`, () => {
      let isRefused = false;
      try {
        COUNTERS_FORMAT.parse(wrong);
      } catch {
        isRefused = true;
      }
      ok(isRefused);
    });

  it("forget the pools that were not used for longest, and keep their shares in the sum", () => {
    const counters = new Counters(clock);
    for (let pool = 0; pool < 300; pool++) {
      share(counters, { url: `p${pool}`, user: "u" }, ACCEPTED);
      share(counters, A, ACCEPTED);
    }
    const { pools, shares } = counters.state();
    equal(pools.length, 256);
    equal(pools.at(-1)?.accepted, 300);
    equal(shares.accepted, 600);
  });

  describe("in a file", () => {
    let folder: string;
    let path: string;
    let troubles: MinerError[];

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "counters-"));
      path = join(folder, "counters.json");
      troubles = [];
    });

    afterEach(() => rm(folder, { recursive: true }));

    function open(): Promise<CountersKeeper> {
      return CountersKeeper.open({ path, clock, onTrouble: (error) => troubles.push(error) });
    }

    async function accepted(): Promise<number> {
      return parseStateText(COUNTERS_FORMAT, await readFile(path, "utf8")).shares.accepted;
    }

    it("survive a restart", async () => {
      for (let run = 1; run <= 3; run++) {
        const keeper = await open();
        share(keeper.counters, A, ACCEPTED);
        await keeper.stop();
        equal(await accepted(), run);
      }
      deepEqual(troubles, []);
    });

    it("are saved each minute, no sooner", async () => {
      const keeper = await open();
      share(keeper.counters, A, ACCEPTED);
      await clock.advance(59_999);
      deepEqual(await readdir(folder), []);
      await clock.advance(1);
      while (!(await readdir(folder)).includes("counters.json"));
      equal(await accepted(), 1);
      await keeper.stop();
    });

    it("begin anew when the file cannot be read, which is kept and told", async () => {
      await writeFile(path, "garbage");
      const keeper = await open();
      share(keeper.counters, A, ACCEPTED);
      await keeper.stop();
      equal(await accepted(), 1);
      equal(troubles[0]?.code, "COUNTERS_UNREADABLE");
      equal(troubles[0].context["continuedFrom"], "nothing");
      equal(await readFile(String(troubles[0].context["keptAs"]), "utf8"), "garbage");
    });

    it("tell once that they cannot be saved", async () => {
      const keeper = await open();
      await rm(folder, { recursive: true });
      await keeper.stop();
      await keeper.stop();
      deepEqual(
        troubles.map(({ code }) => code),
        ["COUNTERS_NOT_SAVED"],
      );
      folder = await mkdtemp(join(tmpdir(), "counters-"));
    });
  });
});
