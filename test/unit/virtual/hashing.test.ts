import { deepEqual, equal, ok } from "node:assert/strict";
import { chipFamily, VIRTUAL_CHIPS } from "../../../src/virtual/chip/families.js";
import {
  answeredHeader,
  command,
  jobFrame,
  leadingZeroBits,
  PLL_600_MHZ,
  Rig,
  searchNothing,
  sha256d,
  write,
  type Answer,
} from "./rig.js";

const SPAN = 2 ** 25;
/** 0x115A counts at 600 MHz: 213,216 counters, inside a slice of 2^18. */
const HCN = 0x115a;

const nonces = (rig: Rig): Answer[] => rig.answers().filter(({ isNonce }) => isNonce);
const pointOf = ({ word, versionField }: Answer): string =>
  `${word.toString(16)}:${String(versionField)}`;

describe("virtual chain, nonces", () => {
  for (const chip of VIRTUAL_CHIPS) {
    it(`reports only real nonces of a ${chip}, where the chip may find them`, () => {
      const { cores, subCores, subCoreBits, excessSteps } = chipFamily(chip);
      const rig = new Rig({ chip }).bringUp({ addresses: [0, 2, 4], hashCountingNumber: HCN });
      const job = jobFrame(0x48);
      const found = nonces(rig.send(job).run(300));
      ok(found.length > 50, String(found.length));
      for (const answer of found) {
        const zeroBits = leadingZeroBits(sha256d(answeredHeader(job, answer)));
        ok(zeroBits >= 4);
        equal(excessSteps === 1 ? answer.byte6 : answer.byte6 >> 1, zeroBits - 4);
        ok(answer.word >>> 25 < cores);
        const counter = answer.word & (SPAN - 1);
        ok([0, 2, 4].includes((counter >>> 17) & ~1));
        ok((counter & (2 ** 18 - 1)) < HCN * 48);
        equal(answer.versionField % subCores, answer.byte7 & (2 ** subCoreBits - 1));
        equal(subCoreBits === 3 ? answer.byte7 & 0xf8 : (answer.byte7 & 0xf0) >> 1, 0x48);
      }
    });
  }

  it("finds a nonce exactly when the sweep meets it", () => {
    const rig = new Rig({ chips: 1 }).bringUp({ addresses: [6], hashCountingNumber: HCN });
    rig.send(jobFrame(0));
    const startMs = rig.nowMs - 0.001;
    const found = nonces(rig.run(100, 1));
    ok(found.length > 5);
    for (const { atMs, word, versionField } of found) {
      const counter = (word & (SPAN - 1)) - (6 << 17);
      const metMs = startMs + Math.floor(versionField / 8) * HCN * 80e-6 + counter / 600_000;
      const lateMs = atMs - metMs;
      // Hashed in stretches of 5 ms and delivered in steps of 1 ms.
      ok(lateMs >= 0 && lateMs < 7, String(lateMs));
    }
  });

  it("asks 8 more zero bits of a hash with ticket mask 255", () => {
    const rig = new Rig({ networkShift: 30 });
    rig.bringUp({ addresses: [0, 2, 4], hashCountingNumber: HCN, ticketMask: 0xff });
    const job = jobFrame(0);
    const found = nonces(rig.send(job).run(2000));
    ok(found.length > 0);
    for (const answer of found)
      ok(leadingZeroBits(sha256d(answeredHeader(job, answer))) >= 32 - 30 + 8);
  });

  it("gives the same nonces for the same job, and others for another", () => {
    const rig = new Rig().bringUp({ addresses: [0, 2, 4], hashCountingNumber: HCN });
    const findings = [jobFrame(0, 1), jobFrame(8, 1), jobFrame(0, 2)].map((job) => {
      const found = nonces(rig.send(job).run(100)).map(pointOf);
      rig.send(jobFrame(0x70, 9)).run(20);
      rig.received.length = 0;
      return found.slice(0, 10);
    });
    deepEqual(findings[0], findings[1]);
    ok(findings[0]?.every((point) => findings[2]?.includes(point) === false));
  });

  it("repeats itself exactly after the versions that the mask allows", () => {
    const rolling = 0x9000_00f0;
    const rig = new Rig({ chips: 1 }).bringUp({ addresses: [0], hashCountingNumber: HCN, rolling });
    rig.send(jobFrame(0));
    const epochMs = 2 * HCN * 80e-6;
    const found = nonces(rig.run(400 * epochMs, 1));
    const points = new Map<string, number>();
    for (const answer of found) points.set(pointOf(answer), (points.get(pointOf(answer)) ?? 0) + 1);
    for (const { versionField } of found) equal(versionField & ~0xf0, 0);
    // The last stretch of 5 ms, seven epochs, is not hashed yet.
    for (const count of points.values()) ok(count >= 392 && count <= 400, String(count));
  });

  it("finds nonces twice where the windows of two chips overlap", () => {
    const duplicates = (addresses: readonly number[]): number => {
      const rig = new Rig({ chips: 2 }).bringUp({ addresses, hashCountingNumber: HCN });
      const found = nonces(rig.send(jobFrame(0)).run(300)).map(pointOf);
      ok(found.length > 40);
      return found.length - new Set(found).size;
    };
    equal(duplicates([0, 2]), 0);
    ok(duplicates([0, 1]) > 10);
  });

  it("moves the sweep of a BM1370 by its nonce offset", () => {
    const rig = new Rig({ chip: "BM1370", chips: 1 });
    rig.bringUp({ addresses: [0], hashCountingNumber: HCN }).send(write(0x0c, 0x8000_03f1));
    const found = nonces(rig.send(jobFrame(0)).run(100));
    ok(found.length > 0);
    for (const { word } of found) {
      const counter = word & (SPAN - 1);
      ok(counter >= 0x7e200 && counter < 0x7e200 + HCN * 48);
    }
  });

  it("wraps a sweep that runs over the end of the counter", () => {
    const rig = new Rig({ chips: 1 }).bringUp({ addresses: [255], hashCountingNumber: HCN });
    const counters = nonces(rig.send(jobFrame(0)).run(400)).map(({ word }) => word & (SPAN - 1));
    ok(counters.some((counter) => counter >= 255 * 2 ** 17));
    ok(counters.some((counter) => counter < HCN * 48 - 2 ** 17));
  });

  it("reports only the core groups of a BM1370 that are enabled", () => {
    const rig = new Rig({ chip: "BM1370", chips: 1 });
    rig.bringUp({ addresses: [0], hashCountingNumber: HCN }).send(write(0x18, 0x2000_c100));
    const found = nonces(rig.send(jobFrame(0)).run(200));
    ok(found.length > 10);
    for (const { word } of found) equal(word >>> 30, 0b01);
  });

  it("stops at a hash counting number of zero, and without enabled cores", () => {
    const rig = new Rig().bringUp({ addresses: [0, 2, 4], hashCountingNumber: HCN });
    rig.send(write(0x10, 0), jobFrame(0)).run(100);
    equal(nonces(rig).length, 0);
    rig.send(write(0x10, HCN), write(0x3c, 0x8000_8200)).run(100);
    equal(nonces(rig).length, 0);
  });
});

