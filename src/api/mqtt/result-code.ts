import type { MqttCommand } from "../../app/mqtt-config.js";
import type { ErrorCode } from "../../lib/errors.js";
import type { RESULT_CODES } from "./payloads.js";

export type ResultCode = (typeof RESULT_CODES)[number];

const CODES: Partial<Readonly<Record<ErrorCode, ResultCode>>> = {
  COMMAND_REFUSED: "conflict",
  CONFIG_CHANGED: "conflict",
  CONFIG_INVALID: "out_of_range",
  PLL_UNREACHABLE: "out_of_range",
  POWER_TARGET_REFUSED: "out_of_range",
  PSU_VOLTAGE_OUT_OF_RANGE: "out_of_range",
  CONTROL_REFUSED: "bad_request",
  COMMAND_DENIED: "denied",
  COMMAND_EXPIRED: "expired",
  COMMAND_ID_REUSED: "id_reused",
};
/** They hold when the answer is out already. */
const LATER: readonly MqttCommand[] = ["system.restart", "system.reboot", "system.upgrade"];

/** What a refusal is called in a result; the code of the table of errors stands beside it. */
export function resultCode(code: ErrorCode): ResultCode {
  return CODES[code] ?? "failed";
}

/** @param result as the desk gave it */
export function doneCode(name: MqttCommand, result: unknown): ResultCode {
  if (LATER.includes(name)) return "accepted";
  const { isUnchanged } = (result ?? {}) as { isUnchanged?: unknown };
  return isUnchanged === true ? "unchanged" : "done";
}
