import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../../../lib/clock.js";

const HOUR_MS = 60 * 60 * 1000;
/** Since it was last used, and since it began. */
const IDLE_MS = 1 * HOUR_MS;
const LIFE_MS = 12 * HOUR_MS;
const MAX_SESSIONS = 16;
const ID_BYTES = 32;

export interface Session {
  /** What a page must send with each change: one of another site cannot read it. */
  readonly csrf: string;
  readonly endsUnixMs: number;
}

interface Kept extends Session {
  readonly startMs: number;
  usedMs: number;
}

/** Browsers that are logged in. They are forgotten with the process. */
export class Sessions {
  readonly #clock: Clock;
  /** By the hash of the id; the oldest first. */
  readonly #sessions = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** With more than there may be, the oldest ends. */
  start(): { readonly id: string; readonly session: Session } {
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    const id = randomBytes(ID_BYTES).toString("base64url");
    const startMs = this.#clock.nowMs();
    const session: Kept = {
      csrf: randomBytes(ID_BYTES).toString("base64url"),
      endsUnixMs: this.#clock.unixMs() + LIFE_MS,
      ...{ startMs, usedMs: startMs },
    };
    this.#sessions.set(keyOf(id), session);
    return { id, session };
  }

  find(id: string): Session | undefined {
    const key = keyOf(id);
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    const nowMs = this.#clock.nowMs();
    if (nowMs - session.usedMs >= IDLE_MS || nowMs - session.startMs >= LIFE_MS) {
      this.#sessions.delete(key);
      return undefined;
    }
    session.usedMs = nowMs;
    return session;
  }

  end(id: string): void {
    this.#sessions.delete(keyOf(id));
  }

  endAll(): void {
    this.#sessions.clear();
  }
}

function keyOf(id: string): string {
  return createHash("sha256").update(id).digest("hex");
}
