import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { loadSupplies } from "../../../../src/boards/load-supplies.js";
import { openTps546 } from "../../../../src/drivers/pmbus/tps546.js";
import { bitaxeSettings, TPS546 } from "../../../../src/drivers/pmbus/tps546-settings.js";
import { probePowerSupply } from "../../../../src/drivers/psu/probe-power-supply.js";
import type { I2cTransfers } from "../../../../src/hal/i2c-bus.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { isMinerError, MinerError, type ErrorCode } from "../../../../src/lib/errors.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { inTime } from "../psu/scripted-supply.js";

const log = createLogger("silent");
const ADDRESS = 0x24;
const D24A = [0x54, 0x49, 0x54, 0x6d, 0x24, 0x41];
/** Relative limits, exponent -9. */
const RELATIVE_MINUS_9 = 0x97;
const SUPPLY = loadSupplies().find(({ name }) => name === "tps546")!;
const GAMMA_RANGE = { min: 1000, max: 2000 };

/** Registers as bytes, low byte first. */
class FakeRegulator implements I2cTransfers {
  readonly registers = new Map<number, number[]>([
    [TPS546.icDeviceId, [6, ...D24A]],
    [TPS546.voutMode, [RELATIVE_MINUS_9]],
    [TPS546.statusWord, [0x00, 0x00]],
  ]);
  readonly writes: { readonly register: number; readonly data: readonly number[] }[] = [];
  /** Registers that keep what they have. */
  readonly deaf = new Set<number>();
  absentFor = 0;

  write(address: number, bytes: Uint8Array): Promise<void> {
    const [register = 0, ...data] = bytes;
    if (address !== ADDRESS) return Promise.reject(new MinerError("I2C_NACK", { address }));
    this.writes.push({ register, data });
    if (!this.deaf.has(register)) this.registers.set(register, data);
    return Promise.resolve();
  }

  read(): Promise<Uint8Array> {
    return Promise.reject(new MinerError("INTERNAL", { misuse: "no register" }));
  }

  readRegister(address: number, register: number, length: number): Promise<Uint8Array> {
    if (address !== ADDRESS || this.absentFor > 0) {
      this.absentFor -= 1;
      return Promise.reject(new MinerError("I2C_NACK", { address }));
    }
    const held = this.registers.get(register) ?? [];
    return Promise.resolve(Uint8Array.from({ length }, (_, index) => held[index] ?? 0));
  }

  word(register: number): number {
    const [low = 0, high = 0] = this.registers.get(register) ?? [];
    return low | (high << 8);
  }

  set(register: number, word: number): void {
    this.registers.set(register, [word & 0xff, word >> 8]);
  }
}

function open(bus: FakeRegulator, clock = new ManualClock()): ReturnType<typeof openTps546> {
  return inTime(clock, openTps546({ bus, clock, log, supply: SUPPLY }));
}

const hasCode = (code: ErrorCode) => (error: unknown) => isMinerError(error, code);

