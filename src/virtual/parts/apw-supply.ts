import { padded, type I2cPart } from "../i2c/i2c-part.js";
import { calibrationBlock, outputMv, type ApwCalibration } from "./apw-calibration.js";
import { ApwFrameReader, apwFrame, type ApwCommand } from "./apw-frame.js";
import { rawTemperature } from "./apw-temperature.js";
import { apwType, type ApwType } from "./apw-types.js";

/** What a unit is. */
export interface ApwIdentity {
  readonly typeCode: number;
  readonly firmware: number;
  readonly calibration: ApwCalibration | undefined;
}

/** The power side of the supply as its processor sees it. */
export interface ApwOutput {
  readonly isOn: boolean;
  readonly outputMv: number;
  readonly outputW: number;
  /** Degrees of the power factor stage and of the two converters. */
  readonly temperaturesC: readonly [number, number, number];
  /** True while nothing is wrong with the output. */
  readonly isGood: boolean;
  readonly isInputGood: boolean;
}

/** Ways in which the processor of a supply misbehaves. */
export interface ApwTrouble {
  /** Answers a set command with F5, yet applies it. */
  readonly refusesYetApplies: boolean;
  /** Repeats a set command, yet stays where it is. */
  readonly appliesNot: boolean;
  readonly isSilent: boolean;
  /** Answers nothing but F5. */
  readonly isBusy: boolean;
  /** Told instead of its own type code. */
  readonly typeCode: number | undefined;
  /** Added to the time before every reply. */
  readonly delayMs: number;
  /** Steps by which the setpoint has moved by itself; the output follows, and who asks is told. */
  readonly setpointSlip: number;
  /** Steps by which the setpoint that it tells is off the one that it has. */
  readonly toldSlip: number;
  /** Added to the output that it tells. */
  readonly toldOffsetMv: number;
  /** Share of the replies whose sum is wrong. */
  readonly badSumShare: number;
  /** Degrees by which it is hotter than it should be. */
  readonly hotterByC: number;
  /** Flags of its status beside its own. */
  readonly flags: number;
}

export const GOOD_APW: ApwTrouble = {
  refusesYetApplies: false,
  appliesNot: false,
  isSilent: false,
  isBusy: false,
  typeCode: undefined,
  delayMs: 0,
  setpointSlip: 0,
  toldSlip: 0,
  toldOffsetMv: 0,
  badSumShare: 0,
  hotterByC: 0,
  flags: 0,
};

const REGISTER = { probe: 0x00, frames: 0x11 };
/** "I speak frames", and where a reply should start: not ready, or refused. Captured on an S19 Pro. */
const NOT_NOW = 0xf5;
const COMMAND = {
  firmware: 0x01,
  type: 0x02,
  setpoint: 0x03,
  measure: 0x04,
  state: 0x05,
  calibration: 0x06,
  power: 0x08,
  temperatures: 0x09,
  status: 0x0a,
  inputStatus: 0x0d,
  watchdog: 0x81,
  setVoltage: 0x83,
  writeCalibration: 0x86,
  clearStatus: 0x8a,
} as const;
/** Below the 300 ms that the S19 factory tool waits, which always sufficed: inferred. */
const REPLY_AFTER_MS = 250;
/** After so long without a command the watchdog opens the output: no source that can be checked gives a time. Inferred. */
const WATCHDOG_MS = 30_000;

/** The processor of an APW supply: one byte a transfer, frames of version 1. */
export class ApwSupply implements I2cPart {
  readonly #identity: ApwIdentity;
  readonly #type: ApwType;
  readonly #output: () => ApwOutput;
  readonly #replyAfterMs: number;
  readonly #frames = new ApwFrameReader();
  #trouble = GOOD_APW;
  #register: number = REGISTER.probe;
  #reply: number[] = [];
  #replyAtMs = -Infinity;
  #n: number | undefined;
  #isWatchdogOn = false;
  #watchdogMs = WATCHDOG_MS;
  #lastCommandMs = -Infinity;
  #calibrationWrites = 0;
  /** Replies that are to be spoilt, counted up by their share. */
  #spoiltReplies = 0;

  constructor(identity: ApwIdentity, output: () => ApwOutput, isQuick: boolean) {
    this.#identity = identity;
    this.#type = apwType(identity.typeCode, identity.firmware);
    this.#output = output;
    this.#replyAfterMs = isQuick ? 0 : REPLY_AFTER_MS;
  }

  /** What the output is asked for; undefined until somebody set it. */
  get setpointMv(): number | undefined {
    const code = this.setpointCode;
    return code === null ? undefined : this.#mvOf(code);
  }

  get setpointCode(): number | null {
    return this.#n === undefined ? null : byteOf(this.#n + this.#trouble.setpointSlip);
  }

  get isWatchdogOn(): boolean {
    return this.#isWatchdogOn;
  }

  get calibrationWrites(): number {
    return this.#calibrationWrites;
  }

  setTrouble(trouble: ApwTrouble): void {
    this.#trouble = trouble;
  }

  /** Input power was gone: the setpoint is forgotten. */
  forget(): void {
    this.#n = undefined;
    this.#isWatchdogOn = false;
    this.#reply = [];
    this.#frames.reset();
  }

  /** Makes the supply look as if somebody had set it before. */
  presetMv(millivolts: number): void {
    this.#n = byteOf(Math.trunc(this.#type.a - (this.#type.b * millivolts) / 1000));
  }

