import { socketReason } from "./dial-tcp.js";

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

/** True for what TLS itself refused, in contrast to the network below it. */
export function isTlsError(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith("ERR_SSL_") === true || error.code === "EPROTO";
}

/** Why TLS refused, in words. */
export function tlsReason(error: NodeJS.ErrnoException): string {
  return REASONS.get(error.code ?? "") ?? socketReason(error);
}
