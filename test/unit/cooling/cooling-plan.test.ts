import { deepEqual, equal, match } from "node:assert/strict";
import { listMachines, loadMachine } from "../../../src/boards/load-machine.js";
import { coolingFault, coolingPlan } from "../../../src/cooling/cooling-plan.js";

const MACHINE = loadMachine("s19k-pro");
const LIQUID = { ...MACHINE, fans: { ...MACHINE.fans!, count: 0 } };

describe("cooling of a machine", () => {
  it("is what its data say", () => {
    deepEqual(coolingPlan(MACHINE, {}), {
      mode: "air",
      board: { targetC: 60, warnC: 65, throttleC: 70 },
      die: undefined,
      ...{ minDutyPct: 30, maxDutyPct: 100, neededFans: 4, ratedW: 2565 },
    });
  });

  it("is possible with every machine that is listed", () => {
    for (const name of listMachines()) {
      const machine = loadMachine(name);
      // Without fans their owner has to say what takes the heat away.
      const mode = machine.fans?.count === 0 ? "immersion" : undefined;
      equal(coolingFault(machine, { mode }), undefined, name);
      const { board, die = board } = coolingPlan(machine, {});
      equal(board.targetC < board.warnC && die.targetC < die.warnC, true, name);
    }
  });

  it("follows its owner's wishes", () => {
    const plan = coolingPlan(MACHINE, { targetC: 55, minDutyPct: 25, maxDutyPct: 60 });
    deepEqual([plan.board.targetC, plan.minDutyPct, plan.maxDutyPct], [55, 25, 60]);
  });

  it("moves the target of dies with that of boards, below their warning", () => {
    const bitaxe = loadMachine("bitaxe-gamma");
    equal(coolingPlan(bitaxe, { targetC: 55 }).die?.targetC, 55);
    equal(coolingPlan(bitaxe, { targetC: 63 }).die?.targetC, 63);
  });

  it("has a quiet cap below the machine's own floor when its owner says so", () => {
    equal(coolingPlan(loadMachine("s21"), { maxDutyPct: 40 }).minDutyPct, 40);
  });

  for (const mode of ["immersion", "hydro"] as const)
    it(`needs no fans in ${mode}`, () => {
      equal(coolingPlan(MACHINE, { mode, flowProvenBy: "external" }).neededFans, 0);
    });

  it("is hydro where the machine has no fans", () => {
    equal(coolingPlan(LIQUID, { flowProvenBy: "external" }).mode, "hydro");
  });

  for (const [title, machine, wish, field, expected] of [
    ["hydro without a proof of flow", MACHINE, { mode: "hydro" }, "flowProvenBy", /external/],
    ["a machine without fans in air", LIQUID, { mode: "air" }, "mode", /has no fans/],
    ["proof of flow in air", MACHINE, { flowProvenBy: "external" }, "flowProvenBy", /nothing/],
    [
      "a duty in immersion",
      MACHINE,
      { mode: "immersion", maxDutyPct: 50 },
      "maxDutyPct",
      /no fans/,
    ],
    ["a target near the warning", MACHINE, { targetC: 64 }, "targetC", /40 to 63 C/],
    ["a target below warm rooms", MACHINE, { targetC: 39 }, "targetC", /40 to 63 C/],
    [
      "a floor above the cap",
      MACHINE,
      { minDutyPct: 60, maxDutyPct: 50 },
      "minDutyPct",
      /at most maxDutyPct, 50/,
    ],
  ] as const)
    it(`refuses ${title}`, () => {
      const fault = coolingFault(machine, wish);
      equal(fault?.field, field);
      match(fault.expected, expected);
    });
});
