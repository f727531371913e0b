import { deepEqual, equal, throws } from "node:assert/strict";
import { loadMachine, listMachines } from "../../../src/boards/load-machine.js";
import type { ControlBoard, MachineSpec } from "../../../src/boards/machine-spec.js";
import {
  ALLOWABLE_NAMES,
  assertDrivable,
  inferredNames,
  obstacles,
  type AllowableValue,
} from "../../../src/boards/obstacles.js";
import { isMinerError } from "../../../src/lib/errors.js";

const LEAD = loadMachine("s19k-pro");
const VIRTUAL = boardOf(LEAD, "virtual");
const AMLOGIC = boardOf(LEAD, "amlogic-a113d");
const GUESS = { evidence: "inferred", source: "a guess" } as const;

describe("what keeps a machine from being driven", () => {
  it("is nothing where machine and board are known", () => {
    deepEqual(obstacles(LEAD, VIRTUAL), []);
  });

  it("is a chip without a driver, on whatever board", () => {
    const [first] = obstacles({ ...LEAD, bringUp: undefined }, VIRTUAL);
    deepEqual([first?.is, first?.of, first?.name], ["notDriven", "machine", "chip"]);
    const s9 = loadMachine("s9");
    equal(obstacles(s9, boardOf(s9, "zynq-am1"))[0]?.value, "BM1387");
  });

  it("is a board of which a part has no driver, and gaps of such a board are no news", () => {
    deepEqual(
      obstacles(LEAD, boardOf(LEAD, "zynq-am2")).map(({ is, name }) => [is, name]),
      [["notDriven", "controlBoard"]],
    );
  });

  const { railMv, hashboard } = LEAD;
  const withoutLimits = railMv && { ...railMv, min: undefined, max: undefined };
  const buses = { boards: VIRTUAL.buses?.boards };
  const GAPS: readonly (readonly [string, Partial<MachineSpec>, Partial<ControlBoard>])[] = [
    ["freqMHz", { freqMHz: undefined }, {}],
    ["railMv", { railMv: undefined }, {}],
    ["railMv", { railMv: withoutLimits }, {}],
    ["supplies", { supplies: [] }, {}],
    ["sensors", { hashboard: { ...hashboard, sensors: [] } }, {}],
    ["fans", { fans: undefined }, {}],
    ["deviceTree", {}, { virtual: false }],
    ["psuEnable", {}, { psuEnable: undefined }],
    ["buses.psu", {}, { buses }],
    ["fanGroups", {}, { fanGroups: [] }],
    ["tachs", {}, { tachs: [] }],
  ];
  for (const [name, machine, board] of GAPS)
    it(`is a missing value that nothing can replace: ${name}`, () => {
      const found = obstacles({ ...LEAD, ...machine }, { ...VIRTUAL, ...board }, ALLOWABLE_NAMES);
      deepEqual(
        found.map(({ is, name: what }) => [is, what]),
        [["missing", name]],
      );
    });

  const DANGERS: Readonly<
    Record<Exclude<AllowableValue, "regulator">, readonly [Partial<MachineSpec>, object]>
  > = {
    railMv: [{ railMv: railMv && { ...railMv, ...GUESS } }, {}],
    psuEnable: [{}, { psuEnable: { ...VIRTUAL.psuEnable, ...GUESS } }],
    chains: [{}, { chainFacts: GUESS }],
    psuBus: [{}, { buses: { ...buses, psu: { virtual: "psu", ...GUESS } } }],
  };
  for (const [name, [machine, board]] of Object.entries(DANGERS))
    it(`is a dangerous value while it is inferred and not allowed: ${name}`, () => {
      const pair = [
        { ...LEAD, ...machine },
        { ...VIRTUAL, ...(board as Partial<ControlBoard>) },
      ] as const;
      const [found, ...others] = obstacles(...pair);
      deepEqual([found?.is, found?.name, found?.source], ["inferred", name, "a guess"]);
      deepEqual(others, []);
      deepEqual(inferredNames(...pair), [name]);
      deepEqual(obstacles(...pair, [name as AllowableValue]), []);
    });

  it("asks nothing of supply bus and enable line where a regulator makes the rail", () => {
    const gamma = loadMachine("bitaxe-gamma");
    const bare = { ...boardOf(gamma, "virtual"), psuEnable: undefined, fanGroups: [] };
    deepEqual(obstacles(gamma, bare as unknown as ControlBoard), []);
    const regulator = { part: "tps546", address: 0x24, ...GUESS } as const;
    const guessed = { ...gamma, hashboard: { ...gamma.hashboard, regulator } };
    deepEqual(inferredNames(guessed, boardOf(gamma, "virtual")), ["regulator"]);
  });

  it("is said with one code each for machine, board and what the owner may allow", () => {
    const code = (machine: MachineSpec, board: ControlBoard): string => {
      try {
        assertDrivable(machine, board, []);
      } catch (error) {
        return isMinerError(error) ? `${error.code} ${String(error.context["missing"])}` : "";
      }
      return "";
    };
    equal(code(LEAD, VIRTUAL), "");
    equal(code({ ...LEAD, railMv: undefined }, AMLOGIC), "MACHINE_NOT_DRIVEN railMv");
    equal(
      code(LEAD, { ...AMLOGIC, buses: {}, deviceTree: undefined }),
      "BOARD_NOT_DRIVEN deviceTree, buses.psu, buses.boards",
    );
    throws(
      () => {
        assertDrivable(LEAD, AMLOGIC, []);
      },
      (error) => isMinerError(error, "BOARD_INFERRED") && error.context["inferred"] === "psuEnable",
    );
    assertDrivable(LEAD, AMLOGIC, ["psuEnable"]);
  });

  it("is nothing that cannot be allowed, for every driven machine when it is virtual", () => {
    for (const name of listMachines()) {
      const machine = loadMachine(name);
      if (machine.bringUp === undefined) continue;
      deepEqual(obstacles(machine, boardOf(machine, "virtual"), ALLOWABLE_NAMES), [], name);
    }
  });
});

function boardOf(machine: MachineSpec, name: string): ControlBoard {
  const board = machine.controlBoards.find((candidate) => candidate.name === name);
  if (board === undefined) throw new Error(`${machine.name} has no control board ${name}`);
  return board;
}
