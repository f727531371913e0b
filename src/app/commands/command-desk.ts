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
}

type CommandWay = "socket" | "mqtt" | "http" | "cgminer";

/** As the journal names them. */
const WAYS: Readonly<Record<CommandWay, string>> = {
  socket: "control socket",
  mqtt: "mqtt",
  http: "http",
  cgminer: "cgminer",
};

interface CommandDeskOptions {
  readonly commands: Readonly<Record<string, CommandEntry>>;
  /** What who comes on a way may do; a way that is not named may do nothing. */
  readonly scopes: Partial<Readonly<Record<CommandWay, readonly Scope[]>>>;
  readonly journal: Pick<Journal, "command">;
  readonly clock: Clock;
}

/** The only way in for orders, whatever interface they come by. */
export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #book: AnswerBook;

  constructor(options: CommandDeskOptions) {
    this.#options = options;
    this.#book = new AnswerBook(options.clock);
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
      return isMinerError(checked) ? refused(request, checked) : answerOf(request, checked);
    }
    return this.#once(request, entry);
  }

  #once(request: CommandRequest, entry: CommandEntry | undefined): Promise<CommandAnswer> {
    const { id, name, params, by } = request;
    // Two ways may count alike.
    const key = `${by.way} ${id}`;
    const text = JSON.stringify([name, params ?? {}]);
    const print = createHash("sha256").update(text).digest("hex");
    const known = this.#book.find(key);
    if (known?.print === print) return known.answer;
    const checked =
      known === undefined
        ? this.#check(request, entry)
        : new MinerError("COMMAND_ID_REUSED", { command: name, id });
    if (isMinerError(checked)) {
      const refusal = refused(request, checked);
      this.#writeDown(request, entry, refusal);
      return Promise.resolve(refusal);
    }
    const answer = answerOf(request, checked).then((given) => {
      this.#writeDown(request, entry, given);
      return given;
    });
    this.#book.add(key, print, answer);
    return answer;
  }

  /** What is to be done, or why it is not. */
  #check(
    { id, name, params, by, expiresUnixMs }: CommandRequest,
    entry: CommandEntry | undefined,
  ): (() => unknown) | MinerError {
    const { scopes, clock } = this.#options;
    if (entry === undefined)
      return new MinerError("CONTROL_REFUSED", { method: name, expected: this.names.join(", ") });
    if (scopes[by.way]?.includes(entry.scope) !== true)
      return new MinerError("COMMAND_DENIED", { command: name, way: by.way, needs: entry.scope });
    const nowUnixMs = clock.unixMs();
    // A clock that is not set yet proves nothing: such a machine must not be deaf.
    if (expiresUnixMs !== null && nowUnixMs >= CLOCK_SET_UNIX_MS && nowUnixMs >= expiresUnixMs)
      return new MinerError("COMMAND_EXPIRED", { command: name, id, expiresUnixMs, nowUnixMs });
    return (
      entry.prepare(params) ??
      new MinerError("CONTROL_REFUSED", { method: name, expected: entry.expected })
    );
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
