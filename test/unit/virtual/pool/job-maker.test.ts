import { deepEqual, equal, notDeepEqual, notEqual, ok, throws } from "node:assert/strict";
import { JobMaker, type JobMakerOptions } from "../../../../src/virtual/pool/job-maker.js";
import type { JobTemplate } from "../../../../src/virtual/pool/job-template.js";
import { SeededRandom } from "../../../../src/virtual/pool/seeded-random.js";
import { settingsOf } from "../../../../src/virtual/pool/settings.js";

const NOW_S = 1_700_000_000;

const OPTIONS = {
  extranonceSize: 12,
  merkleBranches: "random",
  payouts: "random",
  nbits: 0x17023a04,
  startUnixS: NOW_S,
  lagBlocks: 0,
} as const;

function makeJobs(count: number, options: Partial<JobMakerOptions> = {}): JobTemplate[] {
  const maker = new JobMaker({ ...OPTIONS, ...options }, new SeededRandom("jobs"));
  return Array.from({ length: count }, () => maker.makeJob(NOW_S, false));
}

interface Transaction {
  readonly script: Buffer;
  readonly outputs: readonly { readonly valueSat: number; readonly script: string }[];
}

/** Reads a coinbase transaction without witness data, and every byte of it. */
function parseCoinbase(bytes: Buffer): Transaction {
  let at = 0;
  const take = (count: number): Buffer => {
    ok(at + count <= bytes.length);
    at += count;
    return bytes.subarray(at - count, at);
  };
  const compactSize = (): number => {
    const first = take(1).readUInt8();
    return first < 0xfd ? first : take(2).readUInt16LE();
  };
  equal(take(5).toString("hex"), "0200000001");
  equal(take(36).toString("hex"), "00".repeat(32) + "ff".repeat(4));
  const script = take(compactSize());
  equal(take(4).toString("hex"), "ffffffff");
  const outputs = Array.from({ length: compactSize() }, () => ({
    valueSat: Number(take(8).readBigUInt64LE()),
    script: take(compactSize()).toString("hex"),
  }));
  equal(take(4).toString("hex"), "00000000");
  equal(at, bytes.length);
  return { script, outputs };
}

const assemble = (job: JobTemplate, extranonceSize: number): Buffer =>
  Buffer.concat([job.coinb1, Buffer.alloc(extranonceSize, 0x55), job.coinb2]);

describe("jobs of the test pool", () => {
  it("have a coinbase that is a whole transaction with height, tag and witness commitment", () => {
    for (const job of makeJobs(100)) {
      const { script, outputs } = parseCoinbase(assemble(job, 12));
      ok(script.length <= 100);
      equal(script.subarray(0, 4).toString("hex"), "03a0bb0d");
      ok(script.includes("/Headframe test pool"));
      ok(script.includes(Buffer.concat([Buffer.from([12]), Buffer.alloc(12, 0x55)])));
      const payouts = outputs.filter(({ valueSat }) => valueSat > 0);
      ok(payouts.length >= 1 && payouts.length <= 3);
      const totalSat = payouts.reduce((sum, { valueSat }) => sum + valueSat, 0);
      ok(totalSat >= 312_500_000 && totalSat <= 332_500_000);
      ok(outputs.at(-1)?.script.startsWith("6a24aa21a9ed"));
      equal(outputs.at(-1)?.script.length, 2 * 38);
    }
  });

  it("vary in branches, size of the coinbase and place of the extranonces", () => {
    const jobs = makeJobs(400);
    deepEqual(
      [...new Set(jobs.map((job) => job.merkleBranches.length))].sort((a, b) => a - b),
      Array.from({ length: 15 }, (_, count) => count),
    );
    ok(new Set(jobs.map((job) => job.coinb1.length)).size >= 9);
    ok(new Set(jobs.map((job) => job.coinb2.length)).size >= 30);
    equal(new Set(jobs.map((job) => job.id)).size, jobs.length);
    equal(new Set(jobs.map((job) => Buffer.from(job.coinb1).toString("hex"))).size, jobs.length);
  });

  it("can have a coinbase as long as that of a pool that pays hundreds", () => {
    const [job] = makeJobs(1, { payouts: 500, merkleBranches: 0, extranonceSize: 32 });
    ok(job !== undefined);
    equal(job.merkleBranches.length, 0);
    const { outputs } = parseCoinbase(assemble(job, 32));
    equal(outputs.filter(({ valueSat }) => valueSat > 0).length, 500);
    ok(job.coinb2.length > 10_000);
  });

  it("build on another block after one was found", () => {
    const maker = new JobMaker(OPTIONS, new SeededRandom("jobs"));
    const before = maker.makeJob(NOW_S, false);
    maker.advanceBlock();
    const after = maker.makeJob(NOW_S + 5, true);
    notDeepEqual(after.prevhash, before.prevhash);
    deepEqual(after.prevhash.slice(22), new Uint8Array(10));
    const { script } = parseCoinbase(assemble(after, 12));
    equal(script.subarray(0, 4).toString("hex"), "03a1bb0d");
    deepEqual([after.ntime, after.clean, after.version], [NOW_S + 5, true, 0x20000000]);
  });

  it("are the same again with the same seed", () => {
    deepEqual(makeJobs(5), makeJobs(5));
    const one = settingsOf({ difficulty1Target: 1n, seed: "a" });
    const two = settingsOf({ difficulty1Target: 1n, seed: "a" });
    deepEqual(one.firstExtranonce1, two.firstExtranonce1);
    equal(one.extranonce2Size, two.extranonce2Size);
    notEqual(
      settingsOf({ difficulty1Target: 1n }).seed,
      settingsOf({ difficulty1Target: 1n }).seed,
    );
  });

  for (const options of [
    { extranonce1Size: 0 },
    { extranonce1Size: 17 },
    { extranonce2Size: 17 },
    { extranonce2Size: 1.5 },
    { firstExtranonce1: "xy" },
    { firstExtranonce1: "" },
    { merkleBranches: -1 },
    { payouts: 0 },
    { startDifficulty: 0 },
    { startDifficulty: 2 },
    { vardiff: { sharesPerMinute: 10, retargetIntervalS: 30, min: 0, max: 1 } },
    { vardiff: { sharesPerMinute: 0, retargetIntervalS: 30, min: 0.1, max: 1 } },
    { vardiff: { sharesPerMinute: 10, retargetIntervalS: 30, min: 1, max: 0.5 } },
  ])
    it(`are refused with ${JSON.stringify(options)}`, () => {
      throws(() => settingsOf({ difficulty1Target: 1n, ...options }), RangeError);
    });
});
