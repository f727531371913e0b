/** How a chain is reached from the host's side. */
export interface Transport {
  /** What the host opens or connects to. */
  readonly path: string;
  /** The rate at which the host listens; undefined on a wire that has none. */
  hostListensBaud(): number | undefined;
  /** Takes bytes for the host; returns how many went. Bytes for an absent host go nowhere, like on a wire. */
  write(bytes: Uint8Array): number;
  /** While paused, the host's writes wait. */
  setPaused(isPaused: boolean): void;
  /** Undoes what a host that was killed may have left behind. */
  forgetHost(): void;
  /** The line goes away; `plugIn` brings it back. */
  unplug(): void;
  plugIn(): void;
  /** Gives everything back and removes `path`. */
  close(): Promise<void>;
}

/** Takes what the host sent; the rate is undefined on a wire that has none. */
export type HostBytesListener = (bytes: Uint8Array, hostBaud: number | undefined) => void;
