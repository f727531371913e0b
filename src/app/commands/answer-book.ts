import * as z from "zod/mini";
import type { Clock } from "../../lib/clock.js";
import { ERROR_TABLE, type ErrorCode, type MinerError } from "../../lib/errors.js";
import { KeptState } from "../../lib/kept-state.js";
import type { StateFormat } from "../../lib/state-text.js";
import type { CommandAnswer } from "./command-answer.js";

/** As long as a broker may hold a command back. */
const KEEP_MS = 24 * 60 * 60 * 1000;
/** Sheet management.md, 8.5. */
const MAX_ANSWERS = 256;
/** Decided: a file that is written with every order stays at a few pages of the flash. */
const MAX_KEPT = 64;
/** Of a result; a longer one is kept as null. */
const MAX_RESULT = 1024;

interface Known {
  /** Of the command and its parameters. */
  readonly print: string;
  readonly atUnixMs: number;
  readonly answer: Promise<CommandAnswer>;
}

interface KeptAnswer {
  readonly key: string;
  readonly print: string;
  readonly atUnixMs: number;
  readonly answer: CommandAnswer;
}

const Context = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const AnswerText = z.union([
  z.object({ id: z.string(), is: z.literal("done"), result: z.unknown() }),
  z.object({
    ...{ id: z.string(), is: z.literal("refused"), message: z.string(), context: Context },
    code: z.custom<ErrorCode>(
      (code) => typeof code === "string" && Object.hasOwn(ERROR_TABLE, code),
    ),
  }),
]);
const BookText = z.object({
  answers: z.array(
    z.object({ key: z.string(), print: z.string(), atUnixMs: z.number(), answer: AnswerText }),
  ),
});

const FORMAT: StateFormat<readonly KeptAnswer[]> = {
  migrations: [null],
  parse: (plain) => BookText.parse(plain).answers,
  plain: (answers) => ({ answers }),
};

export interface AnswerBookOptions {
  /** Its folder must exist. */
  readonly path: string;
  readonly clock: Clock;
  /** STATE_UNREADABLE, STATE_NOT_SAVED and STATE_NEWER as KeptState tells them. */
  readonly onTrouble: (error: MinerError) => void;
}

/** What was answered of late, by the id of the asker; the newest outlive the process. */
export class AnswerBook {
  readonly #clock: Clock;
  readonly #file: KeptState<readonly KeptAnswer[]> | undefined;
  readonly #known = new Map<string, Known>();
  #kept: readonly KeptAnswer[];

  /** Without a file a restart forgets it. */
  constructor(clock: Clock, file?: KeptState<readonly KeptAnswer[]>) {
    this.#clock = clock;
    this.#file = file;
    this.#kept = file?.found ?? [];
    for (const { key, answer, ...known } of this.#kept)
      this.#known.set(key, { ...known, answer: Promise.resolve(answer) });
  }

  /** Never fails: without a file nothing was answered. */
  static async open(options: AnswerBookOptions): Promise<AnswerBook> {
    return new AnswerBook(options.clock, await KeptState.open({ ...options, format: FORMAT }));
  }

  find(key: string): Known | undefined {
    const known = this.#known.get(key);
    return known !== undefined && this.#isYoung(known) ? known : undefined;
  }

  add(key: string, print: string, answer: Promise<CommandAnswer>): void {
    this.#known.delete(key);
    this.#known.set(key, { print, atUnixMs: this.#clock.unixMs(), answer });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_ANSWERS && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Resolves with whether a restart would know of it; the answer takes the place of one before. */
  async keep(key: string, print: string, answer: CommandAnswer): Promise<boolean> {
    if (this.#file === undefined) return false;
    const young = this.#kept.filter((each) => each.key !== key && this.#isYoung(each));
    const kept = { key, print, atUnixMs: this.#clock.unixMs(), answer: shortened(answer) };
    this.#kept = [...young, kept].slice(-MAX_KEPT);
    return this.#file.save(this.#kept);
  }

  /** Tries for the last time what could not be saved yet. */
  async stop(): Promise<void> {
    await this.#file?.stop();
  }

  #isYoung({ atUnixMs }: Pick<Known, "atUnixMs">): boolean {
    return this.#clock.unixMs() - atUnixMs < KEEP_MS;
  }
}

function shortened(answer: CommandAnswer): CommandAnswer {
  if (answer.is === "refused") return answer;
  const isShort = JSON.stringify([answer.result]).length <= MAX_RESULT;
  return isShort ? answer : { ...answer, result: null };
}
