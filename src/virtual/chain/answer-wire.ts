import { byteMs } from "./host-wire.js";

interface Waiting {
  readonly frame: Uint8Array;
  readonly baud: number;
  readonly readyMs: number;
}

/** Answers that a chip can hold back while the wire is busy. Not published: inferred. */
const CHIP_QUEUE_FRAMES = 16;

/**
 * The wire to the host, shared by all chips. While a chip speaks, its busy line keeps those further out quiet; when
 * the wire falls free, the nearest chip that has something to say goes first.
 */
export class AnswerWire {
  readonly #queues: Waiting[][];
  #waiting = 0;
  #freeMs = 0;
  #current: Waiting | undefined;
  #startMs = 0;
  #sent = 0;

  constructor(chips: number) {
    this.#queues = Array.from({ length: chips }, () => []);
  }

  /** True while a frame waits or is under way. */
  get isBusy(): boolean {
    return this.#waiting > 0 || this.#current !== undefined;
  }

  /** Gives a chip something to say from `readyMs` on; false when its queue is full. */
  enqueue(chipIndex: number, frame: Uint8Array, baud: number, readyMs: number): boolean {
    const queue = this.#queues[chipIndex];
    if (queue === undefined || queue.length >= CHIP_QUEUE_FRAMES) return false;
    queue.push({ frame, baud, readyMs });
    this.#waiting++;
    return true;
  }

  /** Gives out the bytes whose stop bit is over by `nowMs`. */
  deliverUntil(nowMs: number, onBytes: (bytes: Uint8Array, baud: number) => void): void {
    for (;;) {
      const current = (this.#current ??= this.#choose(nowMs));
      if (current === undefined) return;
      const duration = byteMs(current.baud);
      const over = Math.min(current.frame.length, Math.floor((nowMs - this.#startMs) / duration));
      if (over > this.#sent) onBytes(current.frame.subarray(this.#sent, over), current.baud);
      this.#sent = Math.max(this.#sent, over);
      if (this.#sent < current.frame.length) return;
      this.#freeMs = this.#startMs + current.frame.length * duration;
      this.#current = undefined;
    }
  }

  /** The chips went into reset: what they had to say is gone. */
  clear(): void {
    for (const queue of this.#queues) queue.length = 0;
    this.#waiting = 0;
    this.#current = undefined;
  }

  #choose(nowMs: number): Waiting | undefined {
    if (this.#waiting === 0) return undefined;
    let chosen: Waiting[] | undefined;
    let chosenMs = Infinity;
    for (const queue of this.#queues) {
      const first = queue[0];
      if (first === undefined) continue;
      const startMs = Math.max(first.readyMs, this.#freeMs);
      if (startMs < chosenMs) {
        chosen = queue;
        chosenMs = startMs;
      }
      if (startMs === this.#freeMs) break;
    }
    if (chosen === undefined || chosenMs > nowMs) return undefined;
    this.#waiting--;
    this.#startMs = chosenMs;
    this.#sent = 0;
    return chosen.shift();
  }
}
