import { padded, type I2cPart } from "../i2c/i2c-part.js";

/** Documented: PMBus 1.3 part II and the TPS546D24A data sheet. */
const COMMAND = {
  operation: 0x01,
  clearFaults: 0x03,
  voutMode: 0x20,
  voutCommand: 0x21,
  statusByte: 0x78,
  statusWord: 0x79,
  readVin: 0x88,
  readVout: 0x8b,
  readIout: 0x8c,
  readTemperature: 0x8d,
  revision: 0x98,
  deviceId: 0xad,
} as const;
const ON = 0x80;
/** Linear, exponent -9. */
const VOUT_MODE = 0x97;
const VOUT_EXPONENT = -9;
/** PMBus 1.3. */
const REVISION = 0x33;
/** Documented: ESP-Miner, TPS546.c, one of the ids that it takes for a TPS546D24A. */
const DEVICE_ID = [0x54, 0x49, 0x54, 0x6d, 0x24, 0x41];
const STATUS_OFF = 0x0040;
const STATUS_POWER_NOT_GOOD = 0x0800;
const LINEAR11_EXPONENT = -3;

/** What the part is wired to. */
export interface Tps546Board {
  readonly inputMv: () => number;
  readonly outputA: () => number;
  readonly tempC: () => number;
}

/** PMBus regulator that makes the core voltage of an open board. */
export class Tps546 implements I2cPart {
  readonly #board: Tps546Board;
  readonly #stored = new Map<number, Uint8Array>();
  #command = 0;
  isSilent = false;

  constructor(board: Tps546Board) {
    this.#board = board;
    this.restart();
  }

  get isOn(): boolean {
    return ((this.#stored.get(COMMAND.operation)?.[0] ?? 0) & ON) !== 0;
  }

  /** What it is asked for. That the scale of the feedback divider fits the board is taken for granted: inferred. */
  get setpointMv(): number {
    const [low = 0, high = 0] = this.#stored.get(COMMAND.voutCommand) ?? [];
    return (low | (high << 8)) * 2 ** VOUT_EXPONENT * 1000;
  }

  get outputMv(): number {
    return this.isOn ? this.setpointMv : 0;
  }

  /** As after power-up: off. */
  restart(): void {
    this.#stored.clear();
    this.#stored.set(COMMAND.operation, Uint8Array.of(0));
  }

  /** Makes the output be on at a voltage. */
  preset(millivolts: number): void {
    this.#stored.set(COMMAND.operation, Uint8Array.of(ON));
    this.#stored.set(COMMAND.voutCommand, wordBytes(ulinear16(millivolts / 1000)));
  }

  write(bytes: Uint8Array): boolean {
    if (this.isSilent) return false;
    const [command, ...data] = bytes;
    if (command === undefined) return true;
    this.#command = command;
    const isFixed = command === COMMAND.voutMode || command >= COMMAND.statusByte;
    if (data.length > 0 && !isFixed) this.#stored.set(command, Uint8Array.from(data));
    return true;
  }

  read(length: number): Uint8Array | undefined {
    return this.isSilent ? undefined : padded(this.#valueOf(this.#command), length);
  }

  #valueOf(command: number): ArrayLike<number> {
    switch (command) {
      case COMMAND.voutMode:
        return [VOUT_MODE];
      case COMMAND.statusByte:
        return [this.#status() & 0xff];
      case COMMAND.statusWord:
        return wordBytes(this.#status());
      case COMMAND.readVin:
        return wordBytes(linear11(this.#board.inputMv() / 1000));
      case COMMAND.readVout:
        return wordBytes(ulinear16(this.outputMv / 1000));
      case COMMAND.readIout:
        return wordBytes(linear11(this.#board.outputA()));
      case COMMAND.readTemperature:
        return wordBytes(linear11(this.#board.tempC()));
      case COMMAND.revision:
        return [REVISION];
      case COMMAND.deviceId:
        return [DEVICE_ID.length, ...DEVICE_ID];
      default:
        return this.#stored.get(command) ?? [0, 0];
    }
  }

  #status(): number {
    return this.isOn ? 0 : STATUS_OFF | STATUS_POWER_NOT_GOOD;
  }
}

function wordBytes(word: number): Uint8Array {
  return Uint8Array.of(word & 0xff, (word >> 8) & 0xff);
}

function ulinear16(value: number): number {
  return Math.max(0, Math.min(0xffff, Math.round(value / 2 ** VOUT_EXPONENT)));
}

/** Five bits of exponent above eleven of mantissa, both signed. */
function linear11(value: number): number {
  let exponent = LINEAR11_EXPONENT;
  while (Math.abs(value) / 2 ** exponent > 1023) exponent++;
  while (exponent > -16 && Math.abs(value) > 0 && Math.abs(value) / 2 ** (exponent - 1) <= 1023)
    exponent--;
  const mantissa = Math.round(value / 2 ** exponent);
  return ((exponent & 0x1f) << 11) | (mantissa & 0x7ff);
}
