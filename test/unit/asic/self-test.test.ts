import { equal, ok } from "node:assert/strict";
import { BM1362 } from "../../../src/asic/bm1362.js";
import { BM1366 } from "../../../src/asic/bm1366.js";
import { needsSelfTest, selfTestVerdict } from "../../../src/asic/chain/self-test.js";
import type { NonceVerdict } from "../../../src/hal/chain-port.js";

const NONE: Readonly<Record<NonceVerdict, number>> = {
  share: 0,
  belowTarget: 0,
  duplicate: 0,
  unknownWork: 0,
  stale: 0,
  hardwareError: 0,
};

describe("self-test at start", () => {
  it("is asked of families with an inferred answer format or sweep only", () => {
    equal(needsSelfTest(BM1362), true);
    equal(needsSelfTest(BM1366), false);
  });

  it("waits for enough nonces of more than one work", () => {
    equal(selfTestVerdict(BM1362, { ...NONE, belowTarget: 63 }, 10).is, "pending");
    equal(selfTestVerdict(BM1362, { ...NONE, belowTarget: 500 }, 1).is, "pending");
  });

  it("does not count late answers to dropped work", () => {
    equal(selfTestVerdict(BM1362, { ...NONE, stale: 500 }, 10).is, "pending");
  });

  it("passes when nonces meet the jobs that their job bytes name", () => {
    const nonces = { ...NONE, share: 4, belowTarget: 90, hardwareError: 6 };
    equal(selfTestVerdict(BM1362, nonces, 10).is, "passed");
  });

  it("fails with the facts when most nonces meet no job, as a wrong job echo makes them", () => {
    const verdict = selfTestVerdict(
      BM1362,
      { ...NONE, belowTarget: 10, unknownWork: 40, hardwareError: 50 },
      10,
    );
    ok(verdict.is === "failed");
    equal(verdict.facts["chip"], "BM1362");
    equal(verdict.facts["metTicketTarget"], 10);
    equal(verdict.facts["jobEcho"], "5+3 bits, inferred");
  });

  it("fails when chips find each other's nonces again", () => {
    equal(selfTestVerdict(BM1362, { ...NONE, belowTarget: 80, duplicate: 20 }, 10).is, "failed");
  });
});
