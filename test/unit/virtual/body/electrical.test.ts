import { equal, ok } from "node:assert/strict";
import { airCooled, BodyRig } from "./rig.js";

/** A common code of the tests: 13.28 V by the formula of type 0x75. */
const N = 145;
const SET_MV = ((1190.935338 - N) / 78.742588) * 1000;

function near(actual: number, wanted: number, tolerance: number): void {
  ok(Math.abs(actual - wanted) <= tolerance, `${String(actual)} is not near ${String(wanted)}`);
}

function railMvOf(rig: BodyRig, chain: number): number {
  return rig.chains[chain]!.railMv;
}

/** A frame of the supply: command and payload. */
async function set(rig: BodyRig, n: number): Promise<void> {
  const sum = 6 + 0x83 + n;
  const hex = Buffer.from([0x55, 0xaa, 6, 0x83, n, 0, sum & 0xff, sum >> 8]).toString("hex");
  equal(await rig.psu(hex, 8), hex);
}

describe("electricity of a virtual machine", () => {
  it("rises to its setpoint within two seconds of the enable line, not at once", async () => {
    const rig = new BodyRig();
    await set(rig, N);
    equal((await rig.run(5)).supply.railMv, 0);
    rig.body.setEnableLine(0);
    equal((await rig.run(0.3)).supply.railMv, 0);
    const rising = (await rig.run(0.5)).supply.railMv;
    ok(rising > 1000 && rising < SET_MV - 1000);
    near((await rig.run(1.2)).supply.railMv, SET_MV, 100);
  });

  it("gives 15.2 V when it is enabled without a setpoint", async () => {
    const rig = new BodyRig();
    rig.body.setEnableLine(0);
    near((await rig.run(3)).supply.railMv, 15_200, 100);
  });

  it("gives the chips of every board the rail, and takes it back", async () => {
    const rig = new BodyRig();
    equal(railMvOf(rig, 0), 0);
    await set(rig, N);
    rig.body.setEnableLine(0);
    const { supply } = await rig.run(3);
    for (const chain of rig.chains) near(chain.railMv, supply.railMv, 15);
    rig.body.setEnableLine(1);
    await rig.run(0.2);
    for (const chain of rig.chains) equal(chain.railMv, 0);
  });

  it("falls at once below what chips need while they hash, then drains for half a minute", async () => {
    const rig = new BodyRig().poweredUp();
    await rig.run(5);
    rig.body.setEnableLine(1);
    const after = await rig.run(0.1);
    ok(after.supply.railMv < 0.31 * 13_200);
    equal(after.supply.outputW, 0);
    ok((await rig.run(8)).supply.railMv > 500);
    ok((await rig.run(22)).supply.railMv < 500);
  });

  it("sags a little under its load", async () => {
    const rig = new BodyRig().poweredUp();
    for (const chain of rig.chains) chain.freqShare = 0;
    const light = (await rig.run(3)).supply.railMv;
    for (const chain of rig.chains) chain.freqShare = 1;
    const heavy = (await rig.run(3)).supply.railMv;
    ok(light - heavy > 20 && light - heavy < 150);
  });

  it("moves to a new setpoint while it is on", async () => {
    const rig = new BodyRig().poweredUp();
    await set(rig, N);
    near((await rig.run(1)).supply.railMv, SET_MV, 100);
  });

  it("cuts an output that gives too much, until it was off", async () => {
    const rig = new BodyRig().poweredUp();
    await rig.run(1);
    rig.fault("psuWeak", { tripA: 100 });
    const tripped = (await rig.run(1)).supply;
    equal(tripped.trip, "overCurrent");
    equal(tripped.isOn, false);
    rig.clear();
    equal((await rig.run(5)).supply.isOn, false);
    rig.body.setEnableLine(1);
    rig.body.setEnableLine(0);
    const again = (await rig.run(3)).supply;
    equal(again.trip, null);
    ok(again.railMv > 12_000);
  });

  it("opens its output in a brown-out, keeps its setpoint, and comes back by itself", async () => {
    const rig = new BodyRig().poweredUp();
    await rig.run(1);
    rig.fault("acBrownOut");
    const sagged = await rig.run(1);
    equal(sagged.supply.isOn, false);
    equal(railMvOf(rig, 0), 0);
    equal(await rig.read("boards", 0x50, "00", 1), "05");
    rig.clear();
    ok((await rig.run(3)).supply.railMv > 13_000);
  });

  it("lives not at all without mains, and has forgotten its setpoint afterwards", async () => {
    const rig = new BodyRig().poweredUp();
    rig.body.setInputV(0);
    const { inputW, fans, supply } = await rig.run(30);
    equal(inputW, 0);
    ok(fans.every(({ rpm }) => rpm < 10));
    equal(supply.isOn, false);
    equal(await rig.read("psu", 0x10, "00", 1), "nack");
    equal(await rig.read("boards", 0x50, "00", 1), "nack");
    rig.body.setInputV(230);
    equal(rig.truth().supply.setpointMv, null);
  });

  it("follows no enable line that is dead, and the line again when it is not", async () => {
    const rig = new BodyRig().poweredUp();
    await rig.run(1);
    rig.fault("enableLineDead");
    rig.body.setEnableLine(1);
    ok((await rig.run(2)).supply.isOn);
    rig.clear();
    equal((await rig.run(1)).supply.isOn, false);
  });

  it("stays on, stays off or is off its setpoint as its faults say", async () => {
    const rig = new BodyRig();
    await set(rig, N);
    rig.fault("psuStuckOn");
    near((await rig.run(3)).supply.railMv, SET_MV, 100);
    rig.clear().fault("psuNoOutput");
    rig.body.setEnableLine(0);
    ok((await rig.run(60)).supply.railMv < 100);
    rig.clear().fault("psuWrongVoltage", { offsetMv: -700 });
    near((await rig.run(3)).supply.railMv, SET_MV - 700, 100);
  });

  it("cuts an output without commands when the supply's watchdog runs unasked", async () => {
    const rig = new BodyRig().poweredUp();
    rig.fault("watchdogBites", { afterS: 5 });
    ok((await rig.run(4)).supply.isOn);
    equal((await rig.run(2)).supply.trip, "watchdog");
  });

  it("passes the rail on through a converter only while its controller says so", async () => {
    const spec = airCooled();
    const boards = spec.boards.map((board, slot) => ({
      ...board,
      controller: { address: 0x20 + slot, version: 0x89 },
    }));
    const rig = new BodyRig({ ...spec, boards });
    rig.body.setEnableLine(0);
    await rig.run(3);
    equal(railMvOf(rig, 0), 0);
    rig.body.boards[0]!.controller!.run(rig.clock.nowMs());
    await rig.run(1);
    ok(railMvOf(rig, 0) > 13_000);
    equal(railMvOf(rig, 1), 0);
    equal((await rig.run(20)).boards[0]!.railMv, 0, "no heartbeat came");
  });
});
