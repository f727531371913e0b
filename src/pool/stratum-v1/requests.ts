import { DEVICE_VERSION_MASK, submitVersionBits } from "../../bitcoin/version-rolling.js";
import { hex32, toHex } from "../../lib/bytes.js";
import type { PoolJob, ShareSubmission } from "../pool-client.js";
import type { RequestId } from "./messages.js";

/** A request of ours. Pools close on ids that are missing or no integer, so every request has one. */
export interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

// Documented: BIP310 requires min-bit-count, other clients that leave it out are tolerated.
const MIN_ROLLING_BITS = 2;

// Braiins Pool is reported to refuse a blank password.
const BLANK_PASSWORD = "x";

/** What a pool is told of this machine (BIP310, "info"). */
export interface DeviceInfo {
  readonly connectionUrl: string;
  readonly hwVersion?: string;
  readonly swVersion?: string;
  readonly hwId?: string;
}

/**
 * Asks for version rolling with the bits that the chips can roll, and to be told of extranonce changes;
 * tells of the machine if `info` is given. Never asks for a minimum difficulty: DATUM answers that
 * with broken JSON where it is asked alone, and with no where not.
 */
export function configureRequest(id: number, info: DeviceInfo | undefined): Request {
  const extensions = ["version-rolling", "subscribe-extranonce"];
  const parameters: Record<string, string | number> = {
    "version-rolling.mask": hex32(DEVICE_VERSION_MASK),
    "version-rolling.min-bit-count": MIN_ROLLING_BITS,
  };
  if (info !== undefined) {
    extensions.push("info");
    parameters["info.connection-url"] = info.connectionUrl;
    if (info.hwVersion !== undefined) parameters["info.hw-version"] = info.hwVersion;
    if (info.swVersion !== undefined) parameters["info.sw-version"] = info.swVersion;
    if (info.hwId !== undefined) parameters["info.hw-id"] = info.hwId;
  }
  return { id, method: "mining.configure", params: [extensions, parameters] };
}

/** `resumeId` names the session to go on with, if there is one. */
export function subscribeRequest(id: number, agent: string, resumeId: string | undefined): Request {
  const params = resumeId === undefined ? [agent] : [agent, resumeId];
  return { id, method: "mining.subscribe", params };
}

export function suggestDifficultyRequest(id: number, difficulty: number): Request {
  return { id, method: "mining.suggest_difficulty", params: [difficulty] };
}

export function authorizeRequest(id: number, user: string, password: string): Request {
  return {
    id,
    method: "mining.authorize",
    params: [user, password === "" ? BLANK_PASSWORD : password],
  };
}

export function extranonceSubscribeRequest(id: number): Request {
  return { id, method: "mining.extranonce.subscribe", params: [] };
}

/**
 * A share. `poolMask` is undefined when version rolling is not granted: then there are five parameters,
 * else six, also when no bit is set. Pools are strict about widths and compare shares as text.
 */
export function submitRequest(
  id: number,
  user: string,
  job: PoolJob,
  share: ShareSubmission,
  poolMask: number | undefined,
): Request {
  const params = [
    user,
    job.jobId,
    toHex(share.extranonce2),
    hex32(share.ntime),
    hex32(share.nonce),
  ];
  if (poolMask !== undefined) params.push(hex32(submitVersionBits(share.version, poolMask)));
  return { id, method: "mining.submit", params };
}

/** The line of a request. */
export function requestLine(request: Request): string {
  return `${JSON.stringify(request)}\n`;
}

/** The line of a good answer to a pool's request. */
export function resultLine(id: RequestId, result: string): string {
  return `${JSON.stringify({ id, result, error: null })}\n`;
}

/** The line that answers a request for a method that this client does not have. */
export function unknownMethodLine(id: RequestId): string {
  return `${JSON.stringify({ id, result: null, error: [20, "Unknown method", null] })}\n`;
}
