import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { findSupplyType, type KnownSupply } from "../../../../src/boards/load-supplies.js";
import type { PowerSupply } from "../../../../src/drivers/power-supply.js";
import { type ApwV1, openApwV1 } from "../../../../src/drivers/psu/apw-v1.js";
import { openApwV2 } from "../../../../src/drivers/psu/apw-v2.js";
import { FrameLine } from "../../../../src/drivers/psu/frame-line.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { isMinerError } from "../../../../src/lib/errors.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { inTime, type Mishap, ScriptedSupply } from "./scripted-supply.js";

const log = createLogger("silent");
const TIMING = { replyWaitMs: 300, afterMs: 100, tries: 3 };
const BLOCK = [...blockOfVectors()];

type Replies = Readonly<Record<number, readonly number[]>>;

interface Rig<Supply> {
  readonly clock: ManualClock;
  readonly bus: ScriptedSupply;
  readonly supply: Supply;
}

async function rigV1(typeCode: number, replies: Replies = {}): Promise<Rig<ApwV1>> {
  const { clock, bus, line } = lineRig(1, replies);
  const known = findSupplyType(typeCode, 0x1a08)!;
  const supply = openApwV1(line, known, null, { log });
  await inTime(clock, supply.readCalibration?.() ?? Promise.resolve());
  return { clock, bus, supply };
}

async function rigV2(replies: Replies = {}, offset?: number): Promise<Rig<PowerSupply>> {
  const { clock, bus, line } = lineRig(2, replies);
  const { supply: spec, type } = findSupplyType(0x62, null)!;
  const { code, reads = [], evidence, source } = type;
  const known: KnownSupply = {
    supply: spec,
    type: {
      code,
      reads,
      evidence,
      source,
      ...(offset !== undefined && { calibrationOffset: offset }),
    },
  };
  const supply = await inTime(clock, openApwV2(line, known, { log }));
  return { clock, bus, supply };
}

function lineRig(
  version: 1 | 2,
  replies: Replies,
): { clock: ManualClock; bus: ScriptedSupply; line: FrameLine } {
  const clock = new ManualClock();
  const bus = new ScriptedSupply({ clock, version, replies });
  const way = { version, register: 0x11 } as const;
  return {
    clock,
    bus,
    line: new FrameLine({ bus, address: 0x10, way, timing: TIMING, clock, log }),
  };
}

function blockOfVectors(): Uint8Array {
  const file = new URL("../../../fixtures/power/psu_calibration.json", import.meta.url);
  const { synthetic } = JSON.parse(readFileSync(file, "utf8")) as {
    synthetic: { block_hex: string };
  };
  return new Uint8Array(Buffer.from(synthetic.block_hex, "hex"));
}

function float(value: number): number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value, true);
  return [...new Uint8Array(view.buffer)];
}

