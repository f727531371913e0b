import { MinerError } from "../../lib/errors.js";
import type { VoltageRequest } from "../power-supply.js";
import { COMMAND } from "./commands.js";
import type { FrameLine } from "./frame-line.js";
import type { VoltageScale } from "./voltage-scale.js";

export interface VoltageWay {
  readonly line: FrameLine;
  readonly scale: VoltageScale;
  readonly rangeMv: { readonly min: number; readonly max: number };
  /** What is sent for a value of the scale. */
  readonly payloadOf: (told: number) => Uint8Array;
}

/**
 * Asks a supply for a voltage. A supply sometimes refuses the frame and applies the value all the same, and the other
 * way round (captured: S19k Pro), so a missing echo is told, not thrown: what counts is what is read back.
 * @throws PSU_VOLTAGE_OUT_OF_RANGE before anything is sent; PSU_NO_ANSWER when no request was taken; I2C_...
 */
export async function requestVoltage(way: VoltageWay, railMv: number): Promise<VoltageRequest> {
  const { line, scale, rangeMv, payloadOf } = way;
  const { min, max } = rangeMv;
  const told = railMv >= min && railMv <= max ? scale.toldForMv(railMv) : undefined;
  const madeMv = told === undefined ? undefined : scale.mvForTold(told);
  if (told === undefined || madeMv === undefined)
    throw new MinerError("PSU_VOLTAGE_OUT_OF_RANGE", { railMv, minMv: min, maxMv: max });
  const payload = payloadOf(told);
  const command = COMMAND.setVoltage;
  const reply = await line.request({ command, payload, replyBytes: [payload.length] });
  if (!reply.ok && !reply.wasSent) throw line.noAnswer(command, reply.refusal);
  const isEchoed = reply.ok && Buffer.compare(reply.payload, payload) === 0;
  return { railMv: Math.round(madeMv), isEchoed };
}
