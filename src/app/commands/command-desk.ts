import { createHash } from "node:crypto";
import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError, type ErrorContext } from "../../lib/errors.js";
import { errorOf, findingOf } from "../../lib/finding.js";
import type { Journal } from "../kept/journal.js";
import { AnswerBook } from "./answer-book.js";
import type { CommandAnswer, Refusal } from "./command-answer.js";
import type { CommandEntry, Scope } from "./command-entry.js";

/** Before, the clock of the computer was not set: expiry cannot be judged. 2024-01-01. */
const CLOCK_SET_UNIX_MS = 1_704_067_200_000;

export interface CommandRequest {
  /** Of the asker; the same id again gives the same answer and no second effect. */
  readonly id: string;
  readonly name: string;
  readonly params: unknown;
  readonly by: { readonly way: CommandWay; readonly who: string };
  readonly expiresUnixMs: number | null;
  /** Obeyed only if the configuration has this revision. */
  readonly ifRevision?: string;
  /** False where nobody can give it again, as its id is known to nobody: it is not remembered. */
  readonly isRepeatable?: boolean;
}

type CommandWay = "socket" | "mqtt" | "http" | "cgminer" | "button";

/** As the journal names them. */
const WAYS: Readonly<Record<CommandWay, string>> = {
  socket: "control socket",
  mqtt: "mqtt",
  http: "http",
  cgminer: "cgminer",
  button: "button",
};

interface CommandDeskOptions {
  readonly commands: Readonly<Record<string, CommandEntry>>;
  /** What who comes on a way may do; a way that is not named may do nothing. */
  readonly scopes: Partial<Readonly<Record<CommandWay, readonly Scope[]>>>;
  readonly journal: Pick<Journal, "command">;
  /** One that a restart forgets, when left out. */
  readonly book?: AnswerBook;
  /** Of the configuration, now. Without it no order that names one is obeyed. */
  readonly revision?: () => string;
  readonly clock: Clock;
}

/** What is to be done. */
interface Task {
  readonly entry: CommandEntry;
  readonly run: () => unknown;
}

/** The only way in for orders, whatever interface they come by. */
export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #book: AnswerBook;

  constructor(options: CommandDeskOptions) {
    this.#options = options;
    this.#book = options.book ?? new AnswerBook(options.clock);
  }

  get names(): readonly string[] {
    return Object.keys(this.#options.commands);
  }

  /** Never rejects. Questions are answered each time anew, and not written down. */
  async give(request: CommandRequest): Promise<CommandAnswer> {
    const { commands } = this.#options;
    const entry = Object.hasOwn(commands, request.name) ? commands[request.name] : undefined;
    if (entry?.scope === "read") {
      const checked = this.#check(request, entry);
      return isMinerError(checked) ? refused(request, checked) : answerOf(request, checked.run);
    }
    return this.#once(request, entry);
  }

  #once(request: CommandRequest, entry: CommandEntry | undefined): Promise<CommandAnswer> {
    const book = this.#book;
    const { id, name, params, by, isRepeatable = true } = request;
    // Two ways may count alike.
    const key = `${by.way} ${id}`;
    const text = JSON.stringify([name, params ?? {}]);
    const print = createHash("sha256").update(text).digest("hex");
    const known = book.find(key);
    if (known?.print === print)
      return known.answer.then((given) => ({ ...given, isRepeat: true as const }));
    const checked =
      known === undefined
        ? this.#check(request, entry)
        : new MinerError("COMMAND_ID_REUSED", { command: name, id });
    if (isMinerError(checked)) {
      const refusal = refused(request, checked);
      this.#writeDown(request, entry, refusal);
      return Promise.resolve(refusal);
    }
    const keep = isRepeatable
      ? (given: CommandAnswer): Promise<boolean> => book.keep(key, print, given)
      : undefined;
    const answer = this.#obey(request, checked, keep);
    if (isRepeatable) book.add(key, print, answer);
    return answer;
  }

  /** What must not be done twice is kept before it is done; the rest, which may, behind it. */
  async #obey(
    request: CommandRequest,
    { entry, run }: Task,
    keep: ((given: CommandAnswer) => Promise<boolean>) | undefined,
  ): Promise<CommandAnswer> {
    const accepted = { id: request.id, is: "done", result: { accepted: true } } as const;
    if (entry.isOnce) await keep?.(accepted);
    const given = await answerOf(request, run);
    this.#writeDown(request, entry, given);
    if (!entry.isOnce || given.is === "refused") await keep?.(given);
    return given;
  }

  /** What is to be done, or why it is not. */
  #check(
    { id, name, params, by, expiresUnixMs, ifRevision }: CommandRequest,
    entry: CommandEntry | undefined,
  ): Task | MinerError {
    const { scopes, clock, revision } = this.#options;
    if (entry === undefined)
      return new MinerError("CONTROL_REFUSED", { method: name, expected: this.names.join(", ") });
    if (scopes[by.way]?.includes(entry.scope) !== true)
      return new MinerError("COMMAND_DENIED", { command: name, way: by.way, needs: entry.scope });
    const nowUnixMs = clock.unixMs();
    // A clock that is not set yet proves nothing: such a machine must not be deaf.
    if (expiresUnixMs !== null && nowUnixMs >= CLOCK_SET_UNIX_MS && nowUnixMs >= expiresUnixMs)
      return new MinerError("COMMAND_EXPIRED", { command: name, id, expiresUnixMs, nowUnixMs });
    const now = revision?.() ?? "";
    if (ifRevision !== undefined && ifRevision !== now)
      return new MinerError("CONFIG_CHANGED", { revision: now, given: ifRevision });
    const run = entry.prepare(params);
    if (run !== undefined) return { entry, run };
    return new MinerError("CONTROL_REFUSED", { method: name, expected: entry.expected });
  }

  #writeDown(
    { id, name, params, by }: CommandRequest,
    entry: CommandEntry | undefined,
    answer: CommandAnswer,
  ): void {
    const who = by.who === "" ? WAYS[by.way] : `${WAYS[by.way]} ${by.who}`;
    const facts = { ...(entry?.isOpen === true && flat(params)), commandId: id };
    this.#options.journal.command(name, who, facts, answer.is === "refused" ? answer : undefined);
  }
}

async function answerOf(request: CommandRequest, run: () => unknown): Promise<CommandAnswer> {
  try {
    return { id: request.id, is: "done", result: await run() };
  } catch (error) {
    return refused(request, isMinerError(error) ? error : errorOf(findingOf(error)));
  }
}

function refused({ id }: CommandRequest, error: MinerError): Refusal {
  const { code, message, context } = error;
  return { id, is: "refused", code, message, context };
}

function flat(params: unknown): ErrorContext {
  if (typeof params !== "object" || params === null) return {};
  return Object.fromEntries(
    Object.entries(params).filter(([, value]) =>
      ["number", "string", "boolean"].includes(typeof value),
    ),
  );
}
