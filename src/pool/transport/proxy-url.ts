import { isIPv6 } from "node:net";
import { MinerError } from "../../lib/errors.js";
import { isHostName } from "../pool-url.js";
import type { Endpoint } from "./link.js";

/** A SOCKS5 proxy. */
export interface ProxyAddress extends Endpoint {
  readonly login: { readonly user: string; readonly password: string } | undefined;
}

// Documented: RFC 1929, a length is one byte.
const MAX_LOGIN_BYTES = 255;

/**
 * Takes `socks5://[user:password@]host:port` apart; what is no letter or digit in user and password may stand
 * as in other URLs, as %40.
 * @throws POOL_PROXY_INVALID naming the part, without its value
 */
export function parseProxyUrl(text: string): ProxyAddress {
  if (!/^socks5h?:\/\//i.test(text)) throw refuse("scheme", "socks5://");
  if (!URL.canParse(text)) throw refuse("host", "a name or an address, and a port of 1 to 65535");
  const url = new URL(text);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (!isHostName(host) && !isIPv6(host))
    throw refuse("host", "a name, an IPv4 address or an IPv6 address in brackets");
  if (url.port === "" || url.port === "0") throw refuse("port", "1 to 65535");
  if ((url.pathname !== "" && url.pathname !== "/") || url.search !== "" || url.hash !== "")
    throw refuse("path", "nothing after the port");
  return { host, port: Number(url.port), login: loginOf(url) };
}

function loginOf(url: URL): ProxyAddress["login"] {
  if (url.username === "" && url.password === "") return undefined;
  const user = decode(url.username);
  const password = decode(url.password);
  for (const part of [user, password])
    if (part === undefined || part === "" || Buffer.byteLength(part) > MAX_LOGIN_BYTES)
      throw refuse("credentials", "user and password of 1 to 255 bytes, a % written %25");
  return { user: user ?? "", password: password ?? "" };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign.
    return undefined;
  }
}

function refuse(field: string, expected: string): MinerError {
  return new MinerError("POOL_PROXY_INVALID", { field, expected });
}
