import type { Clock } from "../../lib/clock.js";
import type { CommandAnswer } from "./command-answer.js";

/** As long as a broker may hold a command back. */
const KEEP_MS = 24 * 60 * 60 * 1000;
/** Sheet management.md, 8.5. */
const MAX_ANSWERS = 256;

interface Known {
  /** Of the command and its parameters. */
  readonly print: string;
  readonly atMs: number;
  readonly answer: Promise<CommandAnswer>;
}

/** What was answered of late, by the id of the asker. A restart forgets it. */
export class AnswerBook {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  find(key: string): Known | undefined {
    const known = this.#known.get(key);
    return known !== undefined && this.#clock.nowMs() - known.atMs < KEEP_MS ? known : undefined;
  }

  add(key: string, print: string, answer: Promise<CommandAnswer>): void {
    this.#known.delete(key);
    this.#known.set(key, { print, atMs: this.#clock.nowMs(), answer });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_ANSWERS && oldest !== undefined) this.#known.delete(oldest);
  }
}
