import type { Endpoint } from "../transport/link.js";
import { ConfigureMemory } from "./configure-memory.js";
import { OptionalMemory } from "./optional-memory.js";
import { type RedirectRequest, followRedirect } from "./redirect.js";

// Decided: pools forget a session that was gone for longer.
const RESUME_MS = 600_000;

/** How to open the next session. */
export interface Attempt {
  readonly endpoint: Endpoint;
  readonly withConfigure: boolean;
  /** Suggest a difficulty, and ask for extranonce changes if the address says so. */
  readonly withOptional: boolean;
  /** Session to resume, if there is one. */
  readonly resumeId: string | undefined;
}

/** How an attempt ended that the pool closed, or answered badly, before its subscription. */
export type EarlyEnd = "closed" | "resume-refused";

/** Remembers about a pool what the next attempt to open a session should know. Nothing is stored. */
export class AttemptPlanner {
  readonly #configured: Endpoint;
  readonly #allowedHosts: readonly string[];
  readonly #configure = new ConfigureMemory();
  readonly #optional = new OptionalMemory();
  #redirect: Endpoint | undefined;
  #sessionId: string | undefined;
  #lostAtMs = 0;
  #skipsResume = false;
  #current: Attempt | undefined;

  /** `allowedHosts`: where the owner lets client.reconnect lead to, beside the rule. */
  constructor(configured: Endpoint, allowedHosts: readonly string[]) {
    this.#configured = configured;
    this.#allowedHosts = allowedHosts;
  }

  /** The next attempt. */
  next(nowMs: number): Attempt {
    const canResume = !this.#skipsResume && nowMs - this.#lostAtMs < RESUME_MS;
    this.#current = {
      endpoint: this.#redirect ?? this.#configured,
      withConfigure: this.#configure.shouldConfigure(nowMs),
      withOptional: this.#optional.shouldSend(nowMs),
      resumeId: canResume ? this.#sessionId : undefined,
    };
    return this.#current;
  }

  /** A subscription, with the session's id if the pool gave one. True: open the session again at once. */
  noteSubscribed(sessionId: string | undefined, nowMs: number): boolean {
    const withConfigure = this.#current?.withConfigure ?? true;
    const isToBeProven = this.#configure.noteSubscribed(withConfigure, nowMs);
    // A proof is about configure alone; there is nothing yet to go on with.
    this.#sessionId = isToBeProven ? undefined : sessionId;
    this.#lostAtMs = nowMs;
    this.#skipsResume = false;
    return isToBeProven;
  }

  /**
   * An authorized session is over, `usableMs` after its login was taken; it can be resumed for a while.
   * `isGood`: a share was accepted, or it lasted. `isClosed`: the other side ended it.
   */
  noteLost(nowMs: number, usableMs: number, isGood: boolean, isClosed: boolean): void {
    this.#lostAtMs = nowMs;
    if (this.#current?.withOptional !== true) return;
    if (isGood) this.#optional.noteGood();
    else if (isClosed) this.#optional.noteClosed(usableMs, nowMs);
  }

  /**
   * The pool closed before the subscription. True when the reason may be something that can be left
   * out: the resumption first, as configure was good when that session was opened, then configure.
   */
  noteEarlyEnd(end: EarlyEnd): boolean {
    if (this.#current?.resumeId !== undefined) {
      if (end === "resume-refused") this.#sessionId = undefined;
      this.#skipsResume = true;
      return true;
    }
    if (this.#current?.withConfigure !== true) return false;
    this.#configure.suspect();
    return true;
  }

  /** An attempt or a session failed: back to the configured address, and no suspicion holds. */
  noteFailed(): void {
    this.#redirect = undefined;
    this.#skipsResume = false;
    this.#configure.clearSuspicion();
  }

  /** The pool asked to go elsewhere; false when that is not followed. */
  redirect(request: RedirectRequest): boolean {
    const current = this.#current?.endpoint ?? this.#configured;
    const target = followRedirect(this.#configured, current, request, this.#allowedHosts);
    this.#redirect = target;
    return target !== undefined;
  }

  /** Stopped by choice: the next session is a new one at the configured address. */
  forget(): void {
    this.noteFailed();
    this.#sessionId = undefined;
  }
}
