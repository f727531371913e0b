import type { Network } from "../../bitcoin/network.js";
import type { Clock } from "../../lib/clock.js";
import type { KeySource, PoolTimeouts } from "../pool-client.js";
import type { OpenLink } from "../transport/link.js";
import type { DeviceInfo } from "./requests.js";

/** What a Stratum V1 client is made of. */
export interface StratumV1Options {
  /** What commands and logs call the pool; the url if not given. */
  readonly name?: string;
  /** As configured: `stratum+tcp://host:port` or `stratum+ssl://host:port`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Name and version of this program as pools see it, as `headframe/0.1.0`. */
  readonly agent: string;
  /** What difficulty 1 means at this pool. */
  readonly network: Network;
  readonly clock: Clock;
  /** Shared by all pool clients of the process. */
  readonly nextKey: KeySource;
  /** Numbers of 0 to less than 1, for the back-off. */
  readonly random?: () => number;
  /** Connects to an endpoint: the pool's, or one that the pool led us to. Does TLS if the url says so. */
  readonly openLink: OpenLink;
  readonly timeouts?: PoolTimeouts;
  /** Hosts that client.reconnect may lead to, beside the configured one and its neighbours. */
  readonly redirectHosts?: readonly string[];
  /** The difficulty to suggest to the pool, asked once a minute; undefined suggests none. */
  readonly suggestDifficulty?: () => number | undefined;
  /** What the pool is told of this machine; nothing if not given. */
  readonly info?: Omit<DeviceInfo, "connectionUrl"> | undefined;
}
