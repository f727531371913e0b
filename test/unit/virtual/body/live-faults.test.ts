import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import type { Change } from "../../../../src/virtual/body/change-log.js";
import { airCooled, BodyRig } from "./rig.js";

const INLET = 0x48;
const EEPROM = 0x50;

async function celsius(rig: BodyRig, address = INLET): Promise<number> {
  return Buffer.from(await rig.read("boards", address, "00", 2), "hex").readInt16BE() / 256;
}

async function running(): Promise<BodyRig> {
  const rig = new BodyRig().poweredUp();
  await rig.run(60);
  return rig;
}

function controlled(): BodyRig {
  const spec = airCooled();
  const boards = spec.boards.map((board, slot) => ({
    ...board,
    controller: { address: 0x20 + slot, version: 0x89 },
  }));
  return new BodyRig({ ...spec, boards }).poweredUp();
}

const of = (changes: readonly Change[], what: Change["what"]): readonly Change[] =>
  changes.filter((change) => change.what === what);

describe("faults of a body that runs", () => {
  it("sensorTells and sensorDrifts: what is told parts from the truth", async () => {
    const rig = await running();
    rig.fault("sensorTells", { sensor: 0, tellsC: 85 }, 0);
    equal(await celsius(rig), 85);
    rig.clear().fault("sensorDrifts", { sensor: 0, cPerS: 2 }, 0);
    const before = await celsius(rig);
    const { boards } = await rig.run(10);
    const told = await celsius(rig);
    ok(Math.abs(told - before - 20) < 2, String(told - before));
    ok(Math.abs(told - 20 - boards[0]!.sensors[0]!.tempC) < 2);
    ok(Math.abs((await celsius(rig.clear())) - boards[0]!.sensors[0]!.tempC) < 1);
  });

  it("sensorSlow: its transfers take longer, and so does who waits behind them", async () => {
    const rig = await running();
    rig.fault("sensorSlow", { sensor: 0, delayMs: 400 }, 0);
    const startMs = rig.clock.nowMs();
    const slow = rig.read("boards", INLET, "00", 2);
    await rig.clock.advance(1000);
    notEqual(await slow, "nack");
    const quickMs = rig.clock.nowMs();
    await rig.read("boards", 0x49, "00", 2);
    ok(quickMs - startMs >= 400 && rig.clock.nowMs() - quickMs < 10);
  });

  it("sensorMoved: nothing at its own address, something at another", async () => {
    const rig = await running();
    equal(await rig.read("boards", 0x4b, "00", 2), "nack");
    rig.fault("sensorMoved", { sensor: 0, address: 0x4b }, 0);
    equal(await rig.read("boards", INLET, "00", 2), "nack");
    ok((await celsius(rig, 0x4b)) > 25);
  });

  it("airBlocked and sinkOff: one board gets hotter than the others", async () => {
    for (const name of ["airBlocked", "sinkOff"]) {
      const rig = await running();
      const before = rig.truth().boards[1]!.dieMaxC;
      const { boards } = await rig.fault(name, {}, 1).run(20);
      ok(boards[1]!.dieMaxC > before + 8, `${name}: ${before} to ${boards[1]!.dieMaxC}`);
      ok(Math.abs(boards[0]!.dieMaxC - before) < 4);
    }
  });

  it("hotSpot: one die is hotter, under voltage", async () => {
    const rig = await running();
    const before = rig.truth().boards[0]!.dieMaxC;
    const hot = await rig.fault("hotSpot", { chip: 7, riseC: 60 }, 0).run(1);
    ok(hot.boards[0]!.dieMaxC > before + 50);
    equal(hot.boards[0]!.isHarmed, false);
    rig.body.setEnableLine(1);
    ok((await rig.run(2)).boards[0]!.dieMaxC < before);
  });

  it("hotIntake: the air comes in hotter than the room is", async () => {
    const rig = await running();
    const before = rig.truth();
    const after = await rig.fault("hotIntake", { riseC: 40 }).run(120);
    equal(after.ambientC, before.ambientC);
    ok(after.boards[0]!.airOutC > before.boards[0]!.airOutC + 30);
  });

  it("fanSlow, pwmIgnored and tachWrong: speed, duty and tach part", async () => {
    const rig = new BodyRig().fault("fanSlow", { fan: 1 }).fault("pwmIgnored", { fan: 2 });
    rig.fault("tachWrong", { fan: 3, factor: 2 });
    const { fans } = await rig.run(20);
    const [slow, ignoring, lying, good] = fans.map(({ rpm }) => rpm);
    ok(Math.abs(slow! / good! - 0.4) < 0.05);
    ok(ignoring! < 0.5 * good! && fans[1]!.dutyPct === 100);
    const toldRpm = 60e9 / (2 * (rig.body.lines.readTach("fan-3") ?? Infinity));
    ok(Math.abs(toldRpm / lying! - 2) < 0.01);
  });

  it("psuSetpointSlips moves the output, psuTellsWrongSetpoint does not", async () => {
    const ask = (rig: BodyRig): Promise<string> => rig.psu("55aa04030700", 8);
    const rig = await running();
    const [told, { railMv }] = [await ask(rig), rig.truth().supply];
    rig.fault("psuTellsWrongSetpoint", { steps: 10 });
    notEqual(await ask(rig), told);
    ok(Math.abs((await rig.run(2)).supply.railMv - railMv) < 20);
    rig.clear().fault("psuSetpointSlips", { steps: 20 });
    notEqual(await ask(rig), told);
    ok((await rig.run(2)).supply.railMv < railMv - 200);
    equal(await ask(rig.clear()), told);
  });

  it("psuTellsWrongOutput, psuFlags and psuBadSum: replies change, the rail does not", async () => {
    const rig = await running();
    const { railMv } = rig.truth().supply;
    const measure = async (): Promise<number> => {
      const reply = Buffer.from(await rig.psu("55aa04040800", 8), "hex");
      return reply.readUInt16LE(4) * 15.876;
    };
    ok(Math.abs((await measure()) - railMv) < 50);
    rig.fault("psuTellsWrongOutput", { offsetMv: -2000 });
    ok(Math.abs((await measure()) + 2000 - railMv) < 50);
    const sums = async (): Promise<boolean> => {
      const reply = Buffer.from(await rig.psu("55aa04020600", 8), "hex");
      const sum = reply.subarray(2, 6).reduce((all, byte) => all + byte, 0);
      return sum === reply.readUInt16LE(6);
    };
    equal(await sums(), true);
    rig.clear().fault("psuBadSum", { share: 0.5 });
    deepEqual([await sums(), await sums(), await sums(), await sums()], [true, false, true, false]);
    rig.clear();
    const status = (): Promise<string> => rig.psu("55aa040a0e00", 8);
    const calm = await status();
    rig.fault("psuFlags", { flags: 4 });
    notEqual(await status(), calm);
    ok(Math.abs(rig.truth().supply.railMv - railMv) < 20);
  });

  it("psuDrifts: the output walks away, and comes back", async () => {
    const rig = await running();
    const { railMv } = rig.truth().supply;
    ok((await rig.fault("psuDrifts", { mvPerS: -100 }).run(10)).supply.railMv < railMv - 800);
    ok(Math.abs((await rig.clear().run(2)).supply.railMv - railMv) < 50);
  });

  it("psuShutsDown: no output until it was switched off and on", async () => {
    const rig = await running();
    const cut = await rig.fault("psuShutsDown").run(1);
    deepEqual([cut.supply.isOn, cut.supply.trip], [false, "protection"]);
    equal((await rig.clear().run(1)).supply.isOn, false);
    rig.body.setEnableLine(1);
    rig.body.setEnableLine(0);
    equal((await rig.run(2)).supply.isOn, true);
  });

  it("i2cDeaf and i2cWrong: nobody acknowledges, or nobody said what is read", async () => {
    const rig = await running();
    equal(await rig.read("boards", EEPROM, "00", 2), "0511");
    rig.fault("i2cDeaf", { bus: "boards" });
    equal(await rig.read("boards", EEPROM, "00", 2), "nack");
    equal(await rig.read("psu", 0x10, "00", 1), "f5");
    rig.clear().fault("i2cWrong", { bus: "boards" });
    const read = new Set<string>();
    for (let turn = 0; turn < 10; turn++) read.add(await rig.read("boards", EEPROM, "00", 2));
    ok(read.size > 5 && !read.has("nack"));
  });

  it("controllerMute, controllerRestarts and converterStuck", async () => {
    const version = "55aa0417001b";
    const rig = controlled();
    await rig.run(1);
    const say = async (): Promise<string> => {
      for (const byte of version.match(/../g)!) await rig.transfer("boards", 0x20, byte, 0);
      return rig.read("boards", 0x20, "", 1);
    };
    equal(await say(), "05");
    equal(await (rig.fault("controllerMute", {}, 0), say()), "ff");
    const isPowered = async (): Promise<boolean[]> =>
      (await rig.run(1)).boards.map(({ railMv }) => railMv > 0);
    deepEqual(await isPowered(), [true, true, true]);
    rig.clear().fault("controllerRestarts", {}, 0);
    deepEqual(await isPowered(), [false, true, true]);
    rig.fault("converterStuck", { at: "off" }, 1).fault("converterStuck", { at: "on" }, 0);
    deepEqual(await isPowered(), [true, false, true]);
  });

  it("controlBoardHot: the control board alone is hotter", async () => {
    const rig = await running();
    const { controlBoardC } = rig.truth();
    rig.fault("controlBoardHot", { riseC: 50 });
    equal(rig.truth().controlBoardC, controlBoardC + 50);
    equal(rig.clear().truth().controlBoardC, controlBoardC);
  });

  it("controlBoardResets: outputs fall back once", async () => {
    const rig = await running();
    rig.setDuty(0.3);
    rig.fault("controlBoardResets");
    equal(rig.controlBoardResets, 1);
    ok(rig.truth().fans.every(({ dutyPct }) => dutyPct === 100));
    rig.fault("sensorSilent", {}, 0).clear();
    equal(rig.controlBoardResets, 1);
  });
});

describe("the truth of a body", () => {
  it("tells when lines and voltages moved", async () => {
    const rig = new BodyRig();
    await rig.run(1);
    rig.body.setEnableLine(0);
    await rig.run(5);
    rig.body.setEnableLine(1);
    const { changes, nowMs } = await rig.run(60);
    equal(nowMs, 66_000);
    deepEqual(
      of(changes, "enable").map(({ to, atMs }) => [to, atMs]),
      [
        [0, 1000],
        [1, 6000],
      ],
    );
    deepEqual(
      of(changes, "output").map(({ to, atMs }) => [to, atMs]),
      [
        [1, 1000],
        [0, 6000],
      ],
    );
    const powered = of(changes, "power").filter(({ slot }) => slot === 1);
    deepEqual(
      powered.map(({ to }) => to),
      [1, 0],
    );
    ok(powered[0]!.atMs > 1400 && powered[1]!.atMs > 6000);
  });
});
