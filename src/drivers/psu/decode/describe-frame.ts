import { hexNumber, toHex } from "../../../lib/bytes.js";
import { CALIBRATION_BYTES } from "../calibration-block.js";
import type { FrameVersion } from "../frame.js";
import { ntcTempC } from "../ntc-temperature.js";
import { describeCalibration } from "./describe-calibration.js";
import type { Description } from "./description.js";
import type { SupplyModel, Voltage } from "./supply-model.js";

/** Whether a frame asks or answers; some echo what they were asked. */
export type Role = "request" | "reply" | "requestOrEcho";

export interface DescribedFrame extends Description {
  readonly role: Role;
}

interface FrameFacts {
  readonly version: FrameVersion;
  readonly command: number;
  readonly payload: Uint8Array;
  readonly dir: ">" | "<" | undefined;
}

interface CommandFacts {
  readonly name: string;
  /** Lengths of payloads. */
  readonly request: readonly number[];
  readonly reply: readonly number[];
  readonly readRequest?: Reader;
  readonly readReply?: Reader;
}

type Reader = (payload: DataView, model: SupplyModel) => Omit<Description, "meaning">;

const bytesOf = (view: DataView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

const word = (view: DataView, at = 0): number => view.getUint16(at, true);

function withVolts(
  values: Readonly<Record<string, unknown>>,
  voltage: Voltage,
): ReturnType<Reader> {
  return "mv" in voltage
    ? { values: { ...values, railMv: voltage.mv } }
    : { values, unknown: [voltage.unknown] };
}

const raw =
  (unknown: string): Reader =>
  (view) => ({ values: { raw: toHex(bytesOf(view)) }, unknown: [unknown] });

const setpoint: Reader = (view, model) => {
  const code = word(view);
  return code > 0xff
    ? { values: { setpoint: code }, remarks: ["no code is above 255"] }
    : withVolts({ setpoint: code }, model.voltageOfCode(code));
};

const volts: Reader = (view, model) => {
  const value = view.getFloat32(0, true);
  if (!Number.isFinite(value)) return { values: { volts: null }, remarks: ["it is no number"] };
  return { values: { volts: value, railMv: model.voltageOfNominal(value * 1000) } };
};

const state =
  (read: (view: DataView) => number): Reader =>
  (view) => {
    const value = read(view);
    return value > 1
      ? { values: { state: value }, unknown: ["a state that is neither 0 (off) nor 1 (on)"] }
      : { values: { isOn: value === 1 } };
  };

const type: Reader = (view, model) => {
  const code = word(view);
  const remark = model.learnType(code);
  return { values: { type: hexNumber(code) }, ...(remark !== undefined && { remarks: [remark] }) };
};

const FLAGS = "the meaning of the bits";

/** Sources: vendor PDF of the S17-era supply; captures of S19 Pro and S19k Pro; symbolised S21 factory tool. */
const VERSION_1: Readonly<Record<number, CommandFacts>> = {
  0x01: {
    name: "firmware version",
    ...{ request: [0], reply: [2] },
    readReply: (view, model) => {
      model.learnFirmware(word(view));
      return { values: { firmware: hexNumber(word(view), 4) } };
    },
  },
  0x02: { name: "type", request: [0], reply: [2], readReply: type },
  0x03: { name: "setpoint", request: [0], reply: [2], readReply: setpoint },
  0x04: {
    name: "measured output",
    ...{ request: [0], reply: [2] },
    readReply: (view, model) =>
      withVolts({ counts: word(view) }, model.voltageOfCounts(word(view))),
  },
  0x05: { name: "output state", request: [0], reply: [2], readReply: state(word) },
  0x06: {
    name: "calibration",
    ...{ request: [2], reply: [1 + CALIBRATION_BYTES] },
    readRequest: (view) => ({ values: { from: view.getUint8(0), bytes: view.getUint8(1) } }),
    readReply: (view, model) => describeCalibration(bytesOf(view).subarray(1), 1, model),
  },
  0x08: {
    name: "output power",
    ...{ request: [0], reply: [2] },
    readReply: (view) => ({ values: { powerW: word(view) } }),
  },
  0x09: {
    name: "temperatures",
    ...{ request: [0], reply: [6] },
    readReply: (view) => {
      const counts = [0, 2, 4].map((at) => word(view, at));
      const [pfcC = null, llc1C = null, llc2C = null] = counts.map(ntcTempC);
      const isOpen = [pfcC, llc1C, llc2C].includes(null);
      return {
        values: { pfcC, llc1C, llc2C, counts },
        ...(isOpen && { remarks: ["a sensor below its table: open, or below -30 C"] }),
      };
    },
  },
  0x0a: {
    name: "status flags",
    ...{ request: [0], reply: [2, 8] },
    readReply: (view) => {
      const hex = toHex(bytesOf(view));
      return view.byteLength === 2
        ? { values: { now: hex }, unknown: [FLAGS] }
        : { values: { now: hex.slice(0, 8), since: hex.slice(8) }, unknown: [FLAGS] };
    },
  },
  0x0c: {
    name: "running time",
    ...{ request: [0], reply: [4] },
    readReply: (view) => ({
      values: { count: view.getUint32(0, true) },
      unknown: ["the unit; the factory tool takes a fifth of the count"],
    }),
  },
  0x0d: { name: "state of the mains", request: [0], reply: [4], readReply: raw(FLAGS) },
  0x81: {
    name: "watchdog",
    ...{ request: [2], reply: [2] },
    readRequest: state(word),
    readReply: state(word),
  },
  0x83: {
    name: "set voltage",
    ...{ request: [2], reply: [2] },
    readRequest: setpoint,
    readReply: setpoint,
  },
  0x86: {
    name: "write calibration",
    ...{ request: [], reply: [] },
    readRequest: raw("its form; a product never sends it"),
  },
  0x8a: { name: "clear status flags", request: [0], reply: [8], readReply: raw(FLAGS) },
};

/** Source: symbolised S21 factory tool; nothing was captured. */
const VERSION_2: Readonly<Record<number, CommandFacts>> = {
  0x01: {
    name: "software version",
    ...{ request: [0], reply: [2] },
    readReply: (view) => ({ values: { firmware: hexNumber(word(view), 4) } }),
  },
  0x02: { name: "type", request: [0], reply: [2], readReply: type },
  0x03: { name: "setpoint", request: [0], reply: [4], readReply: volts },
  0x04: { name: "measured output", request: [0], reply: [4], readReply: volts },
  0x05: {
    name: "output state",
    ...{ request: [0], reply: [2] },
    readReply: state((view) => view.getUint8(0)),
  },
  0x06: {
    name: "calibration",
    ...{ request: [4], reply: [2 + CALIBRATION_BYTES] },
    readRequest: (view) => ({ values: { from: view.getUint8(0), bytes: view.getUint8(2) } }),
    readReply: (view, model) => describeCalibration(bytesOf(view).subarray(2), 2, model),
  },
  0x07: { name: "release date", request: [0], reply: [2], readReply: raw("how it counts") },
  0x08: {
    name: "input power",
    ...{ request: [0], reply: [4] },
    readReply: (view) => ({ values: { powerW: view.getFloat32(0, true) } }),
  },
  0x09: {
    name: "temperatures and fan",
    ...{ request: [0], reply: [8] },
    readReply: raw("what the bytes are"),
  },
  0x0b: { name: "ageing time", request: [0], reply: [2], readReply: raw("the unit") },
  0x0c: { name: "cause of the last reset", request: [0], reply: [4], readReply: raw(FLAGS) },
  0x0d: {
    name: "uptime",
    ...{ request: [0], reply: [4] },
    readReply: (view) => ({ values: { count: view.getUint32(0, true) }, unknown: ["the unit"] }),
  },
  0x0e: { name: "error code", request: [0], reply: [8], readReply: raw(FLAGS) },
  0x0f: { name: "error log", request: [0], reply: [68], readReply: raw("what the bytes are") },
  0x81: {
    name: "watchdog",
    ...{ request: [2], reply: [2] },
    readRequest: state((view) => view.getUint8(1)),
    readReply: state((view) => view.getUint8(1)),
  },
  0x83: {
    name: "set voltage",
    ...{ request: [4], reply: [4] },
    readRequest: volts,
    readReply: volts,
  },
  0x8e: { name: "clear error code", request: [0], reply: [8], readReply: raw(FLAGS) },
};

/** What a whole frame means. What the supply says of itself is kept in `model`. */
export function describeFrame(frame: FrameFacts, model: SupplyModel): DescribedFrame {
  const { version, command, payload, dir } = frame;
  const facts = (version === 1 ? VERSION_1 : VERSION_2)[command];
  const role = roleOf(frame, facts);
  if (facts === undefined)
    return {
      role,
      meaning: "unknown command",
      values: { payload: toHex(payload) },
      unknown: ["what the command does"],
    };
  const meaning = facts.name;
  const lengths = role === "reply" ? facts.reply : facts.request;
  if (lengths.length > 0 && !lengths.includes(payload.length))
    return {
      ...{ role, meaning, values: { payload: toHex(payload) } },
      remarks: [`no ${dir === undefined ? "frame of this command" : role} has this length`],
    };
  const read = role === "reply" ? facts.readReply : facts.readRequest;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return { role, meaning, ...read?.(view, model) };
}

function roleOf({ payload, dir }: FrameFacts, facts: CommandFacts | undefined): Role {
  if (dir !== undefined) return dir === ">" ? "request" : "reply";
  const mayAsk = facts?.request.includes(payload.length) ?? true;
  const mayAnswer = facts?.reply.includes(payload.length) ?? true;
  if (mayAsk && mayAnswer) return "requestOrEcho";
  return mayAnswer ? "reply" : "request";
}
