import { type LookupFunction, type Socket, connect, isIP } from "node:net";
import { MinerError } from "../../lib/errors.js";
import type { Endpoint } from "./link.js";

// As ESP-Miner: a link without traffic is probed after 60 s. libuv then probes each second and gives
// up after 10 probes. Node cannot set TCP_USER_TIMEOUT: bytes that nobody acknowledges are found by the
// answers that stay out.
const KEEP_ALIVE_DELAY_MS = 60_000;

// Node's own 250 ms is shorter than a round trip over satellite.
const ADDRESS_ATTEMPT_MS = 2_500;

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ECONNRESET", "reset by the peer"],
  ["EPIPE", "closed by the peer"],
  ["ETIMEDOUT", "no answer"],
  ["EHOSTUNREACH", "host unreachable"],
  ["ENETUNREACH", "network unreachable"],
  ["EADDRNOTAVAIL", "network unreachable"],
  ["ENOTFOUND", "name unknown"],
  ["EAI_AGAIN", "name server does not answer"],
]);

/** What went wrong with a socket, in words. Several addresses can fail, each in its way. */
export function socketReason(error: NodeJS.ErrnoException): string {
  if (error instanceof AggregateError)
    return [...new Set((error.errors as NodeJS.ErrnoException[]).map(socketReason))].join(", ");
  return REASONS.get(error.code ?? "") ?? error.code ?? error.message;
}

/**
 * Connects to `endpoint`. Its name is resolved now, by `lookup` or the system, and every address it has
 * is tried, IPv6 and IPv4. Rejects with POOL_UNREACHABLE, also when `signal` is aborted, which destroys the
 * socket, then and later.
 */
export function dialTcp(
  endpoint: Endpoint,
  signal: AbortSignal,
  lookup: LookupFunction | undefined,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: endpoint.host,
      port: endpoint.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
      autoSelectFamily: isIP(endpoint.host) === 0,
      autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
      ...(lookup && { lookup }),
    });
    let reason = "closed by the peer";
    // Stays for the life of the socket: an error between two steps must find somebody.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reason = socketReason(error);
    });
    socket.once("connect", () => {
      resolve(socket);
    });
    socket.once("close", () => {
      reject(new MinerError("POOL_UNREACHABLE", { ...endpoint, reason }));
    });
    signal.addEventListener("abort", () => socket.destroy(), { once: true });
  });
}
