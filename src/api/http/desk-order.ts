import { randomUUID } from "node:crypto";
import { type ErrorCode, MinerError } from "../../lib/errors.js";
import { errorOf } from "../../lib/finding.js";
import type { ApiParts } from "./api-parts.js";
import type { Call } from "./route.js";

/** What the desk refuses a configuration with. */
export const CONFIG_ERRORS = [
  ...(["CONFIG_CHANGED", "CONFIG_INVALID", "BOARDS_UNKNOWN", "NETWORK_REFUSED"] as const),
  ...(["MACHINE_NOT_DRIVEN", "BOARD_NOT_DRIVEN", "BOARD_INFERRED"] as const),
] as const satisfies readonly ErrorCode[];

const KEY = "idempotency-key";
export const KEY_HEADER = {
  "Idempotency-Key": "the same key again gives the same answer and has no second effect",
};

/**
 * Gives an order to the desk for who sent the request; the route has judged whether it may.
 * Rejects with HTTP_BAD_REQUEST, and what the desk refuses with
 */
export async function order(
  { desk }: Pick<ApiParts, "desk">,
  { caller, headers }: Pick<Call, "caller" | "headers">,
  name: string,
  params: unknown,
  expiresUnixMs: number | null = null,
): Promise<unknown> {
  const key = headers.get(KEY);
  if (key !== null && !/^[\x21-\x7e]{1,128}$/.test(key))
    throw new MinerError("HTTP_BAD_REQUEST", { at: KEY, expected: "1 to 128 letters" });
  const answer = await desk.give({
    // Two who send the same key do not mean the same order.
    id: key === null ? randomUUID() : `${caller.who} ${key}`,
    ...{ name, params, expiresUnixMs, isRepeatable: key !== null },
    by: { way: "http", who: `${caller.who} ${caller.address}` },
  });
  if (answer.is === "refused") throw errorOf(answer);
  return answer.result;
}
