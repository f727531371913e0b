import type { Clock } from "../../lib/clock.js";
import type { Result } from "./payloads.js";

/** Sheet management.md, 8.5. */
const MAX_IDS = 256;
const KEEP_MS = 24 * 60 * 60 * 1000;

interface Known {
  readonly fingerprint: string;
  readonly atMs: number;
  readonly result: Promise<Result>;
}

/** The last answers by id: QoS 1 may deliver a command twice. */
export class ReplyBook {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `reused`: another command had this id. Undefined: it is new. */
  find(id: string, fingerprint: string): Promise<Result> | "reused" | undefined {
    const known = this.#known.get(id);
    if (known === undefined || this.#clock.nowMs() - known.atMs > KEEP_MS) return undefined;
    return known.fingerprint === fingerprint ? known.result : "reused";
  }

  add(id: string, fingerprint: string, result: Promise<Result>): void {
    this.#known.delete(id);
    this.#known.set(id, { fingerprint, atMs: this.#clock.nowMs(), result });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_IDS && oldest !== undefined) this.#known.delete(oldest);
  }
}
