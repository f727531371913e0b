import { deepEqual, equal, ok } from "node:assert/strict";
import { decide } from "../../../src/cooling/decide.js";
import type { CoolingMemory } from "../../../src/cooling/cooling-inputs.js";
import type { CoolingPlan } from "../../../src/cooling/cooling-plan.js";
import { at, inputs, memory, PLAN, QUIET } from "./cooling-rig.js";

/** A reading that stays the same for so long; the shares by second. */
function sharesAt(
  tempC: number,
  seconds: number,
  plan: CoolingPlan,
  changes: Partial<CoolingMemory> = {},
): readonly number[] {
  let before = memory({ smoothC: tempC - plan.board.targetC, dutyPct: 50, ...changes });
  return Array.from({ length: seconds }, (_, second) => {
    const nowMs = 100_000 + second * 1000;
    const { powerSharePct, memory: after } = decide(
      inputs({ nowMs, temperatures: [at(tempC)] }),
      plan,
      before,
    );
    before = after;
    return powerSharePct;
  });
}

describe("share of the clock", () => {
  it("falls at once at the throttle limit, and again as long as it stays so hot", () => {
    const shares = sharesAt(70, 21, PLAN);
    deepEqual([shares[0], shares[9], shares[10], shares[20]], [90, 90, 80, 70]);
  });

  it("does not fall further while it becomes cooler", () => {
    const shares = sharesAt(70, 21, PLAN, { smoothC: 12 });
    equal(shares[0], 100);
  });

  it("does not fall below a fifth, as the interlock cuts what is still too hot", () => {
    equal(sharesAt(74, 600, PLAN).at(-1), 20);
  });

  it("is left alone between target and throttle limit where no quiet is wished", () => {
    ok(sharesAt(69.9, 600, PLAN).every((share) => share === 100));
  });

  it("falls when a quiet machine stays above its target", () => {
    const shares = sharesAt(62, 60, QUIET);
    deepEqual([shares[14], shares[16], shares[31], shares[46]], [100, 95, 90, 85]);
  });

  it("does not fall when a quiet machine holds its target", () => {
    ok(sharesAt(60.9, 600, QUIET).every((share) => share === 100));
  });

  it("rises slowly when fans of a quiet machine have a reserve", () => {
    const shares = sharesAt(57.5, 100, QUIET, { powerSharePct: 80, dutyPct: 40 });
    deepEqual([shares[44], shares[46], shares[92]], [80, 82.5, 85]);
  });

  it("rises slowly when a throttled machine is well below its limit", () => {
    const shares = sharesAt(64.9, 100, PLAN, { powerSharePct: 80, dutyPct: 100 });
    deepEqual([shares[44], shares[46], shares[92]], [80, 82.5, 85]);
  });

  it("stays where it is between, so that it does not swing", () => {
    ok(sharesAt(66, 600, PLAN, { powerSharePct: 80 }).every((share) => share === 80));
  });

  it("never rises above what is ordered", () => {
    equal(sharesAt(40, 200, PLAN, { powerSharePct: 99 }).at(-1), 100);
  });
});
