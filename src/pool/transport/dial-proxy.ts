import type { LookupFunction, Socket } from "node:net";
import { MinerError, isMinerError } from "../../lib/errors.js";
import { dialTcp } from "./dial-tcp.js";
import type { Endpoint } from "./link.js";
import type { ProxyAddress } from "./proxy-url.js";

/** The library's words for what the proxy said, as far as they can be said better. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["Socket closed", "closed by the proxy"],
  ["Socks5 Authentication failed", "user or password refused"],
  [
    "Received invalid Socks5 initial handshake (no accepted authentication type)",
    "the proxy wants another login: user and password, or none",
  ],
  [
    "Received invalid Socks5 initial handshake (unknown authentication type)",
    "the proxy wants a kind of login that is not known",
  ],
  ["Received invalid Socks5 initial handshake (invalid socks version)", "not a SOCKS5 proxy"],
  ["Socks5 proxy rejected connection - Failure", "the proxy could not reach the pool"],
  ["Socks5 proxy rejected connection - NotAllowed", "the proxy's rules forbid it"],
  ["Socks5 proxy rejected connection - NetworkUnreachable", "pool: network unreachable"],
  ["Socks5 proxy rejected connection - HostUnreachable", "pool: host unreachable or name unknown"],
  ["Socks5 proxy rejected connection - ConnectionRefused", "pool: connection refused"],
  ["Socks5 proxy rejected connection - TTLExpired", "pool: no answer"],
  ["Socks5 proxy rejected connection - AddressNotSupported", "the proxy takes no such address"],
]);

// The caller limits the time; the library's own timer only has to be later.
const LIBRARY_TIMEOUT_MS = 60_000;

/**
 * Connects to `endpoint` through a SOCKS5 proxy, which also resolves the name. Rejects with POOL_PROXY_FAILED and
 * what the proxy said; never with its password. An abort of `signal` destroys the socket.
 */
export async function dialThroughProxy(
  proxy: ProxyAddress,
  endpoint: Endpoint,
  signal: AbortSignal,
  lookup: LookupFunction | undefined,
): Promise<Socket> {
  const refuse = (reason: string): MinerError =>
    new MinerError("POOL_PROXY_FAILED", {
      ...endpoint,
      proxy: proxy.host.includes(":")
        ? `[${proxy.host}]:${proxy.port}`
        : `${proxy.host}:${proxy.port}`,
      reason,
    });
  try {
    // Loaded by who needs it: it takes several megabytes.
    const { SocksClient } = await import("socks");
    signal.throwIfAborted();
    const socket = await dialTcp(proxy, signal, lookup);
    await SocksClient.createConnection({
      command: "connect",
      existing_socket: socket,
      timeout: LIBRARY_TIMEOUT_MS,
      destination: { host: endpoint.host, port: endpoint.port },
      proxy: {
        type: 5,
        host: proxy.host,
        port: proxy.port,
        ...(proxy.login && { userId: proxy.login.user, password: proxy.login.password }),
      },
    });
    return socket;
  } catch (error) {
    if (isMinerError(error)) throw refuse(String(error.context["reason"]));
    // Not the cause of ours: the library's error carries the password.
    const { message } = error as Error;
    throw refuse(REASONS.get(message) ?? message);
  }
}
