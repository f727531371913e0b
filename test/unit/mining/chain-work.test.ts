import { deepEqual, equal, ok } from "node:assert/strict";
import type { ChainSettings } from "../../../src/asic/bring-up/steps.js";
import type { RunningChain } from "../../../src/asic/chain/running-chain.js";
import { MAINNET } from "../../../src/bitcoin/network.js";
import { ticketTarget } from "../../../src/bitcoin/target.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { ChainWork } from "../../../src/mining/chain-work.js";
import { bringUpOn, chipsOf } from "../asic/rig.js";
import { poolJob, settle, targetHex, WorkingChainPort } from "./working-chain-port.js";

/** Writes of ticket mask and version mask are not acknowledged and therefore repeated. */
const TICKET_16 = Array.from({ length: 3 }, () => "write all 14 f0");
const TICKET_256 = Array.from({ length: 3 }, () => "write all 14 ff");
const NARROW = Array.from({ length: 3 }, () => "write all a4 900007ff");

const EASY = poolJob(2, { target: ticketTarget(16, MAINNET) });
const NARROW_JOB = poolJob(3, { versionMask: 0x00ff_e000 });

describe("work of a chain", () => {
  let clock: ManualClock;
  let port: WorkingChainPort;
  let chain: RunningChain;
  let failures: unknown[];

  beforeEach(async () => {
    clock = new ManualClock();
    port = new WorkingChainPort({ chips: chipsOf(12) });
    const settings: Partial<ChainSettings> = { freqMHz: 540, ticketDifficulty: 256 };
    chain = await bringUpOn(port, settings);
    failures = [];
  });

  /** A chain that has its first job; the log begins after it. */
  async function begun(job = poolJob(1)): Promise<ChainWork> {
    const work = make();
    await work.begin(job);
    port.log.length = 0;
    return work;
  }

  function make(isTicketAutomatic = false): ChainWork {
    return new ChainWork({
      ...{ port, chain, ticketDifficulty: 256, isTicketAutomatic, network: MAINNET, clock },
      onFailure: (error) => failures.push(error),
    });
  }

  it("says how work is made before the first job goes down", async () => {
    port.log.length = 0;
    await make().begin(poolJob(1));
    const first = port.log.findIndex((line) => line.startsWith("job"));
    ok(port.log.slice(0, first).some((line) => line.startsWith("work every")));
    const { jobIntervalMs, ticketTargetLe } = port.works.at(-1)!;
    equal(jobIntervalMs, chain.jobTiming.intervalMs);
    equal(targetHex(ticketTargetLe), ticketTarget(256, MAINNET).toString(16));
  });

  it("hands a job down in the turn in which it comes", async () => {
    const work = await begun();
    work.takeJob(poolJob(2));
    work.takeJob(poolJob(3, { clean: true }));
    deepEqual(port.log, ["job 2", "job 3 clean"]);
  });

  it("hands all of a job down", async () => {
    const work = await begun();
    const job = poolJob(2, { clean: true });
    work.takeJob(job);
    const { shareTargetLe, jobKey, urgent, ...template } = port.jobs.at(-1)!;
    equal(jobKey, 2);
    equal(urgent, false);
    equal(targetHex(shareTargetLe), job.target.toString(16));
    for (const [name, value] of Object.entries(template))
      deepEqual(value, job[name as keyof typeof job], name);
  });

  it("lets the chips report more before a job that needs it", async () => {
    const work = await begun();
    work.takeJob(EASY);
    equal(work.ticketDifficulty, 256, "until the chips know");
    await settle();
    equal(work.ticketDifficulty, 16);
    deepEqual(withoutWork(), [...TICKET_16, "job 2"]);
    equal(lastLimit(), ticketTarget(16, MAINNET).toString(16));
  });

  it("takes what chips report by the new limit for good while they learn it", async () => {
    const work = await begun();
    work.takeJob(EASY);
    equal(lastLimit(), ticketTarget(16, MAINNET).toString(16));
    deepEqual(withoutWork(), [TICKET_16[0]]);
  });

  it("lets the chips report less again two minutes after the last job that needed more, behind the job", async () => {
    const work = await begun();
    work.takeJob(EASY);
    await settle();
    port.log.length = 0;
    for (let key = 3; key < 14; key++) {
      // Pools take turns.
      work.takeJob(poolJob(key, { ...(key < 6 && key % 2 === 0 && { target: EASY.target }) }));
      await clock.advance(14_000);
    }
    equal(work.ticketDifficulty, 16);
    equal(withoutWork().length, 11, "jobs alone");
    work.takeJob(poolJob(14));
    equal(withoutWork().at(-2), "job 14");
    equal(withoutWork().at(-1), TICKET_256[0]);
    equal(work.ticketDifficulty, 256, "counts only what every chip reports");
    equal(lastLimit(), ticketTarget(16, MAINNET).toString(16), "until the chips know");
    await settle();
    equal(withoutWork().length, 15);
    equal(lastLimit(), ticketTarget(256, MAINNET).toString(16));
  });

  it("hands a job down while the chips learn to report less, and waits if it needs more", async () => {
    const work = await begun();
    work.takeJob(EASY);
    await settle();
    work.takeJob(poolJob(3));
    await clock.advance(120_000);
    port.log.length = 0;
    work.takeJob(poolJob(4));
    work.takeJob(poolJob(5));
    deepEqual(withoutWork(), ["job 4", TICKET_256[0], "job 5"]);
    work.takeJob({ ...EASY, key: 6 });
    equal(withoutWork().at(-1), "job 5");
    await settle();
    deepEqual(withoutWork().slice(3), [...TICKET_256.slice(1), ...TICKET_16, "job 6"]);
  });

  it("chooses by the hash rate when nothing is configured", async () => {
    const work = make(true);
    await work.begin(poolJob(1));
    const noncesPerS = (chain.expectedThs * 1e12) / 2 ** 32 / work.ticketDifficulty;
    ok(noncesPerS > 25 && noncesPerS <= 50, noncesPerS.toFixed(1));
  });

  it("never asks for more than difficulty 1, whatever the pool wants", async () => {
    const work = await begun();
    work.takeJob(poolJob(2, { target: (1n << 256n) - 1n }));
    await settle();
    equal(work.ticketDifficulty, 1);
    equal(port.log.at(-1), "job 2");
  });

  it("teaches the chips a narrower version mask, and sends work more often then", async () => {
    const work = await begun();
    const full = port.works.at(-1)!.jobIntervalMs;
    work.takeJob(NARROW_JOB);
    await settle();
    deepEqual(withoutWork(), [...NARROW, "job 3"]);
    ok(port.works.at(-1)!.jobIntervalMs < full);
  });

  it("begins with what the first job needs", async () => {
    const work = make();
    await work.begin(poolJob(1, { target: EASY.target, versionMask: NARROW_JOB.versionMask }));
    equal(work.ticketDifficulty, 16);
    deepEqual(port.log.filter((line) => line === NARROW[0]).length % 3, 0);
    const first = port.log.indexOf("job 1");
    ok(port.log.indexOf(NARROW[0]!) < first && port.log.indexOf(TICKET_16[0]!) < first);
    // The captured sequences end with the whole mask, so it is narrowed again.
    ok(port.log.lastIndexOf(NARROW[0]!) > first);
  });

  it("hands down only the last of the jobs that came while the chips learned, clean if one was", async () => {
    const work = await begun();
    work.takeJob(EASY);
    work.takeJob(poolJob(3, { target: EASY.target, clean: true }));
    work.takeJob(poolJob(4, { target: EASY.target }));
    await settle();
    deepEqual(withoutWork(), [...TICKET_16, "job 4 clean"]);
    work.takeJob(poolJob(5, { target: EASY.target }));
    equal(port.log.at(-1), "job 5");
  });

  it("learns once more when the last of them needs something else again", async () => {
    const work = await begun();
    work.takeJob(EASY);
    work.takeJob(NARROW_JOB);
    await settle();
    equal(port.log.at(-1), "job 3");
    ok(port.log.includes(NARROW[0]!));
    equal(port.jobs.length, 2);
  });

  it("hands nothing down when the pool went away while the chips learned", async () => {
    const work = await begun();
    work.takeJob(EASY);
    work.dropJob();
    await settle();
    deepEqual(withoutWork(), ["write all 14 f0", "stop", ...TICKET_16.slice(1)]);
    work.takeJob(poolJob(7, { target: EASY.target }));
    equal(port.log.at(-1), "job 7");
  });

  it("stops work when there is no pool", async () => {
    const work = await begun();
    work.dropJob();
    deepEqual(port.log, ["stop"]);
  });

  it("reports a change that the wire did not take, and hands no job down then", async () => {
    const work = await begun();
    const error = new Error("the wire is gone");
    port.writeError = error;
    work.takeJob(EASY);
    await settle();
    deepEqual(failures, [error]);
    deepEqual(withoutWork(), []);
  });

  it("sends work at once when the mask changes, for the chips roll the running work by it", async () => {
    const work = await begun();
    work.takeJob(NARROW_JOB);
    await settle();
    work.takeJob(poolJob(4, { versionMask: NARROW_JOB.versionMask }));
    deepEqual(
      port.jobs.slice(-2).map(({ urgent }) => urgent),
      [true, false],
    );
  });

  it("keeps urgency for the job that goes down in the end", async () => {
    const work = await begun();
    work.takeJob(EASY, { urgent: true });
    work.takeJob({ ...EASY, key: 3 }, { urgent: false });
    await settle();
    work.takeJob({ ...EASY, key: 4 }, { urgent: false });
    work.takeJob({ ...EASY, key: 5 }, { urgent: true });
    deepEqual(
      port.jobs.slice(-3).map(({ jobKey, urgent }) => [jobKey, urgent]),
      [
        [3, true],
        [4, false],
        [5, true],
      ],
    );
  });

  it("withdraws a pool's work once, however often pools take turns", async () => {
    const work = await begun();
    const first = poolJob(2, { poolKey: 1, clean: true });
    const second = poolJob(3, { poolKey: 2, clean: true });
    for (const job of [first, second, first, second]) work.takeJob(job);
    work.takeJob(poolJob(4, { poolKey: 1, clean: true }));
    deepEqual(port.log, ["job 2 clean", "job 3 clean", "job 2", "job 3", "job 4 clean"]);
  });

  it("does not withdraw another pool's work for a clean job that was passed over", async () => {
    const work = await begun();
    work.takeJob(poolJob(3, { poolKey: 1, target: EASY.target, clean: true }));
    work.takeJob(poolJob(4, { poolKey: 2, target: EASY.target }));
    await settle();
    work.takeJob(poolJob(5, { poolKey: 1, target: EASY.target }));
    deepEqual(withoutWork().slice(3), ["job 4", "job 5 clean"]);
  });

  it("hands the same job down again after there was no pool", async () => {
    const work = await begun();
    work.takeJob(poolJob(2));
    work.dropJob();
    work.takeJob({ ...EASY, key: 2 });
    await settle();
    equal(port.log.at(-1), "job 2");
  });

  function lastLimit(): string {
    return targetHex(port.works.at(-1)!.ticketTargetLe);
  }

  function withoutWork(): string[] {
    return port.log.filter((line) => !line.startsWith("work every"));
  }
});
