import { deepEqual, equal, ok } from "node:assert/strict";
import { MAINNET, virtualNetwork, type Network } from "../../../src/bitcoin/network.js";
import { targetToLe } from "../../../src/bitcoin/target.js";
import { NONCE_VERDICTS, type NonceRecord } from "../../../src/hal/chain-port.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { TypedEmitter } from "../../../src/lib/events.js";
import {
  Dispatcher,
  type JobHandling,
  type JobTaker,
  type NoPoolPolicy,
  type WorkSource,
} from "../../../src/mining/dispatcher.js";
import type { PoolJob, ShareOutcome, ShareSubmission } from "../../../src/pool/pool-client.js";
import type { PoolSetEvents } from "../../../src/pool/pools/pool-set.js";
import type { PoolSettings } from "../../../src/pool/pool-settings.js";
import { poolSettings } from "../pool/pools/fake-world.js";
import { poolJob } from "./working-chain-port.js";

const SLICE_MS = 5000;
const HOUR_MS = 3_600_000;

class FakeSource extends TypedEmitter<PoolSetEvents> implements WorkSource {
  readonly submitted: ShareSubmission[] = [];
  network: Network | undefined = MAINNET;
  #quotas: Readonly<Record<string, number>>;

  constructor(quotas: Readonly<Record<string, number>>) {
    super();
    this.#quotas = quotas;
  }

  quotas(): readonly { readonly name: string; readonly quota: number }[] {
    return Object.entries(this.#quotas).map(([name, quota]) => ({ name, quota }));
  }

  setQuotas(quotas: Readonly<Record<string, number>>): void {
    this.#quotas = quotas;
    this.emit("quotas");
  }

  settingsOf(): PoolSettings | undefined {
    return this.network && poolSettings("a", { network: this.network });
  }

  submit(share: ShareSubmission): Promise<ShareOutcome> {
    this.submitted.push(share);
    return Promise.resolve({ result: "accepted" });
  }
}

class FakeTaker implements JobTaker {
  readonly got: string[] = [];
  /** Hashes by key of the job's pool, in TH. */
  readonly made = new Map<number, number>();
  nominalThs: number;
  job: PoolJob | undefined;
  readonly #clock: ManualClock;
  #sinceMs = 0;

  constructor(clock: ManualClock, nominalThs = 100) {
    this.#clock = clock;
    this.nominalThs = nominalThs;
  }

  takeJob(job: PoolJob, { urgent }: JobHandling): void {
    this.count();
    this.job = job;
    const marks = [...(urgent ? ["urgent"] : []), ...(job.clean ? ["clean"] : [])];
    this.got.push(["job", job.key, ...marks].join(" "));
  }

  dropJob(): void {
    this.count();
    this.job = undefined;
    this.got.push("drop");
  }

