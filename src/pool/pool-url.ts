import { isIPv6 } from "node:net";

/** The address of a pool, taken apart. */
export interface PoolUrl {
  readonly protocol: "v1";
  /** Name or IP address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
  readonly security: "plain" | "tls";
  /** The address ends in `#xnsub`: the pool wants to be asked for extranonce changes. */
  readonly subscribeExtranonce: boolean;
}

export type ParsedPoolUrl =
  | { readonly ok: true; readonly value: PoolUrl }
  | {
      readonly ok: false;
      readonly code: "POOL_URL_INVALID";
      /** The part that is wrong. */
      readonly field: "scheme" | "credentials" | "host" | "port" | "path";
      /** What the part should be. */
      readonly expected: string;
    };

// Documented: pools and miners write TLS both ways.
const SECURITY: ReadonlyMap<string, PoolUrl["security"]> = new Map([
  ["stratum+tcp", "plain"],
  ["stratum+ssl", "tls"],
  ["stratum+tls", "tls"],
]);

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const AUTHORITY = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]*))(?::(\d*))?$/i;
const HOST_NAME = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i;

/**
 * Takes `stratum+tcp://host:port` or `stratum+ssl://host:port` apart; the scheme may be left out for plain TCP,
 * `/#xnsub` may follow.
 */
export function parsePoolUrl(text: string): ParsedPoolUrl {
  const scheme = SCHEME.exec(text);
  const schemeName = scheme?.[1]?.toLowerCase() ?? "stratum+tcp";
  const security = SECURITY.get(schemeName);
  if (security === undefined) return refuse("scheme", expectedScheme(schemeName));
  const rest = text.slice(scheme?.[0].length ?? 0);
  const [address = "", fragment, ...more] = rest.split("#");
  const [authority = "", path, ...deeper] = address.split("/");
  if (authority.includes("@")) return refuse("credentials", "user and password beside the url");
  const parts = AUTHORITY.exec(authority);
  const host = parts?.[1] ?? parts?.[2] ?? "";
  const isIpv6 = parts?.[1] !== undefined;
  if (parts === null || (isIpv6 ? !isIPv6(host) : !isHostName(host)))
    return refuse("host", "a name, an IPv4 address or an IPv6 address in brackets");
  const port = Number(parts[3] === undefined || parts[3] === "" ? Number.NaN : parts[3]);
  if (!Number.isInteger(port) || port < 1 || port > 65535) return refuse("port", "1 to 65535");
  const hasPath = (path !== undefined && path !== "") || deeper.length > 0;
  if (hasPath || more.length > 0 || (fragment !== undefined && fragment !== "xnsub"))
    return refuse("path", "nothing or #xnsub after the port");
  return {
    ok: true,
    value: { protocol: "v1", host, port, security, subscribeExtranonce: fragment === "xnsub" },
  };
}

/** True for what may stand where a host name or an IPv4 address is expected. */
export function isHostName(text: string): boolean {
  return HOST_NAME.test(text);
}

function expectedScheme(given: string): string {
  const known = "stratum+tcp:// or, for TLS, stratum+ssl://";
  return given.startsWith("stratum2") ? `${known}; Stratum V2 is not built yet` : known;
}

function refuse(
  field: Extract<ParsedPoolUrl, { ok: false }>["field"],
  expected: string,
): ParsedPoolUrl {
  return { ok: false, code: "POOL_URL_INVALID", field, expected };
}
