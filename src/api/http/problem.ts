import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as z from "zod/mini";
import { ERROR_TABLE, type ErrorCode } from "../../lib/errors.js";
import type { Finding } from "../../lib/finding.js";

/** Documented: RFC 9457, with the code and the facts of the table of errors beside it. */
export const Problem = z.object({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  context: z.record(z.string(), z.nullable(z.union([z.string(), z.number(), z.boolean()]))),
});
type Problem = z.infer<typeof Problem>;

export const PROBLEM_TYPE = "application/problem+json";

/** What is not named is a fault of ours or of the machine. */
const STATUS_OF: Partial<Readonly<Record<ErrorCode, ContentfulStatusCode>>> = {
  HTTP_BAD_REQUEST: 400,
  HTTP_NOT_FOUND: 404,
  HTTP_METHOD_REFUSED: 405,
  HTTP_LOGIN_NEEDED: 401,
  HTTP_SCOPE_MISSING: 403,
  HTTP_PASSWORD_UNSET: 403,
  HTTP_PASSWORD_SET: 409,
  HTTP_PASSWORD_WRONG: 401,
  HTTP_TOO_MANY: 429,
  HTTP_BUSY: 503,
  HTTP_TOO_LARGE: 413,
  HTTP_BODY_REFUSED: 415,
  HTTP_HOST_REFUSED: 421,
  HTTP_ORIGIN_REFUSED: 403,
  HTTP_TOKENS_FULL: 409,
  COMMAND_DENIED: 403,
  COMMAND_EXPIRED: 410,
  COMMAND_ID_REUSED: 409,
  COMMAND_REFUSED: 409,
  CONTROL_REFUSED: 400,
  CONFIG_CHANGED: 412,
  CONFIG_INVALID: 422,
  PLL_UNREACHABLE: 422,
  POWER_TARGET_REFUSED: 422,
  LOCATE_UNAVAILABLE: 501,
  REBOOT_UNAVAILABLE: 501,
  UPDATE_UNAVAILABLE: 501,
  UPDATE_BUSY: 409,
  UPDATE_UNCONFIRMED: 409,
  UPDATE_NOTHING: 409,
  UPDATE_BELOW_FLOOR: 409,
  KEY_INVALID: 422,
  KEY_UNKNOWN: 404,
  KEY_IS_LAST: 409,
  POOL_UNKNOWN: 404,
  TRIP_UNKNOWN: 404,
  BOARDS_UNKNOWN: 422,
  NETWORK_REFUSED: 422,
  MACHINE_NOT_DRIVEN: 422,
  BOARD_NOT_DRIVEN: 422,
  BOARD_INFERRED: 422,
  EVENTS_MISSING: 503,
  HISTORY_MISSING: 503,
};

export function statusOf(code: ErrorCode): ContentfulStatusCode {
  return STATUS_OF[code] ?? 500;
}

export function problemOf({ code, context }: Finding): Problem {
  const { meaning, action } = ERROR_TABLE[code];
  return {
    ...{ type: "about:blank", title: meaning, status: statusOf(code), detail: action },
    ...{ code, context },
  };
}
