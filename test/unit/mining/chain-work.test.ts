import { deepEqual, equal, ok } from "node:assert/strict";
import type { ChainSettings } from "../../../src/asic/bring-up/steps.js";
import type { RunningChain } from "../../../src/asic/chain/running-chain.js";
import { MAINNET } from "../../../src/bitcoin/network.js";
import { ticketTarget } from "../../../src/bitcoin/target.js";
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
  let port: WorkingChainPort;
  let chain: RunningChain;
  let failures: unknown[];

  beforeEach(async () => {
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

  function make(): ChainWork {
    return new ChainWork({
      ...{ port, chain, ticketDifficulty: 256, network: MAINNET },
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

  it("lets the chips report more before a job that needs it, and less when the next does not", async () => {
    const work = await begun();
    work.takeJob(EASY);
    equal(work.ticketDifficulty, 256, "until the chips know");
    await settle();
    equal(work.ticketDifficulty, 16);
    deepEqual(withoutWork(), [...TICKET_16, "job 2"]);
    equal(targetHex(port.works.at(-1)!.ticketTargetLe), ticketTarget(16, MAINNET).toString(16));
    work.takeJob(poolJob(3));
    await settle();
    deepEqual(withoutWork().slice(4), [...TICKET_256, "job 3"]);
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
    equal(work.ticketDifficulty, 256);
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

  function withoutWork(): string[] {
    return port.log.filter((line) => !line.startsWith("work every"));
  }
});
