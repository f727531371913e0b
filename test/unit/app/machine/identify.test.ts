import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { FittedMachine, FittedSlot } from "../../../../src/app/machine/fitted-machine.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { FakeController } from "./fake-parts.js";
import { MachineRig } from "./machine-rig.js";

/** `usable`, or the code of what isolates the slot. */
const verdictOf = ({ verdict }: FittedSlot): string =>
  verdict.is === "usable" ? verdict.is : verdict.code;

describe("identification of the machine", () => {
  let rig: MachineRig;

  beforeEach(() => {
    rig = new MachineRig();
  });

  afterEach(() => rig.close());

  async function identify(remembered?: ReadonlyMap<number, string>): Promise<FittedMachine> {
    const hardware = await rig.open();
    return rig.run(hardware.identify(rig.stop.signal, remembered));
  }

  const verdicts = ({ slots }: FittedMachine): string[] => slots.map(verdictOf);
  const warnings = ({ slots }: FittedMachine): string[][] =>
    slots.map((slot) => slot.warnings.map(({ code }) => code));

  it("finds boards, sensors and supply, and switches nothing on", async () => {
    const fitted = await identify();
    deepEqual(verdicts(fitted), ["usable", "usable", "usable"]);
    deepEqual(warnings(fitted), [[], [], []]);
    equal(fitted.supply.is === "fitted" && fitted.supply.spec.name, "apw12");
    deepEqual(
      fitted.slots[1]?.sensors.map(({ place }) => place),
      ["inlet", "outlet"],
    );
    ok(!rig.parts.drives.includes("enable=0"));
    deepEqual(rig.supply.requested, []);
  });

  it("isolates an empty slot and goes on with the others", async () => {
    rig.parts.boards[1]!.remove();
    const fitted = await identify();
    deepEqual(verdicts(fitted), ["usable", "BOARD_MISSING", "usable"]);
    deepEqual(warnings(fitted), [[], [], []]);
    deepEqual(fitted.slots[1]?.sensors, [], "nobody goes on asking them");
  });

  it("believes parts that answer more than a plug line that says no", async () => {
    rig.parts.boards[0]!.plug = 0;
    const fitted = await identify();
    equal(verdicts(fitted)[0], "usable");
    deepEqual(fitted.slots[0]?.warnings, [
      {
        code: "BOARD_PLUG_CONTRADICTION",
        context: { slot: 0, plug: 0, answering: "eeprom sensors" },
      },
    ]);
  });

  it("believes silence more than a plug line that says yes", async () => {
    rig.parts.boards[0]!.remove();
    rig.parts.boards[0]!.plug = 1;
    const fitted = await identify();
    equal(verdicts(fitted)[0], "BOARD_MISSING");
    deepEqual(warnings(fitted)[0], ["BOARD_PLUG_CONTRADICTION"]);
  });

  it("blames the bus, and no board, when it is held by a part", async () => {
    for (const board of rig.parts.boards) {
      board.eeprom = "silent";
      Object.assign(board.temperatures, { inlet: "busStuck", outlet: "busStuck" });
    }
    const fitted = await identify();
    deepEqual(verdicts(fitted), ["I2C_BUS_STUCK", "I2C_BUS_STUCK", "I2C_BUS_STUCK"]);
    deepEqual(fitted.slots[0]?.warnings, []);
  });

  it("goes by the parts where the plug line cannot be read", async () => {
    rig.parts.boards[0]!.plug = "fails";
    const fitted = await identify();
    equal(verdicts(fitted)[0], "usable");
    equal(fitted.slots[0]?.plug, undefined);
  });

  for (const { title, eeprom, code } of [
    { title: "blank", eeprom: { is: "blank" }, code: "EEPROM_BLANK" },
    {
      title: "not understood",
      eeprom: { is: "unknown", header: "0942", reason: "no key fits" },
      code: "EEPROM_UNKNOWN",
    },
    { title: "silent", eeprom: "silent", code: "EEPROM_SILENT" },
    { title: "different each time", eeprom: "unsteady", code: "EEPROM_UNKNOWN" },
  ] as const)
    it(`warns of a memory that is ${title}, and uses the board`, async () => {
      rig.parts.boards[2]!.eeprom = eeprom;
      const fitted = await identify();
      equal(verdicts(fitted)[2], "usable");
      deepEqual(warnings(fitted)[2], [code]);
    });

  it("isolates a board of another machine", async () => {
    rig.parts.boards[1]!.setIdentity({ boardName: "BHB68603" });
    const fitted = await identify();
    deepEqual(verdicts(fitted), ["usable", "BOARD_WRONG", "usable"]);
  });

  it("isolates a board whose memory tells another chip", async () => {
    rig.parts.boards[1]!.setIdentity({ boardName: null, chipTechnology: "BB" });
    const fitted = await identify();
    deepEqual(fitted.slots[1]?.verdict, {
      is: "isolated",
      code: "BOARD_WRONG",
      context: { slot: 1, chip: "BM1398", chipTechnology: "BB", expected: "BM1366" },
    });
  });

  it("concludes nothing from a technology that it does not know", async () => {
    rig.parts.boards[1]!.setIdentity({ boardName: null, chipTechnology: "XY" });
    equal(verdicts(await identify())[1], "usable");
  });

  it("warns of boards with the same serial number", async () => {
    for (const slot of [0, 2]) rig.parts.boards[slot]!.setIdentity({ serial: "CLONE" });
    const fitted = await identify();
    deepEqual(verdicts(fitted), ["usable", "usable", "usable"]);
    deepEqual(warnings(fitted), [["EEPROM_CLONED"], [], ["EEPROM_CLONED"]]);
    deepEqual(fitted.slots[0]?.warnings[0]?.context, { slot: 0, serial: "CLONE", alsoIn: "2" });
  });

  it("bears memories without a serial number", async () => {
    for (const slot of [0, 2]) rig.parts.boards[slot]!.setIdentity({ serial: "" });
    deepEqual(warnings(await identify()), [[], [], []]);
  });

  it("tells boards that were swapped", async () => {
    const before = new Map([
      [0, "SERIAL1"],
      [1, "SERIAL0"],
      [2, "SERIAL2"],
    ]);
    const fitted = await identify(before);
    deepEqual(warnings(fitted), [["BOARD_MOVED"], ["BOARD_MOVED"], []]);
    equal(fitted.slots[0]?.warnings[0]?.context["before"], 1);
  });

  it("does not take a new board for one that was moved", async () => {
    const before = new Map([
      [0, "OTHER"],
      [1, "SERIAL1"],
    ]);
    deepEqual(warnings(await identify(before)), [[], [], []]);
  });

  for (const { title, reading, code } of [
    { title: "does not answer", reading: "silent", code: "SENSOR_SILENT" },
    { title: "lies", reading: "implausible", code: "SENSOR_IMPLAUSIBLE" },
  ] as const)
    it(`isolates a board with a sensor that ${title}`, async () => {
      rig.parts.boards[1]!.temperatures["outlet"] = reading;
      const fitted = await identify();
      deepEqual(verdicts(fitted), ["usable", code, "usable"]);
      const { verdict } = fitted.slots[1]!;
      equal(verdict.is === "isolated" && verdict.context["place"], "outlet");
    });

  it("starts the controllers of boards that have one", async () => {
    const controller = new FakeController();
    rig.parts.boards[0]!.controller = controller;
    const fitted = await identify();
    equal(fitted.slots[0]?.controllerVersion, 0x89);
    equal(controller.isStarted, true);
    deepEqual(controller.converter, []);
  });

  for (const { controller, code } of [
    { controller: "silent", code: "CONTROLLER_NO_ANSWER" },
    { controller: "inLoader", code: "CONTROLLER_IN_LOADER" },
  ] as const)
    it(`isolates a board with ${code}`, async () => {
      rig.parts.boards[0]!.controller = controller;
      deepEqual(verdicts(await identify()), [code, "usable", "usable"]);
    });

  it("names the controller where all sensors of a board are behind it and there is none", async () => {
    await rig.close();
    rig = new MachineRig("s19j-pro");
    for (const board of rig.parts.boards) board.setIdentity({ boardName: "BHB42601" });
    const { slots } = await identify();
    const { verdict } = slots[1]!;
    deepEqual(verdict, {
      is: "isolated",
      code: "CONTROLLER_NO_ANSWER",
      context: { slot: 1, sensors: 0 },
    });
  });

  for (const code of ["PSU_NO_ANSWER", "PSU_TYPE_UNKNOWN", "PSU_TYPE_UNEXPECTED"] as const)
    it(`refuses the supply with ${code} and identifies the boards`, async () => {
      rig.parts.supply = new MinerError(code, {});
      const fitted = await identify();
      equal(fitted.supply.is === "refused" && fitted.supply.code, code);
      deepEqual(verdicts(fitted), ["usable", "usable", "usable"]);
      equal(rig.hardware.snapshot()?.rail, null);
    });

  it("refuses a supply that the machine does not come with", async () => {
    Object.assign(rig.supply, { identity: { ...rig.supply.identity, supply: "apw9" } });
    const { supply } = await identify();
    deepEqual(supply, {
      is: "refused",
      code: "PSU_TYPE_UNEXPECTED",
      context: { supply: "apw9", typeCode: 0x75, expected: "apw12" },
    });
  });

  it("does not ask a supply again what it is", async () => {
    await identify();
    await rig.run(rig.hardware.identify(rig.stop.signal));
    equal(rig.parts.probes, 1);
  });

  it("is refused while the rail is on", async () => {
    const hardware = await rig.openAndPower();
    await rejects(hardware.identify(rig.stop.signal), { code: "COMMAND_REFUSED" });
    equal(rig.supply.isOn, true);
  });

  it("ends when it is told to", async () => {
    const hardware = await rig.open();
    rig.parts.boards[1]!.temperatures["outlet"] = "silent";
    const identified = hardware.identify(rig.stop.signal);
    const reason = new Error("stopped");
    rig.stop.abort(reason);
    await rejects(rig.run(identified), reason);
  });
});