describe("TPS546 regulator", () => {
  it("is switched off and set up before it is used", async () => {
    const bus = new FakeRegulator();
    await open(bus);
    deepEqual(bus.writes[0], { register: TPS546.operation, data: [0x00] });
    ok(bus.writes.every(({ register, data }) => register !== TPS546.operation || data[0] === 0));
    // 1.25 x 512, 30 A as 960 x 2^-5, 145 C and 3 ms as they are.
    equal(bus.word(TPS546.voutOvFaultLimit), 640);
    equal(bus.word(TPS546.voutMax), 1024);
    equal(bus.word(TPS546.voutMin), 512);
    equal(bus.word(TPS546.voutCommand), 512);
    equal(bus.word(TPS546.ioutOcFaultLimit), (0x1b << 11) | 960);
    equal(bus.word(TPS546.otFaultLimit), 145);
    equal(bus.word(TPS546.tonRise), 3);
    equal(bus.word(TPS546.frequencySwitch), 650);
  });

  it("is left alone, output and all, when it holds every setting already", async () => {
    const bus = new FakeRegulator();
    await open(bus);
    bus.registers.set(TPS546.operation, [0x80]);
    bus.writes.length = 0;
    const supply = await open(bus);
    deepEqual(bus.writes, []);
    equal(await supply.readIsOn!(), true);
  });

  it("is set up anew when a single limit is another", async () => {
    const bus = new FakeRegulator();
    await open(bus);
    bus.registers.set(TPS546.operation, [0x80]);
    bus.set(TPS546.voutMax, 1600);
    await open(bus);
    deepEqual(bus.registers.get(TPS546.operation), [0x00]);
    equal(bus.word(TPS546.voutMax), 1024);
  });

  for (const { register } of bitaxeSettings({ exponent: -9, isRelative: true }, GAMMA_RANGE))
    it(`is refused when register 0x${register.toString(16)} does not keep its value`, async () => {
      const bus = new FakeRegulator();
      bus.set(register, 0x7b7f);
      bus.deaf.add(register);
      await rejects(open(bus), hasCode("PSU_READBACK_MISMATCH"));
      ok(!bus.writes.some(({ register: at, data }) => at === TPS546.operation && data[0] !== 0));
    });

  it("takes limits that the part keeps in steps of its own", async () => {
    const bus = new FakeRegulator();
    await open(bus);
    // 4.75 V instead of 4.8 V.
    bus.set(TPS546.vinOn, (0x1e << 11) | 19);
    bus.writes.length = 0;
    await open(bus);
    deepEqual(bus.writes, []);
  });

  it("sets its voltage to the nearest step and reads it back", async () => {
    const bus = new FakeRegulator();
    const supply = await open(bus);
    deepEqual(await supply.requestVoltage(1150), { railMv: 1150, isEchoed: true });
    equal(bus.word(TPS546.voutCommand), 589);
    equal(await supply.readSetpointMv!(), 1150);
    bus.deaf.add(TPS546.voutCommand);
    deepEqual(await supply.requestVoltage(1200), { railMv: 1199, isEchoed: false });
    bus.writes.length = 0;
    for (const railMv of [999, 2001, Number.NaN])
      await rejects(supply.requestVoltage(railMv), hasCode("PSU_VOLTAGE_OUT_OF_RANGE"));
    deepEqual(bus.writes, []);
  });

  it("is switched on and off, and tells when it does not obey", async () => {
    const bus = new FakeRegulator();
    const supply = await open(bus);
    bus.writes.length = 0;
    await supply.setOutput!(true);
    deepEqual(bus.writes, [
      { register: TPS546.clearFaults, data: [] },
      { register: TPS546.operation, data: [0x80] },
    ]);
    await supply.setOutput!(false);
    deepEqual(bus.registers.get(TPS546.operation), [0x00]);
    bus.deaf.add(TPS546.operation);
    await rejects(supply.setOutput!(true), hasCode("PSU_READBACK_MISMATCH"));
  });

  it("tells its readings", async () => {
    const bus = new FakeRegulator();
    const supply = await open(bus);
    bus.set(TPS546.readVout, 589);
    bus.set(TPS546.readIout, (0x1c << 11) | 232); // 232 x 2^-4
    bus.set(TPS546.readVin, (0x1a << 11) | 323); // 323 x 2^-6
    bus.set(TPS546.readTemperature, (0x1f << 11) | 0x7f6); // -10 x 2^-1
    bus.set(TPS546.statusWord, 0x2842);
    equal(await supply.readOutputMv!(), 1150);
    equal(await supply.readPowerW!(), (589 / 512) * 14.5);
    equal(await supply.readInputMv(), 5047);
    deepEqual(await supply.readTemperaturesC!(), [{ place: "regulator", tempC: -5 }]);
    equal(await supply.readStatus!(), "0x2842");
    equal(await supply.readIsOn!(), false);
  });

  it("is waited for a little after power-up", async () => {
    const bus = new FakeRegulator();
    bus.absentFor = 5;
    await open(bus);
    bus.absentFor = 100;
    await rejects(open(bus), hasCode("PSU_NO_ANSWER"));
  });

  it("is not another part, and has no other number format", async () => {
    const other = new FakeRegulator();
    other.registers.set(TPS546.icDeviceId, [6, 0x54, 0x49, 0x54, 0x6b, 0x24, 0x41]);
    await rejects(open(other), hasCode("PSU_TYPE_UNKNOWN"));
    for (const mode of [0x17, 0xb7]) {
      const bus = new FakeRegulator();
      bus.registers.set(TPS546.voutMode, [mode]);
      await rejects(open(bus), hasCode("PSU_TYPE_UNKNOWN"));
      deepEqual(bus.writes, []);
    }
  });

  it("is what the probe opens for a machine whose regulator sits on the hashboard", async () => {
    const clock = new ManualClock();
    const bus = new FakeRegulator();
    const supplies = [SUPPLY];
    const supply = await inTime(clock, probePowerSupply({ bus, clock, log, supplies }));
    equal(supply.identity.supply, "tps546");
    ok(supply.setOutput !== undefined);
  });
});
