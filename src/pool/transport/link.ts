import type { MinerError } from "../../lib/errors.js";

/** Where a connection goes. */
export interface Endpoint {
  /** Name or IP address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
}

/** How far a connection can be trusted: without TLS, or by what its certificate was checked. */
export type LinkSecurity = "none" | "verified" | "pinned" | "unverified";

export interface LinkListener {
  /** Ready for our bytes: TCP, proxy and TLS are done. Never called inside the opening call. */
  onOpen(): void;
  /** Bytes of one read, in its turn. */
  onData(chunk: Uint8Array): void;
  /**
   * Over, once and last; not after `close`. POOL_UNREACHABLE or POOL_TLS_REFUSED with host, port and
   * reason, POOL_PROXY_FAILED with the proxy's address and its reason.
   */
  onClose(error: MinerError): void;
}

/** Bytes to a pool and back. */
export interface Link {
  /** What the link is once it is open, if nothing goes wrong. */
  readonly security: LinkSecurity;
  /** Where the bytes really go, of the proxy when there is one; undefined before `onOpen`. */
  readonly remote: Endpoint | undefined;
  /** Sends in this turn; false when so much is unsent that the peer does not read. */
  write(text: string): boolean;
  /** False stops reading until true, so that a peer faster than we are is slowed down by TCP. */
  setReading(isReading: boolean): void;
  /** Ends the link; the listener hears nothing any more. */
  close(): void;
}

/** Starts to connect. Sets no time limit: that is the caller's. */
export type OpenLink = (endpoint: Endpoint, listener: LinkListener) => Link;
