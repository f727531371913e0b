import type { PowerSupplySpec } from "../../boards/machine-spec.js";
import type { I2cTransfers } from "../../hal/i2c-bus.js";
import { hexNumber, toHex } from "../../lib/bytes.js";
import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import type { Logger } from "../../lib/logger.js";
import type { PowerSupply, PsuIdentity, PsuTemperature, VoltageRequest } from "../power-supply.js";
import {
  fromSlinear11,
  fromUlinear16,
  parseVoutMode,
  toUlinear16,
  type VoutMode,
} from "./linear-format.js";
import { bitaxeSettings, TPS546, type Tps546Setting } from "./tps546-settings.js";

export interface Tps546Options {
  readonly bus: I2cTransfers;
  readonly clock: Clock;
  readonly log: Logger;
  readonly supply: PowerSupplySpec;
  /** Ends the opening; the opened regulator no longer heeds it. */
  readonly signal?: AbortSignal;
}

export interface Tps546 extends PowerSupply {
  /** @throws I2C_... */
  readonly readInputMv: () => Promise<number>;
}

const DEFAULT_ADDRESS = 0x24;
/** IC_DEVICE_ID of the 40 A parts. Documented: ESP-Miner; the 20 A parts (6b) cannot carry the limits set here. */
const DEVICES: Readonly<Record<string, string>> = {
  "5449546d2441": "TPS546D24A",
  "5449546d2462": "TPS546D24S",
};
const DEVICE_ID_BYTES = 6;
/** Tries and pause: ESP-Miner. After power-up the part is silent for some 8 ms. */
const DEVICE_TRIES = 6;
const DEVICE_RETRY_MS = 3;
const OPERATION_ON = 0x80;
const OPERATION_OFF = 0x00;
/** STATUS_WORD: the output is off for whatever reason. */
const STATUS_OFF = 0x40;
/** The part keeps some limits in steps of its own. */
const SETTING_TOLERANCE = 0.05;

/**
 * A core regulator of the TPS546D24 class. Its output is left on where the part holds every setting already, so that a
 * restarted program can take over; otherwise it is switched off and set up.
 * @throws PSU_NO_ANSWER; PSU_TYPE_UNKNOWN for another part or number format; PSU_READBACK_MISMATCH when it does not
 *   keep a limit; I2C_...
 */
export async function openTps546(options: Tps546Options): Promise<Tps546> {
  const { bus, supply, log, signal } = options;
  const { rangeMv } = supply;
  if (rangeMv === undefined)
    throw new MinerError("PSU_TYPE_UNKNOWN", { supply: supply.name, reason: "no range" });
  const part = new Registers(bus, supply.address ?? DEFAULT_ADDRESS);
  const device = await findDevice(part, options);
  const mode = await readMode(part, supply.name);
  signal?.throwIfAborted();
  const settings = bitaxeSettings(mode, rangeMv);
  const isSetUp = (await firstWrong(part, mode, settings)) === undefined;
  log.info({ supply: supply.name, device, isSetUp }, "found regulator");
  if (!isSetUp) await setUp(part, mode, settings, rangeMv.min);
  return new Tps546Supply(part, mode, supply.name, { min: rangeMv.min, max: rangeMv.max });
}

/** Registers of one part. Words travel low byte first. */
class Registers {
  readonly address: number;
  readonly #bus: I2cTransfers;

  constructor(bus: I2cTransfers, address: number) {
    this.#bus = bus;
    this.address = address;
  }

  async read(register: number, bytes: 1 | 2): Promise<number> {
    const [low = 0, high = 0] = await this.#bus.readRegister(this.address, register, bytes);
    return low | (high << 8);
  }

  async write(register: number, bytes: 0 | 1 | 2, value = 0): Promise<void> {
    const data = [value & 0xff, value >> 8].slice(0, bytes);
    await this.#bus.write(this.address, Uint8Array.of(register, ...data));
  }

  /** A block: its length comes first. */
  async readBlock(register: number, length: number): Promise<Uint8Array> {
    return (await this.#bus.readRegister(this.address, register, length + 1)).subarray(1);
  }

  async linear(register: number): Promise<number> {
    return fromSlinear11(await this.read(register, 2));
  }
}

class Tps546Supply implements Tps546 {
  readonly identity: PsuIdentity;
  readonly readCalibration = undefined;
  readonly rangeMv: PowerSupply["rangeMv"];
  readonly offWrite: NonNullable<PowerSupply["offWrite"]>;
  readonly #part: Registers;
  readonly #mode: VoutMode;

  constructor(part: Registers, mode: VoutMode, supply: string, rangeMv: PowerSupply["rangeMv"]) {
    this.#part = part;
    this.#mode = mode;
    this.rangeMv = rangeMv;
    this.offWrite = {
      address: part.address,
      bytes: Uint8Array.of(TPS546.operation, OPERATION_OFF),
    };
    this.identity = {
      ...{ supply, typeCode: null, firmware: null, serial: null },
      ...{ calibration: "none", calibrationDate: null },
    };
  }

