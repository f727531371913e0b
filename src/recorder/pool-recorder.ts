import type { Clock } from "../lib/clock.js";
import type { OpenLink } from "../pool/transport/link.js";
import type { PoolEntry } from "./flight-entry.js";
import type { FlightLog } from "./flight-log.js";

const MOST_TEXT = 200;
/** Of all pools: a flood, or many shares, must not push everything else out of the ring. The opening of a session fits. */
const LINES_PER_S = 4;
const MOST_SAVED = 40;
/** The only line that holds a password. */
const LOGIN = "mining.authorize";

/** How many lines may be kept, over all pools. */
export class LineBudget {
  #atMs = 0;
  #left = MOST_SAVED;
  #missed = 0;

  /** How many were left out before this one; undefined when it is left out too. */
  take(nowMs: number): number | undefined {
    const earned = ((nowMs - this.#atMs) / 1000) * LINES_PER_S;
    this.#left = Math.min(MOST_SAVED, this.#left + Math.max(0, earned));
    this.#atMs = nowMs;
    if (this.#left < 1) {
      this.#missed += 1;
      return undefined;
    }
    this.#left -= 1;
    const missed = this.#missed;
    this.#missed = 0;
    return missed;
  }
}

/** Keeps the beginnings of the lines of pools, both ways. */
export class PoolRecorder {
  readonly #log: FlightLog;
  readonly #clock: Clock;
  readonly #budget: LineBudget;
  readonly #pool: string;

  constructor(log: FlightLog, clock: Clock, budget: LineBudget, pool: string) {
    this.#log = log;
    this.#budget = budget;
    this.#clock = clock;
    this.#pool = pool;
  }

  /** Opens links that are listened to. */
  tap(openLink: OpenLink): OpenLink {
    return (endpoint, listener) => {
      const heard = new LineStarts((text, length) => {
        this.#line("<", text, length);
      });
      const link = openLink(endpoint, {
        onOpen: () => {
          listener.onOpen();
        },
        onData: (chunk) => {
          // Work for the chips does not wait for its record.
          listener.onData(chunk);
          heard.push(Buffer.from(chunk).toString("latin1"));
        },
        onClose: (error) => {
          listener.onClose(error);
        },
      });
      const said = new LineStarts((text, length) => {
        this.#line(">", text.includes(LOGIN) ? LOGIN : text, length);
      });
      return {
        get security() {
          return link.security;
        },
        get remote() {
          return link.remote;
        },
        write: (text) => {
          const isTaken = link.write(text);
          said.push(text);
          return isTaken;
        },
        setReading: (isReading) => {
          link.setReading(isReading);
        },
        close: () => {
          link.close();
        },
      };
    };
  }

  #line(direction: PoolEntry["direction"], text: string, length: number): void {
    const atMs = this.#clock.nowMs();
    const missed = this.#budget.take(atMs);
    if (missed === undefined) return;
    const entry = { kind: "pool", atMs, pool: this.#pool, direction, text, length } as const;
    this.#log.add({ ...entry, ...(missed > 0 && { missed }) });
  }
}

/** Cuts a stream into lines and remembers the beginning of the one that is not whole yet. */
class LineStarts {
  readonly #onLine: (text: string, length: number) => void;
  #text = "";
  #length = 0;

  constructor(onLine: (text: string, length: number) => void) {
    this.#onLine = onLine;
  }

  push(text: string): void {
    const pieces = text.split("\n");
    pieces.forEach((piece, at) => {
      this.#text += piece.slice(0, MOST_TEXT - this.#text.length);
      this.#length += piece.length;
      if (at === pieces.length - 1) return;
      this.#onLine(this.#text, this.#length);
      this.#text = "";
      this.#length = 0;
    });
  }
}
