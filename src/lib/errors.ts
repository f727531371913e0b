import { CHAIN_ERRORS } from "./error-table/chains.js";
import { DISCOVERY_ERRORS } from "./error-table/discovery.js";
import type { ErrorEntry } from "./error-table/error-entry.js";
import { FLEET_ERRORS } from "./error-table/fleet.js";
import { HARDWARE_ERRORS } from "./error-table/hardware.js";
import { HTTP_ERRORS } from "./error-table/http.js";
import { MACHINE_ERRORS } from "./error-table/machine.js";
import { MQTT_ERRORS } from "./error-table/mqtt.js";
import { POOL_ERRORS } from "./error-table/pools.js";
import { PROGRAM_ERRORS } from "./error-table/program.js";
import { STATE_ERRORS } from "./error-table/state.js";
import { SAFETY_ERRORS } from "./error-table/safety.js";
import { UPDATE_ERRORS } from "./error-table/update.js";

/**
 * Every error the program can name. Codes are `AREA_WHAT`, never renumbered and never reused.
 * docs/errors.md is generated from this table and a test keeps the two together.
 */
const ERRORS = {
  ...PROGRAM_ERRORS,
  ...STATE_ERRORS,
  ...HARDWARE_ERRORS,
  ...MACHINE_ERRORS,
  ...SAFETY_ERRORS,
  ...CHAIN_ERRORS,
  ...POOL_ERRORS,
  ...MQTT_ERRORS,
  ...HTTP_ERRORS,
  ...FLEET_ERRORS,
  ...UPDATE_ERRORS,
  ...DISCOVERY_ERRORS,
} as const satisfies Record<string, ErrorEntry>;

export type { ErrorEntry };

export type ErrorCode = keyof typeof ERRORS;

/** The whole table, for documentation, the API and tests. */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorEntry>> = ERRORS;

/** Facts of one occurrence: flat, machine readable, never prose about what to do. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | null>>;

/** The one error class of the program: a code of the table, the facts, and the cause if any. */
export class MinerError extends Error {
  override readonly name = "MinerError";
  readonly code: ErrorCode;
  readonly context: ErrorContext;

  constructor(code: ErrorCode, context: ErrorContext = {}, options?: { cause?: unknown }) {
    const facts = Object.entries(context).map(([key, value]) => `${key}=${String(value)}`);
    super([`${code}: ${ERRORS[code].meaning}`, ...facts].join(" "), options);
    this.code = code;
    this.context = context;
  }
}

/** True when `error` is ours and has one of the given codes (any code when none is given). */
export function isMinerError(error: unknown, ...codes: readonly ErrorCode[]): error is MinerError {
  return error instanceof MinerError && (codes.length === 0 || codes.includes(error.code));
}
