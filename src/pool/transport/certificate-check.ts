import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { printable } from "../printable.js";
import type { TlsTrust } from "./tls-trust.js";

/** Before this was written no clock can be right. */
const OLDEST_NOW_MS = Date.UTC(2026, 10, 1);

const UNKNOWN_ISSUER: ReadonlySet<string> = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "CERT_UNTRUSTED",
]);

/** Why the certificate of a finished handshake is not taken, in words; undefined when it is. */
export function refusalOf(
  socket: TLSSocket,
  trust: TlsTrust,
  now = new Date(),
): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return "the pool has no certificate";
  if (trust.security === "pinned") {
    const seen = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
    return trust.pins.has(seen) ? undefined : `pin mismatch: the certificate seen is ${seen}`;
  }
  if (trust.security === "unverified" || socket.authorized) return undefined;
  return verifyReason(String(socket.authorizationError), certificate, now);
}

/** Words for a code of OpenSSL or Node. */
function verifyReason(code: string, certificate: X509Certificate, now: Date): string {
  if (code === "CERT_HAS_EXPIRED")
    return `expired: valid until ${certificate.validTo}${clockHint(now)}`;
  if (code === "CERT_NOT_YET_VALID")
    return `not yet valid: valid from ${certificate.validFrom}${clockWords(now)}`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `wrong name: the certificate is for ${namesIn(certificate)}`;
  if (UNKNOWN_ISSUER.has(code))
    return `unknown issuer: ${printable(certificate.issuer, ", ")}${clockHint(now)}`;
  return `${code}${clockHint(now)}`;
}

function clockHint(now: Date): string {
  return now.getTime() < OLDEST_NOW_MS ? clockWords(now) : "";
}

function clockWords(now: Date): string {
  return `; clock not set? it is ${now.toISOString().slice(0, 10)} here`;
}

function namesIn({ subjectAltName, subject }: X509Certificate): string {
  const names = subjectAltName?.replaceAll(/DNS:|IP Address:/g, "");
  return printable(names ?? subject, ", ");
}
