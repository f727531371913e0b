import type { Network } from "../bitcoin/network.js";

/** How the certificate of a TLS pool is checked. Of no effect on a plain one. */
export interface TlsSettings {
  /** False takes any certificate; the link then says "unverified". Pins are checked all the same. */
  readonly verify: boolean;
  /** PEM file with certificates of the authorities to trust in place of the built-in ones. */
  readonly caFile: string | undefined;
  /**
   * SHA-256 of the certificates to accept, of their DER form: 64 hex digits, colons allowed. When there
   * is one, no other certificate is taken, and no authority is asked.
   */
  readonly pins: readonly string[];
}

/** Who is credited, and where. */
export type PoolAccount = Pick<PoolSettings, "url" | "user">;

/** One pool of the configuration, complete. */
export interface PoolSettings {
  /** Unique; what commands and logs call it. */
  readonly name: string;
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** What difficulty 1 means at this pool. */
  readonly network: Network;
  readonly group: string;
  readonly tls: TlsSettings;
  /** `socks5://[user:password@]host:port`; names are resolved by the proxy. */
  readonly proxy: string | undefined;
  /** Hosts that client.reconnect may lead to, beside those that are taken anyway. */
  readonly redirectHosts: readonly string[];
  /** Difficulty to ask for; 0 asks for none, undefined leaves it to the program. */
  readonly suggestDifficulty: number | undefined;
}
