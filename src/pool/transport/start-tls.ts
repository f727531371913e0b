import { type Socket, isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import { MinerError } from "../../lib/errors.js";
import { refusalOf } from "./certificate-check.js";
import type { Endpoint } from "./link.js";
import { tlsReason } from "./tls-reason.js";
import type { TlsTrust } from "./tls-trust.js";

const ENDED = "closed in the TLS handshake";
const RESET = "reset in the TLS handshake";

/**
 * Makes the connected `socket` a TLS one for `endpoint`. Names are sent as SNI and compared with the
 * certificate, addresses are only compared. Rejects with POOL_TLS_REFUSED and the reason, also when `signal` is
 * aborted.
 */
export async function startTls(
  socket: Socket,
  endpoint: Endpoint,
  trust: TlsTrust,
  signal: AbortSignal,
): Promise<TLSSocket> {
  // Loaded by who needs it: it takes several megabytes.
  const { checkServerIdentity, connect, createSecureContext } = await import("node:tls");
  return new Promise((resolve, reject) => {
    // No session is kept: Node does not compare the name of a resumed one, and a miner connects seldom.
    const secured = connect({
      socket,
      secureContext: trust.context(createSecureContext),
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
