import type { Network } from "../../bitcoin/network.js";
import type { Clock } from "../../lib/clock.js";
import type { MinerError } from "../../lib/errors.js";
import type { PoolNotice, PoolTimeouts } from "../pool-client.js";
import type { Endpoint, OpenLink } from "../transport/link.js";
import type { HandshakePlan } from "./handshake.js";
import type { Notify } from "./notify.js";
import type { RedirectRequest } from "./redirect.js";
import type { Response, SubscribeResult } from "./responses.js";

export interface SessionOptions {
  readonly clock: Clock;
  readonly endpoint: Endpoint;
  readonly openLink: OpenLink;
  readonly timeouts: PoolTimeouts;
  readonly network: Network;
  readonly plan: HandshakePlan;
  /** Ask to be told of extranonce changes. */
  readonly withExtranonceSubscribe: boolean;
  /** The difficulty to suggest, asked from time to time. */
  readonly suggestDifficulty: () => number | undefined;
}

/** Why a session ended by itself. */
export type SessionEnd =
  | { readonly kind: "failed"; readonly error: MinerError }
  /** Closed before the subscription, when configure or a resumption may be why. */
  | { readonly kind: "closed-early"; readonly error: MinerError }
  | { readonly kind: "resume-refused"; readonly error: MinerError }
  | { readonly kind: "authorize-refused"; readonly error: MinerError }
  /** The pool sent client.reconnect. */
  | { readonly kind: "reconnect-asked"; readonly waitMs: number; readonly to: RedirectRequest };

export interface SessionListener {
  onConnected(): void;
  onSubscribed(extranonce: SubscribeResult): void;
  onUsable(): void;
  onNotify(notify: Notify): void;
  /** Size undefined: as before. */
  onExtranonce(extranonce1: Uint8Array, extranonce2Size: number | undefined): void;
  onMaskChanged(): void;
  /** An answer to something else than the opening requests. */
  onAnswer(response: Response): void;
  /** Everything that has arrived was handled. */
  onReadDone(): void;
  onNotice(notice: PoolNotice): void;
  /** Last call; not made after `close`. */
  onEnd(end: SessionEnd): void;
}
