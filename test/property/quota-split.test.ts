import { ok } from "node:assert/strict";
import fc from "fast-check";
import { QuotaSplit } from "../../src/mining/quota-split.js";

const SLICE_MS = 5000;
const SLICES = 720;
const NAMES = ["a", "b", "c", "d"];

describe("the split of hash power", () => {
  it("is never off by more than two slices, and by less than 1 % after an hour", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 2, maxLength: 4 }),
        (rates, quotas) => {
          fc.pre(rates.some((rate) => rate > 0));
          const groups = quotas.map((quota, index) => ({ name: NAMES[index]!, quota }));
          const quotaSum = quotas.reduce((sum, quota) => sum + quota, 0);
          const slice = rates.reduce((sum, rate) => sum + rate, 0) * SLICE_MS;
          const got = new Map(NAMES.map((name) => [name, 0]));
          const split = new QuotaSplit(2);
          split.setGroups(groups);
          let chains = rates.map((rate) => ({ rate, group: undefined as string | undefined }));
          for (let i = 1; i <= SLICES; i += 1) {
            const names = split.assign(chains, SLICE_MS);
            chains = rates.map((rate, index) => ({ rate, group: names[index] }));
            for (const { rate, group } of chains)
              got.set(group!, got.get(group!)! + rate * SLICE_MS);
            split.book(chains, SLICE_MS);
            for (const { name, quota } of groups) {
              const off = Math.abs(got.get(name)! - (i * slice * quota) / quotaSum);
              ok(off <= 2 * slice, `${name} off by ${off / slice} slices after ${i}`);
              if (i === SLICES) ok(off / (i * slice) < 0.01, `${name} off by ${off / slice}`);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("gives every chain to some group, whatever does not hash", () => {
    const split = new QuotaSplit(2);
    split.setGroups([
      { name: "a", quota: 1 },
      { name: "b", quota: 1 },
    ]);
    const idle = [0, 0, 0].map((rate) => ({ rate, group: undefined }));
    ok(split.assign(idle, SLICE_MS).every((name) => name === "a" || name === "b"));
  });
});
