import { deepEqual, equal, ok } from "node:assert/strict";
import { MAINNET } from "../../../src/bitcoin/network.js";
import { ticketTarget } from "../../../src/bitcoin/target.js";
import type { NonceRecord, NonceVerdict } from "../../../src/hal/chain-port.js";
import { ManualClock } from "../../../src/lib/clock.js";
import type { MinerError } from "../../../src/lib/errors.js";
import { CreditWatch } from "../../../src/mining/credit-watch.js";
import { JobMemory } from "../../../src/mining/job-memory.js";
import type { ShareOutcome } from "../../../src/pool/pool-client.js";
import { poolJob } from "./working-chain-port.js";

const TICKET = 256;
const ACCEPTED: ShareOutcome = { result: "accepted" };
const REFUSED: ShareOutcome = { result: "rejected", reason: "other", text: "" };

/** Difficulty 1024: every fourth nonce at the ticket is a share. */
const job = (key: number): ReturnType<typeof poolJob> =>
  poolJob(key, { target: ticketTarget(4 * TICKET, MAINNET), difficulty: 4 * TICKET });

describe("credit watch", () => {
  let clock: ManualClock;
  let alarms: MinerError[];
  let watch: CreditWatch;
  let jobs: JobMemory;

  beforeEach(() => {
    clock = new ManualClock();
    alarms = [];
    jobs = new JobMemory(MAINNET);
    watch = new CreditWatch({
      ...{ clock, jobs, chips: [2, 2] },
      onAlarm: (error) => alarms.push(error),
    });
    jobs.note("first", job(1));
    jobs.note("second", job(2));
    watch.start();
  });

  function find(jobKey: number, verdict: NonceVerdict, chain = 0, chipIndex = 0): void {
    watch.countNonces(chain, [{ verdict, jobKey, chipIndex } as NonceRecord], TICKET);
  }

  /** Four nonces, the last a share that ends as `outcome`; one such round each 3 s. */
  async function mine(
    rounds: number,
    jobKey: number,
    outcome: (round: number) => ShareOutcome,
  ): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      for (let nonce = 0; nonce < 3; nonce++) find(jobKey, "belowTarget", round % 2, round % 2);
      find(jobKey, "share", round % 2, round % 2);
      watch.countShare(jobKey === 1 ? "first" : "second", outcome(round), 4 * TICKET);
      await clock.advance(3000);
    }
  }

  it("shows what a pool credits beside what was worked for it", async () => {
    await mine(1200, 1, () => ACCEPTED);
    const [first] = watch.snapshot();
    const { verified, credited } = first!;
    const ths = (4 * TICKET * 2 ** 32) / 3 / 1e12;
    isNear(verified["15m"].ths, ths);
    isNear(credited["15m"].ths, ths);
    isNear(verified["15m"].uncertaintyThs, ths / Math.sqrt(1200));
    isNear(credited["15m"].uncertaintyThs, ths / Math.sqrt(300));
    deepEqual(alarms, []);
  });

  it("names the pool that refuses half, and no other", async () => {
    await mine(200, 2, () => ACCEPTED);
    await mine(100, 1, (round) => (round % 2 === 0 ? REFUSED : ACCEPTED));
    await mine(200, 2, () => ACCEPTED);
    deepEqual(
      alarms.map(({ code, context }) => [code, context["pool"]]),
      [["CREDIT_SHARES_REFUSED", "first"]],
    );
    const { minutes, promised, seen } = alarms[0]!.context;
    ok(Number(minutes) <= 2, "within two minutes");
    equal(seen, Number(promised) / 2);
    const [second, first] = watch.snapshot();
    deepEqual(second!.alarms, []);
    equal(first!.alarms[0]?.code, "CREDIT_SHARES_REFUSED");
  });

  it("takes shares that are never answered for refused ones", async () => {
    await mine(100, 1, (round) => (round % 2 === 0 ? { result: "lost" } : ACCEPTED));
    deepEqual(
      alarms.map(({ code }) => code),
      ["CREDIT_SHARES_REFUSED"],
    );
  });

  it("names the chain, the chip and the pool whose nonces hold too few shares", async () => {
    for (let minute = 0; minute < 60; minute++) {
      for (let nonce = 0; nonce < 20; nonce++) {
        find(1, nonce % 4 === 0 ? "share" : "belowTarget", 0, (nonce >> 2) % 2);
        find(1, "belowTarget", 1, 1); // never a share
      }
      await clock.advance(60_000);
    }
    const named = alarms.map(({ code, context: { pool, chain, chip } }) => [
      code,
      pool,
      chain,
      chip,
    ]);
    deepEqual(named, [
      ["CREDIT_SHARES_MISSING", undefined, 1, undefined],
      ["CREDIT_SHARES_MISSING", undefined, 1, 1],
      ["CREDIT_SHARES_MISSING", "first", undefined, undefined],
    ]);
  });

  it("asks a pool for nothing that was not sent to it", async () => {
    const dropped: ShareOutcome = { result: "dropped", reason: "stale-job" };
    await mine(400, 1, (round) => (round % 2 === 0 ? dropped : ACCEPTED));
    deepEqual(alarms, []);
  });

  it("takes refusals within a second for one: a block or a broken connection makes several", async () => {
    for (let hour = 0; hour < 24; hour++) {
      await mine(200, 1, () => ACCEPTED);
      for (let share = 0; share < 10; share++) watch.countShare("first", { result: "lost" }, 1024);
    }
    deepEqual(alarms, []);
  });

  it("leaves out nonces that nobody compared with the job's target, and of unknown jobs", async () => {
    for (let minute = 0; minute < 100; minute++) {
      for (let nonce = 0; nonce < 100; nonce++) {
        find(1, "stale");
        find(99, "belowTarget");
      }
      await clock.advance(60_000);
    }
    deepEqual(alarms, []);
    equal(watch.snapshot().length, 0);
  });

  it("counts no work for a pool that has none", async () => {
    await mine(10, 1, () => ACCEPTED);
    watch.setWorking("first", false);
    await mine(100, 1, () => ({ result: "dropped", reason: "not-connected" }));
    const [first] = watch.snapshot();
    isNear(first!.verified["24h"].ths, first!.credited["24h"].ths);
    watch.setWorking("first", true);
    find(1, "belowTarget");
    ok(watch.snapshot()[0]!.verified["24h"].ths > first!.verified["24h"].ths);
  });

  it("looks no more after a stop", async () => {
    watch.stop();
    await mine(300, 1, () => REFUSED);
    deepEqual(alarms, []);
  });
});

function isNear(value: number, wanted: number): void {
  ok(Math.abs(value - wanted) < 0.02 * wanted, `${value} is not ${wanted}`);
}
