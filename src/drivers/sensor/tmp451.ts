import type { I2cTransfers } from "../../hal/i2c-bus.js";
import type { TemperatureSensor } from "../temperature-sensor.js";
import { checkedSensor, type Sample, type SensorOptions } from "./checked-sensor.js";
import { PartRegisters } from "./part-registers.js";

/** Documented: fact sheet, section 3.1: published sources of the S9's stock firmware, Braiins and Mujina. */
const REGISTER = {
  local: 0x00,
  remote: 0x01,
  status: 0x02,
  config: 0x03,
  remoteFraction: 0x10,
  localFraction: 0x15,
  manufacturer: 0xfe,
  device: 0xff,
} as const;
const STATUS_DIODE_OPEN = 0x04;
const CONFIG_EXTENDED = 0x04;
const EXTENDED_ZERO_C = 64;

/** What parts of this family have, by manufacturer. */
interface Abilities {
  readonly hasLocalFraction: boolean;
  readonly hasRemote: boolean;
}
const TI = 0x55;
const ABILITIES: Readonly<Record<number, Abilities>> = {
  /** TMP451 */
  [TI]: { hasLocalFraction: true, hasRemote: true },
  /** ADT7461 */
  0x41: { hasLocalFraction: false, hasRemote: true },
  /** NCT218 */
  0x1a: { hasLocalFraction: false, hasRemote: false },
};
/** Others of the same maker, with other registers. */
const TMP42X = [0x21, 0x22, 0x23];

export interface Tmp451Options extends SensorOptions {
  /** The diode of a chip, not the part's own die. */
  readonly remoteDiode?: boolean | undefined;
}

/**
 * TMP451, ADT7461 and NCT218. What is fitted is asked for once and decides, whatever the hardware data says: boards carry
 * any of them. The range that the part is set to is asked for with each reading, because it falls back with its power.
 */
export function tmp451(
  bus: I2cTransfers,
  address: number,
  options: Tmp451Options,
): TemperatureSensor {
  const registers = new PartRegisters(bus, address);
  const { part, place, remoteDiode = false } = options;
  let abilities: Abilities | undefined;

  const identify = async (): Promise<Abilities> => {
    const manufacturer = await registers.readByte(REGISTER.manufacturer);
    const found = ABILITIES[manufacturer];
    if (found === undefined || (remoteDiode && !found.hasRemote))
      throw registers.wrongPart(part, place, manufacturer);
    if (manufacturer === TI) {
      const device = await registers.readByte(REGISTER.device);
      if (TMP42X.includes(device)) throw registers.wrongPart(part, place, device);
    }
    return found;
  };
  return checkedSensor(options, async () => {
    abilities ??= await identify();
    return await (remoteDiode ? remoteSample(registers) : localSample(registers, abilities));
  });
}

async function localSample(registers: PartRegisters, abilities: Abilities): Promise<Sample> {
  const isExtended = await readIsExtended(registers);
  if (!abilities.hasLocalFraction) {
    const high = await registers.readByte(REGISTER.local);
    return { tempC: tempCFromTmp451(high, 0, isExtended), raw: Uint8Array.of(high) };
  }
  return sampleOf(await registers.readSplit(REGISTER.local, REGISTER.localFraction), isExtended);
}

async function remoteSample(registers: PartRegisters): Promise<Sample> {
  const isExtended = await readIsExtended(registers);
  const status = await registers.readByte(REGISTER.status);
  const split = await registers.readSplit(REGISTER.remote, REGISTER.remoteFraction);
  const isOpen = (status & STATUS_DIODE_OPEN) !== 0;
  return { ...sampleOf(split, isExtended), fault: isOpen ? "diodeOpen" : undefined };
}

function sampleOf({ high, low }: { high: number; low: number }, isExtended: boolean): Sample {
  return { tempC: tempCFromTmp451(high, low, isExtended), raw: Uint8Array.of(high, low) };
}

async function readIsExtended(registers: PartRegisters): Promise<boolean> {
  return ((await registers.readByte(REGISTER.config)) & CONFIG_EXTENDED) !== 0;
}

/**
 * Whole degrees and the upper half of the fraction byte, in steps of 0.0625. The extended range counts from -64 C; the
 * standard one reads 0 for whatever is colder. Documented: Mujina, TMP451 driver; published source of the S9.
 */
export function tempCFromTmp451(high: number, low: number, isExtended: boolean): number {
  return high + (low >> 4) * 0.0625 - (isExtended ? EXTENDED_ZERO_C : 0);
}
