import { MinerError } from "../lib/errors.js";
import type { ChipTarget, RegisterAnswer } from "./chain-port.js";

/**
 * Behind the last chip that is expected come only chips too many, and those back to back: a hundred answers fit in here
 * at the reset rate.
 */
const EXTRA_SILENCE_MS = 100;

/** Answers of one read command as they come in. */
export interface RegisterListener {
  /**
   * Resolves once the chip answered or, for all chips, once `silenceMs` passed without an answer; much earlier behind
   * the last of `expected` answers. No answer gives an empty list. Throws CHAIN_CLOSED when the chain is closed meanwhile.
   */
  collect(silenceMs: number, expected?: number): Promise<RegisterAnswer[]>;
  stop(): void;
}

interface Waiting {
  readonly target: ChipTarget;
  readonly register: number;
  readonly answers: RegisterAnswer[];
  heard: () => void;
  close: () => void;
}

/** Brings register answers to those who asked. */
export class RegisterListeners {
  readonly #chain: string;
  readonly #waiting = new Set<Waiting>();

  constructor(chain: string) {
    this.#chain = chain;
  }

  /** Listens from now on; answers before `collect` are kept. */
  listen(target: ChipTarget, register: number): RegisterListener {
    const waiting: Waiting = {
      target,
      register,
      answers: [],
      heard: () => undefined,
      close: () => undefined,
    };
    this.#waiting.add(waiting);
    return {
      collect: (silenceMs, expected = Infinity) => this.#collect(waiting, silenceMs, expected),
      stop: () => this.#waiting.delete(waiting),
    };
  }

  /** False when nobody waits for such an answer. */
  hear(answer: RegisterAnswer): boolean {
    let isWanted = false;
    for (const waiting of this.#waiting) {
      const isFrom = waiting.target === "all" || waiting.target === answer.chipAddress;
      if (!isFrom || waiting.register !== answer.register) continue;
      isWanted = true;
      waiting.answers.push(answer);
      waiting.heard();
    }
    return isWanted;
  }

  /** Ends every wait with CHAIN_CLOSED. */
  close(): void {
    for (const waiting of this.#waiting) waiting.close();
  }

  #collect(waiting: Waiting, silenceMs: number, expected: number): Promise<RegisterAnswer[]> {
    const { answers, target } = waiting;
    const restMs = (): number =>
      answers.length < expected ? silenceMs : Math.min(silenceMs, EXTRA_SILENCE_MS);
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        resolve(answers);
      };
      let timer = setTimeout(finish, restMs());
      waiting.heard = () => {
        clearTimeout(timer);
        if (target === "all") timer = setTimeout(finish, restMs());
        else finish();
      };
      waiting.close = () => {
        clearTimeout(timer);
        reject(new MinerError("CHAIN_CLOSED", { chain: this.#chain }));
      };
      if (target !== "all" && answers.length > 0) waiting.heard();
    });
  }
}