  /** Switches the watchdog on by itself, with its own time. */
  armWatchdog(afterMs: number, nowMs: number): void {
    this.#isWatchdogOn = true;
    this.#watchdogMs = afterMs;
    this.#lastCommandMs = nowMs;
  }

  disarmWatchdog(): void {
    this.#isWatchdogOn = false;
    this.#watchdogMs = WATCHDOG_MS;
  }

  /** True while the watchdog holds the output open. */
  hasBitten(nowMs: number): boolean {
    return this.#isWatchdogOn && nowMs - this.#lastCommandMs > this.#watchdogMs;
  }

  write(bytes: Uint8Array, nowMs: number): boolean {
    if (this.#trouble.isSilent) return false;
    const [register, byte] = bytes;
    if (register === undefined) return true;
    this.#register = register;
    // One byte a transfer: what follows is not taken. Captured pacing; the effect of more bytes is inferred.
    if (byte !== undefined && register === REGISTER.frames) this.#take(byte, nowMs);
    return true;
  }

  read(length: number, nowMs: number): Uint8Array | undefined {
    if (this.#trouble.isSilent) return undefined;
    return padded([this.#nextByte(nowMs)], length);
  }

  #nextByte(nowMs: number): number {
    if (this.#register !== REGISTER.frames || nowMs < this.#replyAtMs) return NOT_NOW;
    return this.#reply.shift() ?? NOT_NOW;
  }

  #take(byte: number, nowMs: number): void {
    const frame = this.#frames.push(byte);
    if (frame === undefined) return;
    this.#replyAtMs = nowMs + this.#replyAfterMs + this.#trouble.delayMs;
    this.#lastCommandMs = nowMs;
    this.#reply = [];
    if (frame === "bad" || this.#trouble.isBusy) return;
    const payload = this.#obey(frame);
    if (payload === undefined) return;
    this.#reply = [...apwFrame(frame.command, payload)];
    this.#spoiltReplies += this.#trouble.badSumShare;
    if (this.#spoiltReplies < 1) return;
    this.#spoiltReplies -= 1;
    const last = this.#reply.length - 1;
    this.#reply[last] = (this.#reply[last] ?? 0) ^ 1;
  }

  /** The payload of the reply; undefined: refused. */
  #obey({ command, payload }: ApwCommand): ArrayLike<number> | undefined {
    const { firmware, typeCode } = this.#identity;
    const { isLate, measureVolts } = this.#type;
    const output = this.#output();
    switch (command) {
      case COMMAND.firmware:
        return word(firmware);
      case COMMAND.type:
        return word(this.#trouble.typeCode ?? typeCode);
      case COMMAND.setpoint:
        return [byteOf((this.setpointCode ?? 0) + this.#trouble.toldSlip), 0];
      case COMMAND.measure:
        return measureVolts === undefined
          ? undefined
          : rawOutput(output.outputMv + this.#trouble.toldOffsetMv, measureVolts);
      case COMMAND.state:
        return word(output.isOn ? 1 : 0);
      case COMMAND.calibration:
        return this.#calibrationPayload(payload);
      case COMMAND.power:
        return isLate ? word(output.outputW) : undefined;
      case COMMAND.temperatures:
        return isLate
          ? output.temperaturesC.flatMap((tempC) =>
              word(rawTemperature(tempC + this.#trouble.hotterByC)),
            )
          : undefined;
      case COMMAND.status:
        // Bit meanings are not known: all clear, or the lowest bit for anything wrong. Inferred.
        return padStatus((output.isGood ? 0 : 1) | this.#trouble.flags, isLate ? 8 : 2);
      case COMMAND.inputStatus:
        return isLate ? padStatus(output.isInputGood ? 0 : 1, 4) : undefined;
      case COMMAND.watchdog:
        this.#isWatchdogOn = payload[0] === 1;
        return payload;
      case COMMAND.setVoltage:
        if (payload.length !== 2) return undefined;
        if (!this.#trouble.appliesNot) this.#n = payload[0];
        return this.#trouble.refusesYetApplies ? undefined : payload;
      case COMMAND.writeCalibration:
        this.#calibrationWrites++;
        return undefined;
      case COMMAND.clearStatus:
        return isLate ? new Uint8Array(8) : undefined;
      default:
        return undefined;
    }
  }

  /** One byte of unknown meaning, then the block; FF where the unit was never calibrated (inferred). */
  #calibrationPayload(asked: Uint8Array): ArrayLike<number> | undefined {
    const { calibrationOffset } = this.#type;
    if (calibrationOffset === undefined || asked[0] !== calibrationOffset) return undefined;
    const { calibration } = this.#identity;
    const block =
      calibration === undefined ? new Uint8Array(32).fill(0xff) : calibrationBlock(calibration);
    return [asked[0], ...block];
  }

  #mvOf(n: number): number {
    return outputMv(n, this.#type, this.#identity.calibration);
  }
}

function byteOf(code: number): number {
  return Math.max(0, Math.min(255, code));
}

/** Low byte first. */
function word(value: number): readonly [number, number] {
  const whole = Math.max(0, Math.min(0xffff, Math.round(value)));
  return [whole & 0xff, whole >> 8];
}

/** Never below 1, which is what a live S19k Pro reads while off: captured. */
function rawOutput(millivolts: number, voltsPerCount: number): readonly [number, number] {
  return word(Math.max(1, millivolts / 1000 / voltsPerCount));
}

function padStatus(first: number, length: number): Uint8Array {
  const status = new Uint8Array(length);
  status[0] = first;
  return status;
}
