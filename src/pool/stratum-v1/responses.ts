import { parseBytes, parseCount, parseHex32 } from "./fields.js";
import { printable } from "../printable.js";

/** Largest id text that is compared as a number. */
const ID_TEXT = /^\d{1,15}$/;

// Decided: hex and the like; it goes back in a line that must be short.
const SESSION_ID = /^[\w.:-]{1,128}$/;

/** An answer, whatever dialect it came in. */
export interface Response {
  readonly id: number;
  /** True when there is a result and no error. */
  readonly isOk: boolean;
  readonly result: unknown;
  /** The pool's error code, if it gave one. */
  readonly errorCode: number | undefined;
  /** The pool's own words, if it gave any; safe to show. */
  readonly errorText: string | undefined;
}

/** What a pool grants of mining.configure. */
export interface ConfigureResult {
  /** The mask of rollable version bits as the pool sees it; undefined when there is no rolling. */
  readonly versionMask: number | undefined;
}

/** What a pool fixes of the coinbase. */
export interface Extranonce {
  readonly extranonce1: Uint8Array;
  readonly extranonce2Size: number;
}

export interface SubscribeResult extends Extranonce {
  /** Names the session when it is to be resumed; undefined when the pool gave none. */
  readonly sessionId: string | undefined;
}

/** The answer in an object of JSON; undefined when it answers nothing of ours. */
export function parseResponse(fields: Readonly<Record<string, unknown>>): Response | undefined {
  const id = parseId(fields["id"]);
  if (id === undefined) return undefined;
  const result = fields["result"];
  const hasResult = result === true || (typeof result === "object" && result !== null);
  // Classic ckpool refuses a share with "error": null and this extra member.
  const error = isEmptyError(fields["error"]) ? fields["reject-reason"] : fields["error"];
  const isOk = hasResult && isEmptyError(error);
  return {
    id,
    isOk,
    result,
    errorCode: isOk ? undefined : errorCode(error),
    errorText: isOk ? undefined : errorText(error),
  };
}

/** The answer to mining.configure; extensions that are missing, false or text are not granted. */
export function parseConfigureResult(response: Response): ConfigureResult {
  if (!response.isOk || typeof response.result !== "object" || response.result === null)
    return { versionMask: undefined };
  const granted = response.result as Readonly<Record<string, unknown>>;
  const isRolling = granted["version-rolling"] === true;
  return { versionMask: isRolling ? parseHex32(granted["version-rolling.mask"]) : undefined };
}

/** The answer to mining.subscribe, read from its last two elements; undefined when they are unusable. */
export function parseSubscribeResult(response: Response): SubscribeResult | undefined {
  if (!response.isOk || !Array.isArray(response.result)) return undefined;
  const [extranonce1Hex, size] = response.result.slice(-2) as readonly unknown[];
  const extranonce1 = parseBytes(extranonce1Hex);
  const extranonce2Size = parseCount(size);
  return extranonce1 === undefined || extranonce2Size === undefined
    ? undefined
    : { extranonce1, extranonce2Size, sessionId: findSessionId(response.result[0]) };
}

/** The id beside "mining.notify" in a pair, or a list of pairs; pools resume sessions by it. */
function findSessionId(subscriptions: unknown): string | undefined {
  if (!Array.isArray(subscriptions)) return undefined;
  const pairs: readonly unknown[] =
    typeof subscriptions[0] === "string" ? [subscriptions] : subscriptions;
  for (const pair of pairs) {
    const [method, id] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    if (method === "mining.notify" && typeof id === "string" && SESSION_ID.test(id)) return id;
  }
  return undefined;
}

/** Some pools echo the id as text. */
function parseId(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" && ID_TEXT.test(value) ? Number(value) : undefined;
}

function isEmptyError(error: unknown): boolean {
  if (error === undefined || error === null || error === false || error === "") return true;
  return typeof error === "object" && Object.keys(error).length === 0;
}

function errorCode(error: unknown): number | undefined {
  const code: unknown = Array.isArray(error)
    ? error[0]
    : typeof error === "object" && error !== null && "code" in error
      ? error.code
      : undefined;
  return typeof code === "number" ? code : undefined;
}

function errorText(error: unknown): string | undefined {
  const text: unknown = Array.isArray(error)
    ? error[1]
    : typeof error === "object" && error !== null && "message" in error
      ? error.message
      : error;
  return typeof text === "string" && text !== "" ? printable(text) : undefined;
}