describe("supply of frame version 1", () => {
  it("is set to the code of its formula, and tells the voltage that this makes", async () => {
    const { clock, bus, supply } = await rigV1(0x72);
    const request = await inTime(clock, supply.requestVoltage(13_200));
    deepEqual(bus.setpoint, [151, 0]);
    deepEqual(request, { railMv: 13_207, isEchoed: true });
    equal(await inTime(clock, supply.readSetpointMv!()), 13_207);
  });

  const OUTCOMES: readonly [Mishap, number, boolean][] = [
    ["refuse", 255, false],
    ["refuseYetApply", 151, false],
    ["echoOnly", 255, true],
  ];
  for (const [mishap, setpoint, isEchoed] of OUTCOMES)
    it(`tells what it did when each request meets "${mishap}"; reading back tells the truth`, async () => {
      const { clock, bus, supply } = await rigV1(0x72);
      bus.mishaps = [mishap, mishap, mishap];
      const request = await inTime(clock, supply.requestVoltage(13_200));
      deepEqual(request, { railMv: 13_207, isEchoed });
      deepEqual(bus.setpoint, [setpoint, 0]);
      bus.mishaps = [];
      const readBackMv = await inTime(clock, supply.readSetpointMv!());
      equal(readBackMv === request.railMv, setpoint === 151);
    });

  it("throws when the supply took no request at all", async () => {
    const { clock, bus, supply } = await rigV1(0x72);
    bus.mishaps = ["nack", "nack", "nack"];
    await rejects(inTime(clock, supply.requestVoltage(13_200)), (error) =>
      isMinerError(error, "PSU_NO_ANSWER"),
    );
  });

  it("refuses voltages outside of its range before anything is sent", async () => {
    const { bus, supply } = await rigV1(0x72);
    for (const railMv of [11_999, 15_001, Number.NaN, -1])
      await rejects(supply.requestVoltage(railMv), (error) =>
        isMinerError(error, "PSU_VOLTAGE_OUT_OF_RANGE"),
      );
    equal(bus.transfers.length, 0);
  });

  it("measures its output where the type can", async () => {
    const measuring = await rigV1(0x73, { 0x04: [0x20, 0x03] });
    equal(await inTime(measuring.clock, measuring.supply.readOutputMv!()), 15_166);
    equal((await rigV1(0x72)).supply.readOutputMv, undefined);
  });

  it("tells whether it is on, and does not take an unknown state for off", async () => {
    for (const [reply, isOn] of [
      [[1, 0], true],
      [[0, 0], false],
    ] as const) {
      const { clock, supply } = await rigV1(0x72, { 0x05: reply });
      equal(await inTime(clock, supply.readIsOn!()), isOn);
    }
    const { clock, supply } = await rigV1(0x72, { 0x05: [2, 0] });
    await rejects(inTime(clock, supply.readIsOn!()), (error) =>
      isMinerError(error, "PSU_NO_ANSWER"),
    );
  });

  it("does not take a setpoint for a voltage that no code makes", async () => {
    const { clock, bus, supply } = await rigV1(0x72);
    bus.setpoint = [9, 1];
    await rejects(inTime(clock, supply.readSetpointMv!()), (error) =>
      isMinerError(error, "PSU_NO_ANSWER"),
    );
  });

  it("switches its watchdog", async () => {
    const { clock, bus, supply } = await rigV1(0x72);
    await inTime(clock, supply.setWatchdog!(true));
    await inTime(clock, supply.setWatchdog!(false));
    deepEqual(
      bus.done.map(({ payload }) => payload),
      [
        [1, 0],
        [0, 0],
      ],
    );
  });

  it("gives status flags of either length", async () => {
    const short = await rigV1(0x72, { 0x0a: [0x12, 0x34] });
    equal(await inTime(short.clock, short.supply.readStatus!()), "1234");
    const long = await rigV1(0x72, { 0x0a: [1, 2, 3, 4, 5, 6, 7, 8] });
    equal(await inTime(long.clock, long.supply.readStatus!()), "0102030405060708");
  });

  it("reads power, temperatures and mains where the type tells them", async () => {
    const { clock, supply } = await rigV1(0xc1, {
      0x08: [0xb8, 0x0b],
      0x09: [0x45, 0x01, 0xe3, 0x00, 0xff, 0x07],
      0x0d: [1, 2, 3, 4],
    });
    equal(await inTime(clock, supply.readPowerW!()), 3000);
    deepEqual(await inTime(clock, supply.readTemperaturesC!()), [
      { place: "pfc", tempC: 40 },
      { place: "llc1", tempC: 30 },
      { place: "llc2", tempC: 125 },
    ]);
    equal(await inTime(clock, supply.readInputStatus!()), "01020304");
    const without = (await rigV1(0x72)).supply;
    equal(without.readPowerW ?? without.readTemperaturesC ?? without.readInputStatus, undefined);
  });

  it("takes an open sensor for a fault, not for a cold one", async () => {
    const { clock, supply } = await rigV1(0xc1, { 0x09: [10, 0, 227, 0, 227, 0] });
    await rejects(inTime(clock, supply.readTemperaturesC!()), (error) =>
      isMinerError(error, "SENSOR_IMPLAUSIBLE"),
    );
  });

  it("uses the calibration of the unit, and says so", async () => {
    const { clock, bus, supply } = await rigV1(0x71, { 0x06: [0, ...BLOCK] });
    deepEqual(bus.done[0]?.payload, [0x40, 32]);
    equal(supply.identity.calibration, "block");
    equal(supply.identity.calibrationDate, "2021-12-08");
    await inTime(clock, supply.requestVoltage(12_600));
    deepEqual(bus.setpoint, [196, 0]);
    const readMv = await inTime(clock, supply.readSetpointMv!());
    ok(Math.abs(readMv - 12_600) < 7, String(readMv));
  });

  it("goes by the formula when the calibration is damaged or missing", async () => {
    const damaged = [...BLOCK];
    damaged[0x0d] = 0;
    for (const replies of [{ 0x06: [0, ...damaged] }, {}]) {
      const { clock, bus, supply } = await rigV1(0x71, replies);
      equal(supply.identity.calibration, "formula");
      equal(supply.identity.serial, null);
      await inTime(clock, supply.requestVoltage(12_600));
      deepEqual(bus.setpoint, [198, 0]);
    }
  });
});