  async requestVoltage(railMv: number): Promise<VoltageRequest> {
    const { min, max } = this.rangeMv;
    if (!(railMv >= min && railMv <= max))
      throw new MinerError("PSU_VOLTAGE_OUT_OF_RANGE", { railMv, minMv: min, maxMv: max });
    const word = toUlinear16(railMv / 1000, this.#mode);
    await this.#part.write(TPS546.voutCommand, 2, word);
    const isEchoed = (await this.#part.read(TPS546.voutCommand, 2)) === word;
    return { railMv: this.#mvOf(word), isEchoed };
  }

  readonly readSetpointMv = async (): Promise<number> =>
    this.#mvOf(await this.#part.read(TPS546.voutCommand, 2));

  readonly readOutputMv = async (): Promise<number> =>
    this.#mvOf(await this.#part.read(TPS546.readVout, 2));

  readonly readInputMv = async (): Promise<number> =>
    Math.round((await this.#part.linear(TPS546.readVin)) * 1000);

  readonly readIsOn = async (): Promise<boolean> =>
    ((await this.#part.read(TPS546.statusWord, 2)) & STATUS_OFF) === 0;

  /** Output voltage times output current. */
  readonly readPowerW = async (): Promise<number> => {
    const volts = fromUlinear16(await this.#part.read(TPS546.readVout, 2), this.#mode);
    return volts * (await this.#part.linear(TPS546.readIout));
  };

  readonly readTemperaturesC = async (): Promise<readonly PsuTemperature[]> => [
    { place: "regulator", tempC: await this.#part.linear(TPS546.readTemperature) },
  ];

  /** STATUS_WORD. */
  readonly readStatus = async (): Promise<string> =>
    hexNumber(await this.#part.read(TPS546.statusWord, 2), 4);

  readonly setWatchdog = undefined;

  readonly setOutput = async (isOn: boolean): Promise<void> => {
    const wanted = isOn ? OPERATION_ON : OPERATION_OFF;
    // Faults that are still latched keep the output off. Source: mujina.
    if (isOn) await this.#part.write(TPS546.clearFaults, 0);
    await this.#part.write(TPS546.operation, 1, wanted);
    const found = await this.#part.read(TPS546.operation, 1);
    if (found !== wanted) throw mismatch(TPS546.operation, wanted, found);
  };

  #mvOf(word: number): number {
    return Math.round(fromUlinear16(word, this.#mode) * 1000);
  }
}

async function findDevice(part: Registers, { clock, signal }: Tps546Options): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const id = toHex(await part.readBlock(TPS546.icDeviceId, DEVICE_ID_BYTES));
      const device = DEVICES[id];
      if (device !== undefined) return device;
      if (attempt === DEVICE_TRIES) throw new MinerError("PSU_TYPE_UNKNOWN", { device: id });
    } catch (error) {
      if (!isMinerError(error, "I2C_NACK")) throw error;
      const facts = { address: hexNumber(part.address), reason: "nack" };
      if (attempt === DEVICE_TRIES) throw new MinerError("PSU_NO_ANSWER", facts, { cause: error });
    }
    await clock.sleep(DEVICE_RETRY_MS, signal);
  }
}

/** Limits are only known as ratios: a part that keeps them as volts is refused. */
async function readMode(part: Registers, supply: string): Promise<VoutMode> {
  const byte = await part.read(TPS546.voutMode, 1);
  const mode = parseVoutMode(byte);
  if (mode?.isRelative === true) return mode;
  throw new MinerError("PSU_TYPE_UNKNOWN", { supply, voutMode: hexNumber(byte) });
}

async function setUp(
  part: Registers,
  mode: VoutMode,
  settings: readonly Tps546Setting[],
  lowestMv: number,
): Promise<void> {
  await part.write(TPS546.operation, 1, OPERATION_OFF);
  for (const { register, bytes, value } of settings) {
    await part.write(register, bytes, value);
    // The setpoint before the limits that are ratios of it; the real one is asked for later.
    if (register === TPS546.voutScaleLoop)
      await part.write(TPS546.voutCommand, 2, toUlinear16(lowestMv / 1000, mode));
  }
  const wrong = await firstWrong(part, mode, settings);
  if (wrong !== undefined) throw mismatch(wrong.register, wrong.value, wrong.found);
}

async function firstWrong(
  part: Registers,
  mode: VoutMode,
  settings: readonly Tps546Setting[],
): Promise<(Tps546Setting & { readonly found: number }) | undefined> {
  for (const setting of settings) {
    const found = await part.read(setting.register, setting.bytes);
    if (!isAlike(setting, found, mode)) return { ...setting, found };
  }
  return undefined;
}

function isAlike({ format, value, bytes }: Tps546Setting, found: number, mode: VoutMode): boolean {
  if (bytes === 1) return value === found;
  const decode = (word: number): number =>
    format === "ulinear16" ? fromUlinear16(word, mode) : fromSlinear11(word);
  return Math.abs(decode(value) - decode(found)) <= Math.abs(decode(value)) * SETTING_TOLERANCE;
}

function mismatch(register: number, wanted: number, found: number): MinerError {
  return new MinerError("PSU_READBACK_MISMATCH", {
    register: hexNumber(register),
    wanted: hexNumber(wanted),
    found: hexNumber(found),
  });
}
