import { deepEqual, equal, notEqual, ok, throws } from "node:assert/strict";
import { isMinerError } from "../../../../src/lib/errors.js";
import {
  BODY_FAULTS,
  describeBodyFaults,
} from "../../../../src/virtual/body/faults/body-fault-set.js";
import { FAULTS } from "../../../../src/virtual/faults.js";
import { airCooled, BodyRig } from "./rig.js";

const INLETS = [0x48, 0x49, 0x4a];
const OUTLETS = [0x4c, 0x4d, 0x4e];
const EEPROMS = [0x50, 0x51, 0x52];

/** The whole EEPROM of a slot. */
function eeprom(rig: BodyRig, slot: number): Promise<string> {
  return rig.read("boards", EEPROMS[slot]!, "00", 256);
}

async function celsius(rig: BodyRig, address: number): Promise<number> {
  return Buffer.from(await rig.read("boards", address, "00", 2), "hex").readInt16BE() / 256;
}

describe("faults of a virtual body", () => {
  it("are described, and named like no fault of a chain", () => {
    for (const { name, meaning } of describeBodyFaults()) {
      ok(meaning.endsWith("."), name);
      ok(!(name in FAULTS), name);
    }
  });

  it("can all be set and cleared, each by its name alone", async () => {
    const rig = new BodyRig().poweredUp();
    const good = await rig.run(1);
    // What tripped a supply stays until it is switched off.
    const names = Object.keys(BODY_FAULTS).filter((name) => name !== "psuShutsDown");
    for (const name of names) {
      rig.fault(name);
      rig.clear(name);
    }
    deepEqual(rig.faults.active, []);
    deepEqual(rig.truth(), good);
  });

  it("refuses slots that are not there, and slots for what has none", () => {
    const { faults } = new BodyRig();
    for (const [name, chain] of [
      ["boardMissing", 4],
      ["boardMissing", 0.5],
      ["psuSilent", 0],
      ["fanStalled", 0],
    ] as const)
      throws(
        () => {
          faults.set(name, chain, {});
        },
        (error) => isMinerError(error, "VIRTUAL_REQUEST_INVALID"),
      );
    throws(
      () => {
        faults.set("meteor", undefined, {});
      },
      (error) => isMinerError(error, "VIRTUAL_FAULT_UNKNOWN"),
    );
  });

  it("boardMissing: nothing at its addresses, no plug, no rail; all back when it is cleared", async () => {
    const rig = new BodyRig().poweredUp();
    const railMv = (): number => rig.chains[1]!.railMv;
    await rig.run(1);
    rig.fault("boardMissing", {}, 1);
    const { boards, supply } = await rig.run(1);
    for (const address of [INLETS[1]!, OUTLETS[1]!, EEPROMS[1]!])
      equal(await rig.read("boards", address, "00", 2), "nack");
    deepEqual(
      [0, 1, 2, 3].map((slot) => rig.body.lines.read(`plug-${String(slot)}`)),
      [1, 0, 1, 0],
    );
    equal(railMv(), 0);
    ok(rig.chains[0]!.railMv > 12_000);
    equal(boards[1]!.powerW, 0);
    ok(supply.outputW < 2000);
    rig.clear();
    await rig.run(1);
    ok(railMv() > 12_000);
    notEqual(await rig.read("boards", EEPROMS[1]!, "00", 2), "nack");
  });

  it("plugLies: the line tells the opposite, of an empty slot too", () => {
    const rig = new BodyRig().fault("plugLies", {}, 0).fault("plugLies", {}, 3);
    deepEqual(
      [0, 1, 2, 3].map((slot) => rig.body.lines.read(`plug-${String(slot)}`)),
      [0, 1, 1, 1],
    );
  });

  it("sensorSilent, sensorStuck, sensorOffset: one sensor or all of a board", async () => {
    const rig = new BodyRig().poweredUp();
    await rig.run(60);
    rig.fault("sensorSilent", { sensor: 0 }, 0);
    rig.fault("sensorStuck", { sensor: 1 }, 0);
    rig.fault("sensorOffset", { offsetC: 30 }, 1);
    const held = await rig.read("boards", OUTLETS[0]!, "00", 2);
    equal(await rig.read("boards", INLETS[0]!, "00", 2), "nack");
    rig.body.setEnableLine(1);
    const { boards } = await rig.run(60);
    equal(await rig.read("boards", OUTLETS[0]!, "00", 2), held);
    ok(Math.abs((await celsius(rig, OUTLETS[0]!)) - boards[0]!.sensors[1]!.tempC) > 5);
    for (const [at, address] of [INLETS[1]!, OUTLETS[1]!].entries())
      ok(Math.abs((await celsius(rig, address)) - 30 - boards[1]!.sensors[at]!.tempC) < 1);
    rig.clear();
    ok(Math.abs((await celsius(rig, OUTLETS[0]!)) - boards[0]!.sensors[1]!.tempC) < 1);
  });

  it("eeprom faults: what is read changes, what is held does not", async () => {
    const rig = new BodyRig();
    const own = await Promise.all([0, 1, 2].map((slot) => eeprom(rig, slot)));
    equal(new Set(own).size, 3);
    equal(await eeprom(rig.fault("eepromBlank", {}, 0), 0), "ff".repeat(256));
    equal(await eeprom(rig.clear().fault("eepromClone", { of: 2 }, 0), 0), own[2]);
    const garbled = await eeprom(rig.clear().fault("eepromGarbled", { share: 0.1 }, 0), 0);
    const changed = [...garbled.matchAll(/../g)].filter(
      ([byte], at) => byte !== own[0]!.slice(2 * at, 2 * at + 2),
    );
    ok(changed.length > 10 && changed.length < 45);
    const other = await eeprom(rig.clear().fault("eepromWrongBoard", {}, 0), 0);
    ok(other.startsWith("0511") && other !== own[0]);
    equal(await eeprom(rig.clear().fault("eepromSilent", {}, 0), 0), "nack");
    equal(await eeprom(rig.clear(), 0), own[0]);
  });

  it("boardsSwapped: EEPROMs and sensors of two slots answer in each other's place", async () => {
    const rig = new BodyRig().poweredUp();
    const own = [await eeprom(rig, 0), await eeprom(rig, 2)];
    rig.chains[0]!.freqShare = 0;
    await rig.run(100);
    const [cool, warm] = [await celsius(rig, OUTLETS[0]!), await celsius(rig, OUTLETS[2]!)];
    ok(warm - cool > 5);
    rig.fault("boardsSwapped", { first: 0, second: 2 });
    ok((await celsius(rig, OUTLETS[0]!)) - (await celsius(rig, OUTLETS[2]!)) > 5);
    equal(await eeprom(rig, 0), own[1]);
    equal(await eeprom(rig, 2), own[0]);
    rig.clear().fault("boardsSwapped", { first: 0, second: 2, what: "eeprom" });
    equal(await eeprom(rig, 0), own[1]);
    ok((await celsius(rig, OUTLETS[2]!)) - (await celsius(rig, OUTLETS[0]!)) > 5);
  });

  it("fan faults: what turns and what the tach tells come apart", async () => {
    const rig = new BodyRig();
    rig.fault("fanStalled", { fan: 1 }).fault("fanMissing", { fan: 2 });
    rig.fault("fanLies", { fan: 3 }).fault("tachDead", { fan: 4 });
    const { fans } = await rig.run(20);
    deepEqual(
      fans.map(({ rpm }) => rpm > 100),
      [false, false, false, true],
    );
    const told = [1, 2, 3, 4].map((fan) => rig.body.lines.readTach(`fan-${String(fan)}`));
    deepEqual(
      told.map((period) => period === null),
      [true, true, false, true],
    );
    ok((await rig.clear().run(20)).fans.every(({ rpm }) => rpm > 6000));
  });

  it("fan faults without a number strike all fans", async () => {
    const { fans } = await new BodyRig().fault("fanStalled").run(1);
    ok(fans.every(({ rpm }) => rpm === 0));
  });

  it("i2cStuck: nothing passes, on that bus alone; nine clocks may help", async () => {
    const rig = new BodyRig().fault("i2cStuck", { bus: "boards" });
    const recover = async (): Promise<boolean | undefined> => {
      let freed: boolean | undefined;
      void rig.body.buses.boards.recover().then((result) => (freed = result));
      await rig.clock.advance(50);
      return freed;
    };
    equal(await rig.read("boards", EEPROMS[0]!, "00", 1), "stuck");
    equal(await rig.read("psu", 0x10, "00", 1), "f5");
    equal(await recover(), false);
    rig.clear().fault("i2cStuck", { bus: "boards", recovers: "yes" });
    equal(await rig.read("boards", EEPROMS[0]!, "00", 1), "stuck");
    equal(await recover(), true);
    equal(await rig.read("boards", EEPROMS[0]!, "00", 1), "05");
  });

  it("i2cSlow and i2cNoise: late, lost and damaged transfers", async () => {
    const rig = new BodyRig().fault("i2cSlow", { bus: "boards", delayMs: 300 });
    await rig.read("boards", EEPROMS[0]!, "00", 1);
    equal(rig.clock.nowMs(), 300);
    rig.clear().fault("i2cNoise", { bus: "boards", share: 0.5 });
    const seen = { "05": 0, nack: 0, damaged: 0 };
    for (let turn = 0; turn < 200; turn++) {
      const read = await rig.read("boards", EEPROMS[0]!, "00", 1);
      seen[read === "05" || read === "nack" ? read : "damaged"]++;
    }
    ok(seen["05"] > 60 && seen.nack > 25 && seen.damaged > 25, JSON.stringify(seen));
  });

  it("controller faults strike the controller of one slot", async () => {
    const spec = airCooled();
    const boards = spec.boards.map((board, slot) => ({
      ...board,
      controller: { address: 0x20 + slot, version: 0x89 },
    }));
    const rig = new BodyRig({ ...spec, boards });
    rig.fault("controllerSilent", {}, 1);
    equal(await rig.read("boards", 0x21, "", 1), "nack");
    equal(await rig.read("boards", 0x20, "", 1), "ff");
  });
});
