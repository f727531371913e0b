import { padded, type I2cPart } from "../i2c/i2c-part.js";

/** Documented: fact sheet section 3.1, and the data sheets of TMP451, ADT7461 and NCT218 for the reset values. */
const REGISTER = {
  local: 0x00,
  remote: 0x01,
  status: 0x02,
  configRead: 0x03,
  configWrite: 0x09,
  remoteFraction: 0x10,
  remoteOffset: 0x11,
  localFraction: 0x15,
  manufacturer: 0xfe,
} as const;
const EXTENDED = 0x04;
const EXTENDED_OFFSET = 64;
const DIODE_OPEN = 0x04;
const CELSIUS_PER_FRACTION = 0.0625;

/** How the parts of this class differ. */
const PARTS = {
  tmp451: { manufacturer: 0x55, hasRemote: true, hasLocalFraction: true },
  adt7461: { manufacturer: 0x41, hasRemote: true, hasLocalFraction: false },
  nct218: { manufacturer: 0x1a, hasRemote: false, hasLocalFraction: false },
} as const;
export type Tmp451Name = keyof typeof PARTS;

/** TMP451, ADT7461 and NCT218: bytes at registers, whole degrees with a fraction apart. */
export class Tmp451 implements I2cPart {
  readonly #part: Tmp451Name;
  readonly #readLocalC: () => number;
  /** Undefined: the diode is open. */
  readonly #readRemoteC: () => number | undefined;
  readonly #bytes = new Map<number, number>();
  #pointer = 0;

  constructor(part: Tmp451Name, readLocalC: () => number, readRemoteC: () => number | undefined) {
    this.#part = part;
    this.#readLocalC = readLocalC;
    this.#readRemoteC = readRemoteC;
  }

  write(bytes: Uint8Array): boolean {
    const [register, value] = bytes;
    if (register === undefined) return true;
    this.#pointer = register;
    if (value === undefined) return true;
    const stored = register === REGISTER.configWrite ? REGISTER.configRead : register;
    this.#bytes.set(stored, value);
    return true;
  }

  read(length: number): Uint8Array {
    return padded([this.#byteAt(this.#pointer)], length);
  }

  #byteAt(register: number): number {
    const { manufacturer, hasRemote, hasLocalFraction } = PARTS[this.#part];
    const remoteC = hasRemote ? this.#readRemoteC() : undefined;
    switch (register) {
      case REGISTER.local:
        return this.#whole(this.#readLocalC());
      case REGISTER.localFraction:
        return hasLocalFraction ? this.#fraction(this.#readLocalC()) : 0;
      case REGISTER.remote:
        return remoteC === undefined ? 0 : this.#whole(remoteC + this.#remoteOffsetC());
      case REGISTER.remoteFraction:
        return remoteC === undefined ? 0 : this.#fraction(remoteC + this.#remoteOffsetC());
      case REGISTER.status:
        return hasRemote && remoteC === undefined ? DIODE_OPEN : 0;
      case REGISTER.manufacturer:
        return manufacturer;
      default:
        return this.#bytes.get(register) ?? 0;
    }
  }

  #remoteOffsetC(): number {
    return ((this.#bytes.get(REGISTER.remoteOffset) ?? 0) << 24) >> 24;
  }

  #whole(tempC: number): number {
    const isExtended = ((this.#bytes.get(REGISTER.configRead) ?? 0) & EXTENDED) !== 0;
    const whole = Math.floor(tempC + CELSIUS_PER_FRACTION / 2);
    return isExtended
      ? Math.max(0, Math.min(255, whole + EXTENDED_OFFSET))
      : Math.max(0, Math.min(127, whole));
  }

  #fraction(tempC: number): number {
    const counts = Math.round(tempC / CELSIUS_PER_FRACTION);
    return (((counts % 16) + 16) % 16) << 4;
  }
}
