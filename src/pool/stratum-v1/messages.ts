import type { Network } from "../../bitcoin/network.js";
import {
  difficultyOfTarget,
  difficultyValue,
  findTargetOfDifficulty,
} from "../../bitcoin/target.js";
import { parseBytes, parseCount, parseHex32 } from "./fields.js";
import { printable } from "../printable.js";
import { type Notify, parseNotify } from "./notify.js";
import { type Response, parseResponse } from "./responses.js";

/** An id as a pool chose it for its own request. */
export type RequestId = string | number;

/** What a pool says or asks without being asked, checked. */
export type PoolCall =
  | { readonly method: "mining.notify"; readonly job: Notify }
  | {
      /** Of a target the difficulty is derived, for show. */
      readonly method: "mining.set_difficulty" | "mining.set_target";
      readonly difficulty: number;
      readonly target: bigint;
    }
  | {
      readonly method: "mining.set_extranonce";
      readonly extranonce1: Uint8Array;
      /** Undefined leaves the size as it is. */
      readonly extranonce2Size: number | undefined;
    }
  | { readonly method: "mining.set_version_mask"; readonly mask: number }
  | {
      readonly method: "client.reconnect";
      readonly host: string | undefined;
      readonly port: number | undefined;
      readonly waitS: number;
    }
  | { readonly method: "client.show_message"; readonly text: string }
  | { readonly method: "client.get_version" }
  | { readonly method: "mining.ping" };

/** What one line is. */
export type PoolMessage =
  | { readonly kind: "response"; readonly response: Response }
  | { readonly kind: "call"; readonly id: RequestId | undefined; readonly call: PoolCall }
  /** A method that this client does not have; answered with an error when it has an id. */
  | { readonly kind: "unknown-call"; readonly id: RequestId | undefined; readonly method: string }
  /** Changes nothing; with the method when it is one that this client has. */
  | { readonly kind: "ignored"; readonly reason: string; readonly method?: string }
  /** Not Stratum, or beyond what can be worked with: the connection is closed. */
  | { readonly kind: "malformed"; readonly reason: string };

/** Decided: a pool may not ask for more than these. */
const MAX_EXTRANONCE1_BYTES = 64;
const MAX_EXTRANONCE2_BYTES = 32;

// Decided: longer ids are not echoed, as our own lines must stay short.
const MAX_ID_CHARACTERS = 64;

// Decided: real messages nest four deep. A line of the longest kind that is nothing but brackets takes 100 MB to parse.
const MAX_DEPTH = 64;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const TARGET = /^[0-9a-f]{1,64}$/i;

/** Reads one line. Difficulties are judged by the network of the pool. */
export function parseLine(line: string, network: Network): PoolMessage {
  if (isTooDeep(line)) return malformed(`nested too deep: ${printable(line)}`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Usually the error page of a proxy; the text is worth showing, the exception is not.
    return malformed(`not JSON: ${printable(line)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return ignored("not an object");
  const fields = value as Readonly<Record<string, unknown>>;
  if (typeof fields["method"] === "string") return parseCall(fields["method"], fields, network);
  const response = parseResponse(fields);
  return response === undefined
    ? ignored("neither a request nor a response")
    : { kind: "response", response };
}

/** Counts brackets, those in texts too: no text of a pool opens 64 that it does not close. */
function isTooDeep(line: string): boolean {
  if (line.length <= MAX_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === OPEN_BRACKET || code === OPEN_BRACE) depth += 1;
    else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function parseCall(
  method: string,
  fields: Readonly<Record<string, unknown>>,
  network: Network,
): PoolMessage {
  const params: readonly unknown[] = Array.isArray(fields["params"]) ? fields["params"] : [];
  const rawId = fields["id"];
  const hasId =
    typeof rawId === "number" || (typeof rawId === "string" && rawId.length <= MAX_ID_CHARACTERS);
  const id = hasId ? rawId : undefined;
  const known = CALL_PARSERS.get(method);
  if (known === undefined) return { kind: "unknown-call", id, method: printable(method) };
  const parsed = known(params, network);
  if (!("kind" in parsed)) return { kind: "call", id, call: parsed };
  return parsed.kind === "ignored" ? { ...parsed, method } : parsed;
}

type CallParser = (params: readonly unknown[], network: Network) => PoolCall | PoolMessage;

const CALL_PARSERS: ReadonlyMap<string, CallParser> = new Map<string, CallParser>([
  [
    "mining.notify",
    (params) => {
      const job = parseNotify(params);
      return job === undefined
        ? ignored("unusable mining.notify")
        : { method: "mining.notify", job };
    },
  ],
  ["mining.set_difficulty", parseSetDifficulty],
  ["mining.set_target", parseSetTarget],
  ["mining.set_extranonce", parseSetExtranonce],
  [
    "mining.set_version_mask",
    ([maskHex]) => {
      const mask = parseHex32(maskHex);
      return mask === undefined
        ? ignored("unusable mining.set_version_mask")
        : { method: "mining.set_version_mask", mask };
    },
  ],
  ["client.reconnect", parseReconnect],
  [
    "client.show_message",
    ([text]) =>
      typeof text === "string"
        ? { method: "client.show_message", text: printable(text) }
        : ignored("client.show_message without text"),
  ],
  ["client.get_version", () => ({ method: "client.get_version" })],
  ["mining.ping", () => ({ method: "mining.ping" })],
]);

function parseSetDifficulty([value]: readonly unknown[], network: Network): PoolCall | PoolMessage {
  const difficulty =
    typeof value === "number" || typeof value === "string" ? difficultyValue(value) : Number.NaN;
  const target = findTargetOfDifficulty(difficulty, network);
  return target === undefined
    ? ignored("unusable mining.set_difficulty")
    : { method: "mining.set_difficulty", difficulty, target };
}

function parseSetTarget([value]: readonly unknown[], network: Network): PoolCall | PoolMessage {
  const target = typeof value === "string" && TARGET.test(value) ? BigInt(`0x${value}`) : 0n;
  return target === 0n
    ? ignored("unusable mining.set_target")
    : { method: "mining.set_target", difficulty: difficultyOfTarget(target, network), target };
}

function parseSetExtranonce([extranonce1Hex, size]: readonly unknown[]): PoolCall | PoolMessage {
  const extranonce1 = parseBytes(extranonce1Hex);
  const extranonce2Size = parseCount(size);
  const hasBadSize = size !== undefined && size !== null && extranonce2Size === undefined;
  if (extranonce1 === undefined || hasBadSize) return ignored("unusable mining.set_extranonce");
  return isUsableExtranonce(extranonce1, extranonce2Size ?? 0)
    ? { method: "mining.set_extranonce", extranonce1, extranonce2Size }
    : malformed("extranonce sizes out of range");
}

/** True when both sizes are ones that this client works with. */
export function isUsableExtranonce(extranonce1: Uint8Array, extranonce2Size: number): boolean {
  return extranonce1.length <= MAX_EXTRANONCE1_BYTES && extranonce2Size <= MAX_EXTRANONCE2_BYTES;
}

function parseReconnect([host, port, wait]: readonly unknown[]): PoolCall {
  return {
    method: "client.reconnect",
    host: typeof host === "string" && host !== "" ? host : undefined,
    port: parseCount(port),
    waitS: parseCount(wait) ?? 0,
  };
}

function ignored(reason: string): PoolMessage {
  return { kind: "ignored", reason };
}

function malformed(reason: string): PoolMessage {
  return { kind: "malformed", reason };
}
