import { padded, type I2cPart } from "../i2c/i2c-part.js";

/** What a controller has on its board. */
export interface ControlledBoard {
  /** Parts on the bus behind it. */
  find(address: number): I2cPart | undefined;
  /** Input of the board. */
  inputMv(): number;
}

/** Ways in which a controller misbehaves. */
export interface ControllerTrouble {
  readonly isSilent: boolean;
  /** Acknowledges the start of its application, but stays in the loader. */
  readonly staysInLoader: boolean;
  /** Told instead of its own. */
  readonly version: number | undefined;
  /** Acknowledges every byte and says nothing. */
  readonly isMute: boolean;
  /** It fell back into its loader when this began; it may be started again. */
  readonly hasRestarted: boolean;
  /** Where its converter stays, whatever it is told. */
  readonly converterStuck: boolean | undefined;
}

export const GOOD_CONTROLLER: ControllerTrouble = {
  isSilent: false,
  staysInLoader: false,
  version: undefined,
  isMute: false,
  hasRestarted: false,
  converterStuck: undefined,
};

const PREAMBLE = [0x55, 0xaa] as const;
const OVERHEAD = 4;
const DONE = 0x01;
/** A part behind the controller did not acknowledge: inferred. */
const FAILED = 0x00;
const COMMAND = {
  startApplication: 0x06,
  reset: 0x07,
  converter: 0x15,
  heartbeat: 0x16,
  version: 0x17,
  boardVoltage: 0x29,
  clamp: 0x31,
  threeInputs: 0x37,
  inputSix: 0x3a,
  writeBehind: 0x3b,
  readBehind: 0x3c,
} as const;
/** Flash pointer, data, read, erase, program: in the loader only. */
const LAST_FLASH_COMMAND = 0x05;
/** Commands that newer tools read after 10 ms; after the others the tools wait 300 ms. The latencies are inferred. */
const BRISK_COMMANDS: readonly number[] = [
  COMMAND.heartbeat,
  COMMAND.writeBehind,
  COMMAND.readBehind,
];
const BRISK_MS = 5;
const SLOW_MS = 200;
/** How long the application takes to come up; tools wait 600 ms. Inferred. */
const START_MS = 500;
/** Without a heartbeat for so long the converter opens. No source says; it must be more than the 10 s of stock. */
const HEARTBEAT_LIMIT_MS = 15_000;
/** Documented for the T17: volts = counts x 3.3 / 4096 x 7.6. */
const VOLTS_A_COUNT = (3.3 / 4096) * 7.6;

/** The processor of an S17 or S19 class hashboard. Documented and captured: fact sheet section 2.1. */
export class FramedController implements I2cPart {
  readonly #board: ControlledBoard;
  readonly #version: number;
  readonly #isQuick: boolean;
  #trouble = GOOD_CONTROLLER;
  #bytes: number[] = [];
  #reply: number[] = [];
  #replyAtMs = -Infinity;
  #isInLoader = true;
  #applicationAtMs = Infinity;
  #isConverterOn = false;
  #heartbeatMs = -Infinity;
  #cutOffs = 0;
  #flashCommands = 0;

  constructor(version: number, board: ControlledBoard, isQuick: boolean) {
    this.#version = version;
    this.#board = board;
    this.#isQuick = isQuick;
  }

  /** True while the board's converter passes the rail on to the chips. */
  get isConverterOn(): boolean {
    return this.#trouble.converterStuck ?? this.#isConverterOn;
  }

  state(): {
    readonly isInLoader: boolean;
    readonly isConverterOn: boolean;
    /** How often the converter was opened for want of a heartbeat. */
    readonly heartbeatCutOffs: number;
    /** A product never sends any. */
    readonly flashCommands: number;
  } {
    return {
      isInLoader: this.#isInLoader,
      isConverterOn: this.isConverterOn,
      heartbeatCutOffs: this.#cutOffs,
      flashCommands: this.#flashCommands,
    };
  }

