import { type Socket, isIP } from "node:net";
import { type TLSSocket, checkServerIdentity, connect } from "node:tls";
import { MinerError } from "../../lib/errors.js";
import { refusalOf } from "./certificate-check.js";
import { socketReason } from "./dial-tcp.js";
import type { Endpoint } from "./link.js";
import type { TlsTrust } from "./tls-trust.js";

// OpenSSL's names for what goes wrong before there is a certificate to look at.
const REASONS: ReadonlyMap<string, string> = new Map([
  ["ERR_SSL_WRONG_VERSION_NUMBER", "no TLS at this port"],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "no TLS at this port"],
  ["ERR_SSL_HTTP_REQUEST", "no TLS at this port"],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "protocol version: the pool has no TLS 1.2 or later"],
  ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "protocol version: the pool has no TLS 1.2 or later"],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "no cipher or curve that both sides know"],
  ["ERR_SSL_NO_CIPHERS_AVAILABLE", "no cipher or curve that both sides know"],
  ["ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "the server does not know the pool's name"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "the pool wants a certificate from us"],
]);

const ENDED = "closed in the TLS handshake";
const RESET = "reset in the TLS handshake";

/** True for what TLS itself refused, in contrast to the network below it. */
export function isTlsError(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith("ERR_SSL_") === true || error.code === "EPROTO";
}

/** Why TLS refused, in words. */
export function tlsReason(error: NodeJS.ErrnoException): string {
  return REASONS.get(error.code ?? "") ?? socketReason(error);
}

/**
 * Makes the connected `socket` a TLS one for `endpoint`. Names are sent as SNI and compared with the
 * certificate, addresses are only compared. Rejects with POOL_TLS_REFUSED and the reason, also when `signal` is
 * aborted.
 */
export function startTls(
  socket: Socket,
  endpoint: Endpoint,
  trust: TlsTrust,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // No session is kept: Node does not compare the name of a resumed one, and a miner connects seldom.
    const secured = connect({
      socket,
      secureContext: trust.context,
      ...(isIP(endpoint.host) === 0 && { servername: endpoint.host }),
      // Judged below, where the whole certificate can be looked at.
      rejectUnauthorized: false,
      checkServerIdentity: (_, certificate) => checkServerIdentity(endpoint.host, certificate),
    });
    let reason = ENDED;
    const refuse = (): void => {
      reject(new MinerError("POOL_TLS_REFUSED", { ...endpoint, reason }));
    };
    secured.on("error", (error: NodeJS.ErrnoException) => {
      // Node's own words for an end in the handshake carry the code of a reset.
      const isReset = error.code === "ECONNRESET";
      reason = isReset ? (error.syscall === undefined ? ENDED : RESET) : tlsReason(error);
    });
    secured.once("close", refuse);
    secured.once("secureConnect", () => {
      const refusal = refusalOf(secured, trust);
      if (refusal === undefined) {
        resolve(secured);
        return;
      }
      reason = refusal;
      refuse();
      secured.destroy();
    });
    signal.addEventListener("abort", () => secured.destroy(), { once: true });
  });
}
