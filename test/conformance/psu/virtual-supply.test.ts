import { deepEqual, equal, ok } from "node:assert/strict";
import { loadSupplies } from "../../../src/boards/load-supplies.js";
import { buildFrame } from "../../../src/drivers/psu/frame.js";
import { probePowerSupply } from "../../../src/drivers/psu/probe-power-supply.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { createLogger } from "../../../src/lib/logger.js";
import { type ApwIdentity, ApwSupply } from "../../../src/virtual/parts/apw-supply.js";
import { Tps546 } from "../../../src/virtual/parts/tps546.js";
import { partBus } from "../part-bus.js";
import { inTime } from "../../unit/drivers/psu/scripted-supply.js";

const KNOWN = loadSupplies();
const log = createLogger("silent");
const CALIBRATION = {
  firstMv: -35,
  deltasMv: [4, -2, 6, 1, -3, 0, 5],
  serial: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
  date: { year: 2021, month: 12, day: 8 },
};
const OUTPUT = {
  isOn: true,
  outputMv: 13_000,
  outputW: 2500,
  temperaturesC: [40, 50, 60],
  isGood: true,
  isInputGood: true,
} as const;

/** Driver and virtual machine are written apart from each other: they must mean the same. */
describe("driver of supplies and the virtual supply", () => {
  const fitted: readonly (ApwIdentity & { name: string; askMv: number })[] = [
    { name: "apw12", askMv: 13_200, typeCode: 0x71, firmware: 25, calibration: CALIBRATION },
    { name: "apw12", askMv: 12_500, typeCode: 0x75, firmware: 25, calibration: undefined },
    { name: "apw17", askMv: 13_700, typeCode: 0xc1, firmware: 0x1a08, calibration: undefined },
    { name: "apw9", askMv: 19_300, typeCode: 0x41, firmware: 1, calibration: undefined },
  ];
  for (const { name, askMv, ...identity } of fitted) {
    const { typeCode, calibration } = identity;
    it(`agree about type 0x${typeCode.toString(16)}${calibration === undefined ? "" : ", calibrated"}`, async () => {
      const clock = new ManualClock();
      const part = new ApwSupply(identity, () => OUTPUT, false);
      const bus = partBus(part, clock, 86, 117);
      const supplies = KNOWN.filter((each) => each.name === name);
      const supply = await inTime(
        clock,
        probePowerSupply({ bus, clock, log, supplies, known: KNOWN }),
      );
      equal(supply.identity.typeCode, typeCode);
      equal(supply.identity.calibration, "formula");
      await inTime(clock, supply.readCalibration?.() ?? Promise.resolve());
      equal(supply.identity.calibration, calibration === undefined ? "formula" : "block");
      const { railMv, isEchoed } = await inTime(clock, supply.requestVoltage(askMv));
      equal(isEchoed, true);
      ok(Math.abs((part.setpointMv ?? 0) - railMv) < 1, `${part.setpointMv ?? 0} is not ${railMv}`);
      equal(await inTime(clock, supply.readSetpointMv!()), railMv);
      equal(await inTime(clock, supply.readIsOn!()), true);
      if (supply.readOutputMv !== undefined)
        ok(Math.abs((await inTime(clock, supply.readOutputMv())) - OUTPUT.outputMv) < 16);
      if (supply.readPowerW !== undefined)
        equal(await inTime(clock, supply.readPowerW()), OUTPUT.outputW);
      await inTime(clock, supply.setWatchdog!(true));
      equal(part.isWatchdogOn, true);
    });
  }

  it("agree again after a program that died within a frame", async () => {
    for (const left of [1, 2, 3, 4, 5]) {
      const clock = new ManualClock();
      const identity = { typeCode: 0x71, firmware: 25, calibration: undefined };
      const part = new ApwSupply(identity, () => OUTPUT, false);
      for (const byte of buildFrame(1, 0x02).subarray(0, left))
        part.write(Uint8Array.of(0x11, byte), 0);
      const supplies = KNOWN.filter((each) => each.name === "apw12");
      const bus = partBus(part, clock, 86, 117);
      const probe = probePowerSupply({ bus, clock, log, supplies, known: KNOWN });
      equal((await inTime(clock, probe)).identity.typeCode, 0x71, `${left} bytes`);
    }
  });

  it("agree about a regulator on the hashboard, which a second start leaves on", async () => {
    const clock = new ManualClock();
    const part = new Tps546({ inputMv: () => 5000, outputA: () => 14.5, tempC: () => 61 });
    const bus = partBus(part, clock, 86, 117);
    const supplies = KNOWN.filter(({ name }) => name === "tps546");
    const open = (): ReturnType<typeof probePowerSupply> =>
      inTime(clock, probePowerSupply({ bus, clock, log, supplies, known: KNOWN }));
    const supply = await open();
    equal(part.isOn, false);
    await inTime(clock, supply.requestVoltage(1150));
    await inTime(clock, supply.setOutput!(true));
    ok(Math.abs(part.outputMv - 1150) < 1);
    equal(await inTime(clock, supply.readPowerW!()), (589 / 512) * 14.5);
    deepEqual(await inTime(clock, supply.readTemperaturesC!()), [
      { place: "regulator", tempC: 61 },
    ]);
    equal(await inTime(clock, (await open()).readIsOn!()), true);
  });
});