describe("supply of frame version 2", () => {
  it("is told volts, and tells them", async () => {
    const { clock, bus, supply } = await rigV2({ 0x04: float(19.98) });
    const request = await inTime(clock, supply.requestVoltage(20_000));
    deepEqual(request, { railMv: 20_000, isEchoed: true });
    deepEqual(bus.setpoint, [0, 0, 0xa0, 0x41]);
    equal(await inTime(clock, supply.readSetpointMv!()), 20_000);
    equal(await inTime(clock, supply.readOutputMv!()), 19_980);
    equal(supply.identity.calibration, "none");
  });

  it("keeps to its limits", async () => {
    const { bus, supply } = await rigV2();
    for (const railMv of [16_499, 22_101])
      await rejects(supply.requestVoltage(railMv), (error) =>
        isMinerError(error, "PSU_VOLTAGE_OUT_OF_RANGE"),
      );
    equal(bus.transfers.length, 0);
  });

  it("corrects by the calibration of the unit", async () => {
    const { clock, bus, supply } = await rigV2({ 0x06: [0, 32, ...BLOCK] }, 0x00);
    deepEqual(bus.done[0]?.payload, [0, 0, 32, 0]);
    equal(supply.identity.calibration, "block");
    // The unit makes 35 mV less than it is told at the upper end.
    await inTime(clock, supply.requestVoltage(21_565));
    deepEqual(bus.setpoint, float(21.6));
    equal(await inTime(clock, supply.readSetpointMv!()), 21_565);
  });

  it("does not take what is no number for a voltage", async () => {
    const { clock, supply } = await rigV2({ 0x04: [0, 0, 0xc0, 0x7f] });
    await rejects(inTime(clock, supply.readOutputMv!()), (error) =>
      isMinerError(error, "PSU_NO_ANSWER"),
    );
  });

  it("tells state, input power and error code, and switches its watchdog", async () => {
    const { clock, bus, supply } = await rigV2({
      0x05: [1, 0],
      0x08: float(3412.5),
      0x0e: [0, 0, 0, 0, 1, 2, 3, 4],
    });
    equal(await inTime(clock, supply.readIsOn!()), true);
    equal(await inTime(clock, supply.readPowerW!()), 3412.5);
    equal(await inTime(clock, supply.readStatus!()), "0000000001020304");
    await inTime(clock, supply.setWatchdog!(true));
    deepEqual(bus.done.at(-1), { command: 0x81, payload: [0, 1] });
  });
});
