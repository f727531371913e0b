import type { KnownSupply } from "../../boards/load-supplies.js";
import { toHex } from "../../lib/bytes.js";
import { MinerError } from "../../lib/errors.js";
import type { Logger } from "../../lib/logger.js";
import type { PowerSupply, PsuTemperature } from "../power-supply.js";
import {
  CALIBRATION_BYTES,
  type CalibrationBlock,
  parseCalibrationBlock,
} from "./calibration-block.js";
import { COMMAND } from "./commands.js";
import type { FrameLine } from "./frame-line.js";
import { ntcTempC } from "./ntc-temperature.js";
import { requestVoltage } from "./request-voltage.js";
import { calibratedScale, formulaScale } from "./voltage-scale.js";

/** A supply of frame version 1, with what the interface of all supplies has no word for. */
export interface ApwV1 extends PowerSupply {
  /** State of the mains, four raw bytes as hex; undefined where the type cannot tell. */
  readonly readInputStatus: (() => Promise<string>) | undefined;
}

export interface OpenApwOptions {
  readonly log: Logger;
  /** Ends the opening; the opened supply no longer heeds it. */
  readonly signal?: AbortSignal | undefined;
}

/** The block is a comfort: one more try, then the formula of the type holds. */
const CALIBRATION_TRIES = 2;
const TEMPERATURE_PLACES = ["pfc", "llc1", "llc2"] as const;
const TEMPERATURE_BYTES = 2 * TEMPERATURE_PLACES.length;

/** @throws as FrameLine.ask does */
export async function readFirmwareV1(
  line: FrameLine,
  signal: AbortSignal | undefined,
): Promise<number> {
  return wordOf(await line.ask({ command: COMMAND.firmware, replyBytes: [2], signal }));
}

/**
 * A supply whose type is known. Its block is not read here: that takes six seconds, which nobody needs to wait for.
 * @throws PSU_TYPE_UNKNOWN for a type without a formula
 */
export function openApwV1(
  line: FrameLine,
  known: KnownSupply,
  firmware: number | null,
  { log }: OpenApwOptions,
): ApwV1 {
  const { supply, type } = known;
  const { dac, measureVoltsPerCount, reads = [], calibrationOffset } = type;
  const { rangeMv } = supply;
  if (dac === undefined || rangeMv === undefined)
    throw new MinerError("PSU_TYPE_UNKNOWN", { supply: supply.name, reason: "no formula" });
  let block: CalibrationBlock | undefined;
  let scale = formulaScale(dac);
  return {
    get identity() {
      return {
        supply: supply.name,
        typeCode: type.code,
        firmware,
        serial: block?.serial ?? null,
        calibration: scale.calibration,
        calibrationDate: block?.date ?? null,
      };
    },
    readCalibration:
      calibrationOffset === undefined
        ? undefined
        : async () => {
            block = (await readBlock(line, calibrationOffset, log)) ?? block;
            if (block !== undefined) scale = calibratedScale(dac, block);
          },
    rangeMv: { min: rangeMv.min, max: rangeMv.max },
    requestVoltage: (railMv) =>
      requestVoltage({ line, scale, rangeMv, payloadOf: codePayload }, railMv),
    readSetpointMv: async () => {
      const code = wordOf(await line.ask({ command: COMMAND.setpoint, replyBytes: [2] }));
      const mv = scale.mvForTold(code);
      if (mv === undefined) throw line.noAnswer(COMMAND.setpoint, `setpoint ${code}`);
      return Math.round(mv);
    },
    readOutputMv:
      measureVoltsPerCount === undefined
        ? undefined
        : async () => {
            const counts = wordOf(await line.ask({ command: COMMAND.measure, replyBytes: [2] }));
            return Math.round(counts * measureVoltsPerCount * 1000);
          },
    readIsOn: async () => {
      const state = wordOf(await line.ask({ command: COMMAND.isOn, replyBytes: [2] }));
      if (state > 1) throw line.noAnswer(COMMAND.isOn, `state ${state}`);
      return state === 1;
    },
    readPowerW: reads.includes("power")
      ? async () => wordOf(await line.ask({ command: COMMAND.power, replyBytes: [2] }))
      : undefined,
    readTemperaturesC: reads.includes("temperatures")
      ? async () =>
          temperaturesOf(
            await line.ask({ command: COMMAND.temperatures, replyBytes: [TEMPERATURE_BYTES] }),
          )
      : undefined,
    // C1 and C2 add what was since they were last cleared.
    readStatus: async () => toHex(await line.ask({ command: COMMAND.status, replyBytes: [2, 8] })),
    readInputStatus: reads.includes("inputStatus")
      ? async () => toHex(await line.ask({ command: COMMAND.inputStatus, replyBytes: [4] }))
      : undefined,
    setWatchdog: async (isOn) => {
      const payload = Uint8Array.of(isOn ? 1 : 0, 0);
      const echo = await line.ask({ command: COMMAND.watchdog, payload, replyBytes: [2] });
      if (echo[0] !== payload[0]) throw line.noAnswer(COMMAND.watchdog, `echo ${toHex(echo)}`);
    },
    setOutput: undefined,
  };
}

async function readBlock(
  line: FrameLine,
  calibrationOffset: number,
  log: Logger,
): Promise<CalibrationBlock | undefined> {
  const reply = await line.request({
    command: COMMAND.calibration,
    payload: Uint8Array.of(calibrationOffset, CALIBRATION_BYTES),
    // One byte, whose meaning is not known, comes before the block.
    replyBytes: [1 + CALIBRATION_BYTES],
    tries: CALIBRATION_TRIES,
  });
  const parsed = reply.ok
    ? parseCalibrationBlock(reply.payload.subarray(1))
    : ({ ok: false, reason: reply.refusal } as const);
  if (parsed.ok) return parsed.block;
  log.warn({ reason: parsed.reason }, "supply has no calibration: the formula of its type is used");
  return undefined;
}

function codePayload(code: number): Uint8Array {
  return Uint8Array.of(code, 0);
}

function wordOf(payload: Uint8Array): number {
  return (payload[0] ?? 0) | ((payload[1] ?? 0) << 8);
}

function temperaturesOf(payload: Uint8Array): readonly PsuTemperature[] {
  return TEMPERATURE_PLACES.map((place, index) => {
    const counts = wordOf(payload.subarray(2 * index));
    const tempC = ntcTempC(counts);
    if (tempC === undefined)
      throw new MinerError("SENSOR_IMPLAUSIBLE", { part: "psu", place, raw: counts });
    return { place, tempC };
  });
}
