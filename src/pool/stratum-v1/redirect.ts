import { isIP } from "node:net";
import type { Endpoint } from "../transport/link.js";

/** Where a pool asks us to go; what is missing stays as it is. */
export interface RedirectRequest {
  readonly host: string | undefined;
  readonly port: number | undefined;
}

// Decided: the whole public suffix list costs 7 MB of resident memory (measured: tldts 7.5.4), a tenth of
// what the program may use, for a rule that is seldom asked. This refuses more than that list would:
// every country's second level by its usual names, and the hosts where anybody gets a name.
const COUNTRY_SECOND_LEVEL =
  /^(?:ab|ac|ad|art|asso|bc|biz|co|com|edu|firm|gen|go|gob|gouv|gov|gv|id|idv|in|ind|inf|info|lg|ltd|me|mil|mod|mob|msk|name|ne|net|nhs|nic|nom|nsw|od|on|or|org|pe|plc|pp|priv|pro|qc|res|school|sch|spb|store|tm|vic|web)\.[a-z]{2}$/;
const SHARED_HOSTS: ReadonlySet<string> = new Set([
  "amazonaws.com",
  "appspot.com",
  "azurewebsites.net",
  "cloudapp.net",
  "cloudfront.net",
  "ddns.net",
  "ddnsfree.com",
  "duckdns.org",
  "dyndns.org",
  "dynu.net",
  "eu.org",
  "fly.dev",
  "freeddns.org",
  "github.io",
  "gitlab.io",
  "gotdns.org",
  "herokuapp.com",
  "hopto.org",
  "ngrok.io",
  "no-ip.biz",
  "no-ip.com",
  "no-ip.org",
  "nsupdate.info",
  "onrender.com",
  "pages.dev",
  "servegame.com",
  "sytes.net",
  "trycloudflare.com",
  "uk.com",
  "us.com",
  "vercel.app",
  "web.app",
  "workers.dev",
  "zapto.org",
]);

const HOST_NAME = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
const MAX_HOST_CHARACTERS = 253;

/**
 * Where a client.reconnect leads, undefined when it must not be followed: anybody between us and a pool
 * could have sent it. The host must be the configured one, one of `allowedHosts`, or a name beside the
 * configured name in the same domain, if that domain has at least two labels and belongs to one owner.
 * Addresses must be equal. `current` is where we are now.
 */
export function followRedirect(
  configured: Endpoint,
  current: Endpoint,
  { host, port }: RedirectRequest,
  allowedHosts: readonly string[],
): Endpoint | undefined {
  const target = { host: canonicalHost(host ?? current.host), port: port ?? current.port };
  if (target.port < 1 || target.port > 65535) return undefined;
  const own = canonicalHost(configured.host);
  const isAllowed = target.host === own || allowedHosts.map(canonicalHost).includes(target.host);
  return isAllowed || isBeside(own, target.host) ? target : undefined;
}

function isBeside(own: string, other: string): boolean {
  const parent = parentDomain(own);
  return (
    parent !== undefined &&
    parent === parentDomain(other) &&
    parent.includes(".") &&
    !COUNTRY_SECOND_LEVEL.test(parent) &&
    !SHARED_HOSTS.has(parent)
  );
}

/** What follows the first dot of a name; undefined for addresses and for what is no name. */
function parentDomain(host: string): string | undefined {
  if (isIP(host) !== 0 || !HOST_NAME.test(host) || host.length > MAX_HOST_CHARACTERS)
    return undefined;
  const dot = host.indexOf(".");
  return dot < 0 ? undefined : host.slice(dot + 1);
}

/** Lower case, without the dot of a full name or the brackets of an address. */
function canonicalHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}