  count(): void {
    const nowMs = this.#clock.nowMs();
    const hashes = ((nowMs - this.#sinceMs) / 1000) * this.nominalThs;
    if (this.job !== undefined)
      this.made.set(this.job.poolKey, (this.made.get(this.job.poolKey) ?? 0) + hashes);
    this.#sinceMs = nowMs;
  }
}

describe("dispatcher", () => {
  let clock: ManualClock;
  let source: FakeSource;
  let dispatcher: Dispatcher;

  beforeEach(() => {
    clock = new ManualClock();
    build({ main: 1 });
  });

  afterEach(() => {
    dispatcher.stop();
  });

  function build(quotas: Readonly<Record<string, number>>, noPool: NoPoolPolicy = "stop"): void {
    source = new FakeSource(quotas);
    dispatcher = new Dispatcher({ source, clock, noPool });
  }

  function chains(...rates: readonly number[]): readonly FakeTaker[] {
    return rates.map((rate) => {
      const taker = new FakeTaker(clock, rate);
      dispatcher.add(taker);
      return taker;
    });
  }

  describe("with one group", () => {
    it("brings every job to every chain in the turn in which it comes", () => {
      const takers = chains(100, 100);
      source.emit("job", "main", poolJob(1), true);
      source.emit("job", "main", poolJob(2), false);
      for (const { got } of takers) deepEqual(got, ["job 1 urgent", "job 2"]);
    });

    it("says when the work before is worthless", () => {
      const [taker] = chains(100);
      source.emit("job", "main", poolJob(1), true);
      source.emit("job", "main", poolJob(2), true);
      deepEqual(taker!.got, ["job 1 urgent", "job 2 urgent"]);
    });

    it("gives a chain that comes later the running job", () => {
      source.emit("job", "main", poolJob(1), true);
      source.emit("job", "main", poolJob(2, { clean: true }), true);
      deepEqual(chains(100)[0]!.got, ["job 2 urgent clean"]);
    });

    it("takes the work away when there is no pool, and gives none to chains that come then", () => {
      const [early] = chains(100);
      source.emit("job", "main", poolJob(1), true);
      source.emit("idle", "main");
      const [late] = chains(100);
      source.emit("job", "main", poolJob(2), true);
      deepEqual(early!.got, ["job 1 urgent", "drop", "job 2 urgent"]);
      deepEqual(late!.got, ["job 2 urgent"]);
    });

    it("leaves the last work on the chips without a pool when they are to be kept warm", () => {
      build({ main: 1 }, "keepWarm");
      const [taker] = chains(100);
      source.emit("job", "main", poolJob(1), true);
      source.emit("idle", "main");
      deepEqual(taker!.got, ["job 1 urgent"]);
      source.emit("job", "main", poolJob(2), false);
      deepEqual(taker!.got, ["job 1 urgent", "job 2 urgent"]);
    });

    it("needs no timer", async () => {
      const [taker] = chains(100);
      source.emit("job", "main", poolJob(1), true);
      await clock.advance(HOUR_MS);
      deepEqual(taker!.got, ["job 1 urgent"]);
    });
  });

  describe("with several groups", () => {
    const A = poolJob(1, { poolKey: 1 });
    const B = poolJob(2, { poolKey: 2 });
    const C = poolJob(3, { poolKey: 3 });

    function bothWork(): void {
      source.emit("job", "a", A, true);
      source.emit("job", "b", B, true);
    }

    async function measure(takers: readonly FakeTaker[], ms: number): Promise<readonly number[]> {
      for (const taker of takers) {
        taker.count();
        taker.made.clear();
      }
      await clock.advance(ms);
      for (const taker of takers) taker.count();
      const made = [1, 2, 3].map((pool) =>
        takers.reduce((sum, taker) => sum + (taker.made.get(pool) ?? 0), 0),
      );
      const total = made.reduce((sum, hashes) => sum + hashes, 0);
      return made.map((hashes) => hashes / total);
    }

    const splits: readonly (readonly [string, readonly number[], readonly number[]])[] = [
      ["half and half over two chains", [1, 1], [100, 100]],
      ["half and half over three chains", [1, 1], [100, 100, 100]],
      ["half and half of one chain", [1, 1], [100]],
      ["one in a hundred of three chains", [99, 1], [100, 100, 100]],
      ["three groups, unequal chains", [0.7, 0.2, 0.1], [104, 97, 51]],
      ["three groups and one chain", [5, 3, 2], [120]],
      ["a third of chains of which one hashes", [1, 2], [0, 0, 80]],
    ];

    for (const [what, quotas, rates] of splits)
      it(`splits ${what} to within 1 % of an hour`, async () => {
        build(Object.fromEntries(quotas.map((quota, i) => [["a", "b", "c"][i]!, quota])));
        const takers = chains(...rates);
        bothWork();
        if (quotas.length > 2) source.emit("job", "c", C, true);
        const total = quotas.reduce((sum, quota) => sum + quota, 0);
        const parts = await measure(takers, HOUR_MS);
        for (const [i, quota] of quotas.entries())
          ok(Math.abs(parts[i]! - quota / total) < 0.01, `${parts.join(" ")} for ${what}`);
      });

    it("does not move chains about when they divide evenly", async () => {
      build({ a: 1, b: 1 });
      const takers = chains(100, 100);
      bothWork();
      const before = takers.map(({ got }) => got.length);
      await clock.advance(HOUR_MS);
      deepEqual(
        takers.map(({ got }) => got.length),
        before,
      );
    });

    it("brings a job to the chains of its group only", () => {
      build({ a: 1, b: 1 });
      const takers = chains(100, 100);
      bothWork();
      const ofA = takers.find(({ job }) => job?.poolKey === 1)!;
      const ofB = takers.find(({ job }) => job?.poolKey === 2)!;
      const before = [...ofB.got];
      source.emit("job", "a", poolJob(10, { poolKey: 1, clean: true }), true);
      equal(ofA.got.at(-1), "job 10 urgent clean");
      deepEqual(ofB.got, before);
    });

    it("moves a chain to another group without calling its work worthless", async () => {
      build({ a: 1, b: 1 });
      const [taker] = chains(100);
      bothWork();
      await clock.advance(3 * SLICE_MS);
      const moves = taker!.got.slice(1);
      ok(moves.length >= 2, moves.join());
      ok(
        moves.every((line) => !line.includes("urgent")),
        moves.join(),
      );
    });

    it("tells a chain of a clean job that it missed, once", async () => {
      build({ a: 1, b: 1 });
      const [taker] = chains(100);
      bothWork();
      while (taker!.job?.poolKey !== 2) await clock.advance(1000);
      source.emit("job", "a", poolJob(11, { poolKey: 1, clean: true }), true);
      source.emit("job", "a", poolJob(12, { poolKey: 1 }), false);
      await clock.advance(10 * SLICE_MS);
      const lines = taker!.got.filter((line) => line.startsWith("job 12"));
      equal(lines[0], "job 12 clean");
      ok(lines.length > 1 && lines.slice(1).every((line) => line === "job 12"), lines.join());
    });

    it("gives the part of a group without work to the others at once", () => {
      build({ a: 1, b: 1 });
      const takers = chains(100, 100);
      bothWork();
      source.emit("idle", "b");
      for (const { job } of takers) equal(job?.poolKey, 1);
      ok(takers.some(({ got }) => got.at(-1) === "job 1 urgent"));
      source.emit("job", "b", B, true);
      deepEqual(takers.map(({ job }) => job?.poolKey).sort(), [1, 2]);
    });

    it("does not make good what a group missed while it had no work", async () => {
      build({ a: 1, b: 1 });
      const takers = chains(100);
      bothWork();
      await clock.advance(HOUR_MS);
      source.emit("idle", "b");
      await clock.advance(HOUR_MS);
      source.emit("job", "b", B, true);
      const [, partOfB] = await measure(takers, 10 * SLICE_MS);
      ok(partOfB! <= 0.6, `${partOfB!} of the first slices`);
    });

    it("stops the chains when the last group has no work", () => {
      build({ a: 1, b: 1 });
      const takers = chains(100, 100);
      bothWork();
      source.emit("idle", "a");
      source.emit("idle", "b");
      for (const { got } of takers) equal(got.at(-1), "drop");
    });

    it("follows quotas and groups as they change", async () => {
      build({ a: 1, b: 1 });
      const takers = chains(100, 100);
      bothWork();
      source.setQuotas({ a: 3, b: 1 });
      const [partOfA] = await measure(takers, HOUR_MS);
      ok(Math.abs(partOfA! - 0.75) < 0.01, `${partOfA!}`);
      source.setQuotas({ b: 1 });
      for (const { job } of takers) equal(job?.poolKey, 2);
      source.emit("job", "a", A, true);
      for (const { job } of takers) equal(job?.poolKey, 2);
    });

    it("goes by what chains make at the time", async () => {
      build({ a: 1, b: 1 });
      const takers = chains(100, 100, 100);
      bothWork();
      takers[0]!.nominalThs = 0;
      takers[1]!.nominalThs = 50;
      await clock.advance(10 * SLICE_MS);
      const [partOfA] = await measure(takers, HOUR_MS);
      ok(Math.abs(partOfA! - 0.5) < 0.01, `${partOfA!}`);
    });

    it("hands out nothing after its stop", async () => {
      build({ a: 1, b: 1 });
      const [taker] = chains(100);
      bothWork();
      dispatcher.stop();
      const before = [...taker!.got];
      source.emit("job", "a", poolJob(20), true);
      await clock.advance(10 * SLICE_MS);
      deepEqual(taker!.got, before);
    });
  });

  describe("shares", () => {
    it("submits what meets the job's target and nothing else", () => {
      dispatcher.judge(NONCE_VERDICTS.map((verdict, index) => nonce(index, verdict)));
      deepEqual(
        source.submitted.map((share) => share.nonce),
        [NONCE_VERDICTS.indexOf("share")],
      );
    });

    it("submits job, session, extranonce2, time, nonce and the whole version as they were found", () => {
      const found = nonce(77, "share");
      dispatcher.judge([found]);
      const { difficulty, ...share } = source.submitted[0]!;
      const { jobKey, poolKey, sessionKey, extranonce2, ntime, version } = found;
      deepEqual(share, { jobKey, poolKey, sessionKey, extranonce2, ntime, version, nonce: 77 });
      equal(difficulty, 2);
    });

    it("states the difficulty as the network of the job's pool counts it", () => {
      source.network = virtualNetwork(28);
      dispatcher.judge([nonce(1, "share")]);
      equal(source.submitted[0]?.difficulty, 2 * 2 ** 28);
    });

    it("leaves it to the pools to drop a share that nobody knows", () => {
      source.network = undefined;
      dispatcher.judge([nonce(1, "share")]);
      equal(source.submitted.length, 1);
      equal(source.submitted[0]?.difficulty, undefined);
    });
  });

  /** A hash of difficulty 2 on the main network. */
  function nonce(number: number, verdict: NonceRecord["verdict"]): NonceRecord {
    return {
      ...{ verdict, nonce: number, jobKey: 5, poolKey: 1, sessionKey: 3 },
      ...{ chipIndex: 0, core: 0, atUs: 0 },
      ...{ version: 0x2abc_e000, ntime: 1_700_000_001, extranonce2: Uint8Array.of(0, 7) },
      hashLe: targetToLe(MAINNET.difficulty1Target / 2n),
    };
  }
});
