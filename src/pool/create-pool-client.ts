import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import type { KeySource, PoolClient, PoolTimeouts } from "./pool-client.js";
import type { PoolSettings } from "./pool-settings.js";
import { parsePoolUrl } from "./pool-url.js";
import { StratumV1Client } from "./stratum-v1/stratum-v1-client.js";
import type { StratumV1Options } from "./stratum-v1/stratum-v1-options.js";
import type { OpenLink } from "./transport/link.js";
import { parseProxyUrl } from "./transport/proxy-url.js";
import { makeOpenLink } from "./transport/stream-link.js";
import { TlsTrust } from "./transport/tls-trust.js";

/** What all pool clients of the process share. */
export interface PoolClientDeps {
  readonly clock: Clock;
  readonly nextKey: KeySource;
  /** Name and version of this program as pools see it, as `headframe/0.1.0`. */
  readonly agent: string;
  readonly timeouts?: PoolTimeouts;
  /** Numbers of 0 to less than 1, for the back-off. */
  readonly random?: () => number;
  /** The difficulty to suggest to a pool whose settings name none. */
  readonly suggestDifficulty?: () => number | undefined;
  /** Listens to the lines of a pool, by its name. */
  readonly tap?: (pool: string, openLink: OpenLink) => OpenLink;
  /** What pools are told of this machine. */
  readonly info?: NonNullable<StratumV1Options["info"]>;
}

/**
 * A client for a pool of the configuration, not started.
 * @throws POOL_URL_INVALID, POOL_TLS_INVALID, POOL_PROXY_INVALID, naming the field
 */
export function createPoolClient(settings: PoolSettings, deps: PoolClientDeps): PoolClient {
  const { name, url, user, password, network, redirectHosts, suggestDifficulty: wanted } = settings;
  return new StratumV1Client({
    ...deps,
    name,
    url,
    user,
    password,
    network,
    redirectHosts,
    ...(wanted !== undefined && { suggestDifficulty: () => (wanted > 0 ? wanted : undefined) }),
    openLink: (deps.tap ?? untapped)(name, openLinkOf(settings)),
  });
}

function untapped(_pool: string, openLink: OpenLink): OpenLink {
  return openLink;
}

function openLinkOf({ url, tls, proxy }: PoolSettings): OpenLink {
  const parsed = parsePoolUrl(url);
  if (!parsed.ok)
    throw new MinerError(parsed.code, { field: parsed.field, expected: parsed.expected });
  const proxyPart = proxy === undefined ? {} : { proxy: parseProxyUrl(proxy) };
  if (parsed.value.security === "tls")
    return makeOpenLink({ ...proxyPart, tls: new TlsTrust(tls) });
  // Who names a pin or an authority relies on TLS.
  const needless = tls.pins.length > 0 ? "pins" : tls.caFile !== undefined ? "caFile" : undefined;
  if (needless !== undefined)
    throw new MinerError("POOL_TLS_INVALID", { field: needless, expected: "a stratum+ssl:// url" });
  return makeOpenLink(proxyPart);
}
