import { isIP } from "node:net";
import { MinerError } from "../../../lib/errors.js";
import { changes } from "./caller.js";

/**
 * A name that somebody else's name server answers for can lead a browser here (DNS rebinding): only names of ours are taken.
 * Addresses are no names, whatever network they are of.
 * @throws HTTP_HOST_REFUSED
 */
export function assertHost(host: string | null, names: ReadonlySet<string>): void {
  const name = (host ?? "").replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase();
  const address = /^\[(.*)\]$/.exec(name)?.[1] ?? name;
  if (names.has(name) || isIP(address) !== 0) return;
  throw new MinerError("HTTP_HOST_REFUSED", { host: name.slice(0, 100) });
}

/**
 * Of what changes something; a question may come from anywhere.
 * @throws HTTP_ORIGIN_REFUSED
 */
export function assertOrigin(request: Request): void {
  if (changes(request)) assertOwnPage(request);
}

/**
 * A browser says which site's page wants something; a program says nothing.
 * @throws HTTP_ORIGIN_REFUSED
 */
export function assertOwnPage(request: Request): void {
  const origin = request.headers.get("origin");
  const site = request.headers.get("sec-fetch-site");
  const isForeign = site !== null && site !== "same-origin" && site !== "none";
  const host = request.headers.get("host")?.toLowerCase();
  if (!isForeign && (origin === null || hostOf(origin) === host)) return;
  throw new MinerError("HTTP_ORIGIN_REFUSED", { origin: (origin ?? site ?? "").slice(0, 100) });
}

/** Host and port; undefined for "null" and what else is no origin. The port of the scheme is left out, as in Host. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
