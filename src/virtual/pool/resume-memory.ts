import { hex32 } from "../../lib/bytes.js";
import { SentJobs } from "./sent-jobs.js";

/** What a pool does with the session id that a miner brings back in `mining.subscribe`. */
export type ResumePolicy = "honoured" | "ignored" | "refused";

/** What a miner takes along into its next connection when it resumes. */
export interface Subscription {
  readonly sessionId: string;
  extranonce1: Uint8Array;
  extranonce2Size: number;
  readonly jobs: SentJobs;
}

const MAX_REMEMBERED = 1000;

/** The subscriptions of a pool by session id. */
export class ResumeMemory {
  readonly #known = new Map<string, Subscription>();
  #count = 0;

  add(extranonce1: Uint8Array, extranonce2Size: number): Subscription {
    const sessionId = hex32(++this.#count);
    const subscription = { sessionId, extranonce1, extranonce2Size, jobs: new SentJobs() };
    this.#known.set(sessionId, subscription);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
    return subscription;
  }

  find(sessionId: unknown): Subscription | undefined {
    return typeof sessionId === "string" ? this.#known.get(sessionId) : undefined;
  }
}