  setTrouble(trouble: ControllerTrouble): void {
    if (trouble.hasRestarted && !this.#trouble.hasRestarted) this.restart();
    this.#trouble = trouble;
  }

  /** As after power-up. */
  restart(): void {
    this.#isInLoader = true;
    this.#applicationAtMs = Infinity;
    this.#isConverterOn = false;
    this.#bytes = [];
    this.#reply = [];
  }

  /** As if somebody had started it and keeps it going from now on. */
  run(nowMs: number): void {
    this.#isInLoader = false;
    this.#applicationAtMs = nowMs;
    this.#isConverterOn = true;
    this.#heartbeatMs = nowMs;
  }

  step(nowMs: number): void {
    if (!this.#isConverterOn || nowMs - this.#heartbeatMs <= HEARTBEAT_LIMIT_MS) return;
    this.#isConverterOn = false;
    this.#cutOffs++;
  }

  write(bytes: Uint8Array, nowMs: number): boolean {
    if (this.#trouble.isSilent) return false;
    // One byte a transfer: captured pacing. What becomes of further bytes is not known.
    const [byte] = bytes;
    if (byte !== undefined) this.#take(byte, nowMs);
    return true;
  }

  read(length: number, nowMs: number): Uint8Array | undefined {
    if (this.#trouble.isSilent) return undefined;
    const isReady = nowMs >= this.#replyAtMs && !this.#trouble.isMute;
    return padded(isReady ? this.#reply.splice(0, 1) : [], length);
  }

  #take(byte: number, nowMs: number): void {
    this.#bytes.push(byte);
    const [first, second, length, command] = this.#bytes;
    if (first !== PREAMBLE[0] || (second !== undefined && second !== PREAMBLE[1])) {
      this.#bytes = byte === PREAMBLE[0] ? [byte] : [];
      return;
    }
    if (length === undefined || command === undefined || this.#bytes.length < length + 2) return;
    const frame = this.#bytes;
    this.#bytes = [];
    this.#reply = [];
    const sum = sumOf(frame.slice(2, -2));
    if (length < OVERHEAD || frame.at(-2) !== sum >> 8 || frame.at(-1) !== (sum & 0xff)) return;
    const latencyMs = BRISK_COMMANDS.includes(command) ? BRISK_MS : SLOW_MS;
    this.#replyAtMs = nowMs + (this.#isQuick ? 0 : latencyMs);
    this.#reply = [...this.#obey(command, frame.slice(4, -2), nowMs)];
  }

  /** The whole reply; empty: the controller says nothing. */
  #obey(command: number, data: readonly number[], nowMs: number): readonly number[] {
    switch (command) {
      case COMMAND.reset:
        this.restart();
        return [command, DONE];
      case COMMAND.startApplication:
        if (!this.#trouble.staysInLoader && this.#isInLoader) {
          this.#isInLoader = false;
          this.#applicationAtMs = nowMs + (this.#isQuick ? 0 : START_MS);
        }
        return [command, DONE];
      default:
    }
    if (this.#isInLoader) {
      if (command > LAST_FLASH_COMMAND) return [];
      this.#flashCommands++;
      return [command, DONE];
    }
    return nowMs < this.#applicationAtMs ? [] : this.#obeyInApplication(command, data, nowMs);
  }

  #obeyInApplication(command: number, data: readonly number[], nowMs: number): readonly number[] {
    const volts = this.#board.inputMv() / 1000;
    const counts = Math.min(0xfff, Math.round(volts / VOLTS_A_COUNT));
    const word = [counts >> 8, counts & 0xff];
    switch (command) {
      case COMMAND.version:
        // The one reply without the byte for done. Captured on an S19 Pro.
        return summed([0x05, command, this.#trouble.version ?? this.#version]);
      case COMMAND.heartbeat:
        this.#heartbeatMs = nowMs;
        return [command, DONE];
      case COMMAND.converter:
        this.#isConverterOn = data[0] === 1;
        this.#heartbeatMs = nowMs;
        return [command, DONE];
      case COMMAND.clamp:
        return [command, DONE];
      case COMMAND.boardVoltage:
        // Nine bytes; that the counts come first is inferred.
        return long(command, [...word, 0, 0]);
      case COMMAND.threeInputs:
        return long(command, [...word, ...word, ...word]);
      case COMMAND.inputSix:
        return long(command, word);
      case COMMAND.writeBehind:
        return [command, this.#writeBehind(data, nowMs) ? DONE : FAILED];
      case COMMAND.readBehind: {
        const [address = 0, count = 0] = data;
        const read = this.#board.find(address)?.read(count, nowMs);
        return read === undefined ? [command, FAILED] : long(command, [...read]);
      }
      default:
        return [];
    }
  }

  #writeBehind([address = 0, ...bytes]: readonly number[], nowMs: number): boolean {
    return this.#board.find(address)?.write(Uint8Array.from(bytes), nowMs) ?? false;
  }
}

/** `LEN CMD 01 data SUMHI SUMLO`: no preamble, and LEN counts all of it. */
function long(command: number, data: readonly number[]): readonly number[] {
  return summed([data.length + 5, command, DONE, ...data]);
}

/** High byte first: the other way round than the supply. */
function summed(body: readonly number[]): readonly number[] {
  const sum = sumOf(body);
  return [...body, sum >> 8, sum & 0xff];
}

function sumOf(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => sum + byte, 0) & 0xffff;
}
