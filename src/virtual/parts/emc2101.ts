import { padded, type I2cPart } from "../i2c/i2c-part.js";

/** Documented: Microchip EMC2101 data sheet, register map. */
const REGISTER = {
  internal: 0x00,
  externalHigh: 0x01,
  status: 0x02,
  config: 0x03,
  configMirror: 0x09,
  externalLow: 0x10,
  tachLow: 0x46,
  tachHigh: 0x47,
  fanConfig: 0x4a,
  fanSetting: 0x4c,
  productId: 0xfd,
  manufacturerId: 0xfe,
  revision: 0xff,
} as const;
const RESET_VALUES: readonly (readonly [register: number, value: number])[] = [
  [REGISTER.fanConfig, 0x20],
  [REGISTER.productId, 0x16],
  [REGISTER.manufacturerId, 0x5d],
  [REGISTER.revision, 0x01],
];
/** Configuration bit: the pin is the tach input. Without it the count stays at its end. */
const PIN_IS_TACH = 0x04;
const FULL_SETTING = 63;
const TACH_CONSTANT = 5_400_000;
const TACH_STALLED = 0xffff;
const CELSIUS_PER_COUNT = 0.125;

/** What the part is wired to. */
export interface Emc2101Board {
  readonly boardC: () => number;
  /** Die of a chip. */
  readonly dieC: () => number;
  readonly fanRpm: () => number;
  /** @param duty 0..1 */
  readonly setFanDuty: (duty: number) => void;
}

/** Fan controller and temperature of an open board. */
export class Emc2101 implements I2cPart {
  readonly #board: Emc2101Board;
  readonly #bytes = new Map<number, number>(RESET_VALUES);
  #pointer = 0;
  isSilent = false;

  constructor(board: Emc2101Board) {
    this.#board = board;
  }

  /** As after power-up: the fan stands still until it is set. */
  restart(): void {
    this.#bytes.clear();
    for (const [register, value] of RESET_VALUES) this.#bytes.set(register, value);
    this.#board.setFanDuty(0);
  }

  write(bytes: Uint8Array): boolean {
    if (this.isSilent) return false;
    const [register, value] = bytes;
    if (register === undefined) return true;
    this.#pointer = register;
    if (value === undefined || register >= REGISTER.productId) return true;
    this.#bytes.set(register === REGISTER.configMirror ? REGISTER.config : register, value);
    if (register === REGISTER.fanSetting)
      this.#board.setFanDuty(Math.min(FULL_SETTING, value & 0x3f) / FULL_SETTING);
    return true;
  }

  read(length: number): Uint8Array | undefined {
    return this.isSilent ? undefined : padded([this.#byteAt(this.#pointer)], length);
  }

  #byteAt(register: number): number {
    switch (register) {
      case REGISTER.internal:
        return Math.round(this.#board.boardC()) & 0xff;
      case REGISTER.externalHigh:
        return (this.#externalCounts() >> 8) & 0xff;
      case REGISTER.externalLow:
        return this.#externalCounts() & 0xe0;
      case REGISTER.tachLow:
        return this.#tachCount() & 0xff;
      case REGISTER.tachHigh:
        return this.#tachCount() >> 8;
      default:
        return (
          this.#bytes.get(register === REGISTER.configMirror ? REGISTER.config : register) ?? 0
        );
    }
  }

  /** Eleven bits at the top of two bytes. */
  #externalCounts(): number {
    return Math.round(this.#board.dieC() / CELSIUS_PER_COUNT) << 5;
  }

  #tachCount(): number {
    const isTach = ((this.#bytes.get(REGISTER.config) ?? 0) & PIN_IS_TACH) !== 0;
    const rpm = this.#board.fanRpm();
    const count = rpm > 0 ? Math.round(TACH_CONSTANT / rpm) : TACH_STALLED;
    return isTach ? Math.min(TACH_STALLED, count) : TACH_STALLED;
  }
}