describe("virtual chain, hash rate", () => {
  const cases = [
    { chip: "BM1366", chips: 7, hashCountingNumber: HCN, why: "a window inside the slice" },
    { chip: "BM1362", chips: 3, hashCountingNumber: 699_050, why: "one chip's whole counter" },
    { chip: "BM1370", chips: 2, hashCountingNumber: 2_000_000, why: "more than the counter has" },
  ] as const;
  for (const { chip, chips, hashCountingNumber, why } of cases) {
    it(`of a ${chip} is hash units times clock within 1 % with ${why}`, () => {
      const rig = new Rig({ chip, chips, search: searchNothing });
      const addresses = Array.from({ length: chips }, (_, index) => index * 2);
      rig.bringUp({ addresses, hashCountingNumber, pll: PLL_600_MHZ }).send(jobFrame(0));
      const before = rig.chain.state().hashedHeaders;
      rig.run(5000, 50);
      const hashedHs = ((rig.chain.state().hashedHeaders - before) * 2 ** 28) / 5;
      const expectedHs = chips * chipFamily(chip).hashUnits * 600e6;
      ok(Math.abs(hashedHs / expectedHs - 1) < 0.01, String(hashedHs / expectedHs));
      equal(Math.round(rig.chain.state().hashrateThs * 1e12), Math.round(expectedHs));
    });
  }

  it("shows in the counters of the chip", () => {
    const rig = new Rig({ chips: 1, search: searchNothing });
    rig
      .bringUp({ addresses: [0], hashCountingNumber: HCN })
      .send(jobFrame(0))
      .run(10_000, 50);
    const total = rig
      .send(command(0x42, 0, 0x8c))
      .run(1)
      .answers()[0];
    const domain = rig
      .send(command(0x42, 0, 0x88))
      .run(1)
      .answers()[0];
    const expected = (894 * 600e6 * 10) / 2 ** 32;
    ok(Math.abs((total?.word ?? 0) - expected) <= 2, String(total?.word));
    ok(Math.abs((domain?.word ?? 0) - expected / 4) <= 2, String(domain?.word));
  });
});
