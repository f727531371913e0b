import type { KnownSupply } from "../../boards/load-supplies.js";
import { toHex } from "../../lib/bytes.js";
import { MinerError } from "../../lib/errors.js";
import type { PowerSupply } from "../power-supply.js";
import type { OpenApwOptions } from "./apw-v1.js";
import {
  CALIBRATION_BYTES,
  type CalibrationBlock,
  parseCalibrationBlock,
} from "./calibration-block.js";
import { COMMAND } from "./commands.js";
import type { FrameLine } from "./frame-line.js";
import { requestVoltage } from "./request-voltage.js";
import { calibratedNominalScale, nominalScale } from "./voltage-scale.js";

const CALIBRATION_TRIES = 2;
/** Before the block the reply repeats something of the request; what is not known. */
const BYTES_BEFORE_BLOCK = 2;

/**
 * A supply of frame version 2, whose values are floats. All of it follows from the symbolised S21 factory tool;
 * nothing was captured.
 * @throws PSU_TYPE_UNKNOWN for a type without a range; I2C_... as FrameLine.ask
 */
export async function openApwV2(
  line: FrameLine,
  known: KnownSupply,
  options: OpenApwOptions,
): Promise<PowerSupply> {
  const { supply, type } = known;
  const { rangeMv } = supply;
  if (rangeMv === undefined)
    throw new MinerError("PSU_TYPE_UNKNOWN", { supply: supply.name, reason: "no range" });
  const block = await readBlock(line, type.calibrationOffset, options);
  const scale = block === undefined ? nominalScale : calibratedNominalScale(block);
  const readMv = async (command: number): Promise<number> => {
    const nominalMv = (await readFloat(line, command)) * 1000;
    return Math.round(scale.mvForTold(nominalMv) ?? nominalMv);
  };
  return {
    identity: {
      supply: supply.name,
      typeCode: type.code,
      firmware: null,
      serial: block?.serial ?? null,
      calibration: scale.calibration,
      calibrationDate: block?.date ?? null,
    },
    readCalibration: undefined,
    rangeMv: { min: rangeMv.min, max: rangeMv.max },
    requestVoltage: (railMv) =>
      requestVoltage({ line, scale, rangeMv, payloadOf: floatPayload }, railMv),
    readSetpointMv: () => readMv(COMMAND.setpoint),
    // The tool corrects measured volts by the block too.
    readOutputMv: () => readMv(COMMAND.measure),
    readIsOn: async () => {
      const [state = 0xff] = await line.ask({ command: COMMAND.isOn, replyBytes: [2] });
      if (state > 1) throw line.noAnswer(COMMAND.isOn, `state ${state}`);
      return state === 1;
    },
    // Input, not output.
    readPowerW:
      type.reads?.includes("power") === true ? () => readFloat(line, COMMAND.power) : undefined,
    readTemperaturesC: undefined,
    readStatus: async () => toHex(await line.ask({ command: COMMAND.errorCode, replyBytes: [8] })),
    setWatchdog: async (isOn) => {
      const payload = Uint8Array.of(0, isOn ? 1 : 0);
      const echo = await line.ask({ command: COMMAND.watchdog, payload, replyBytes: [2] });
      if (echo[1] !== payload[1]) throw line.noAnswer(COMMAND.watchdog, `echo ${toHex(echo)}`);
    },
    setOutput: undefined,
  };
}

async function readBlock(
  line: FrameLine,
  offset: number | undefined,
  { log, signal }: OpenApwOptions,
): Promise<CalibrationBlock | undefined> {
  if (offset === undefined) return undefined;
  const reply = await line.request({
    command: COMMAND.calibration,
    payload: Uint8Array.of(offset, 0, CALIBRATION_BYTES, 0),
    replyBytes: [BYTES_BEFORE_BLOCK + CALIBRATION_BYTES],
    tries: CALIBRATION_TRIES,
    signal,
  });
  const parsed = reply.ok
    ? parseCalibrationBlock(reply.payload.subarray(BYTES_BEFORE_BLOCK))
    : ({ ok: false, reason: reply.refusal } as const);
  if (parsed.ok) return parsed.block;
  log.warn({ reason: parsed.reason }, "supply has no calibration: nominal volts are used");
  return undefined;
}

/** Millivolts as the float of volts that is sent. */
function floatPayload(nominalMv: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, nominalMv / 1000, true);
  return new Uint8Array(view.buffer);
}

async function readFloat(line: FrameLine, command: number): Promise<number> {
  const payload = await line.ask({ command, replyBytes: [4] });
  const value = new DataView(payload.buffer, payload.byteOffset).getFloat32(0, true);
  if (!Number.isFinite(value) || value < 0) throw line.noAnswer(command, `value ${value}`);
  return value;
}
