import { randomUUID } from "node:crypto";
import type { CommandAnswer } from "../../app/commands/command-answer.js";
import type { CommandDesk } from "../../app/commands/command-desk.js";
import { failure, type Reply } from "./reply.js";

/** Refused by the machine, whose reason is the text. */
const REFUSED = 405;

/** The way to the desk for one client. */
export class Orders {
  readonly #desk: Pick<CommandDesk, "give">;
  readonly #who: string;

  /** @param who address of the client, for the journal */
  constructor(desk: Pick<CommandDesk, "give">, who: string) {
    this.#desk = desk;
    this.#who = who;
  }

  /** Done, or why not. */
  async give(name: string, params: unknown, done: Reply): Promise<Reply> {
    const answer = await this.ask(name, params);
    return answer.is === "done" ? done : refusal(answer);
  }

  ask(name: string, params?: unknown): Promise<CommandAnswer> {
    const by = { way: "cgminer", who: this.#who } as const;
    const id = randomUUID();
    return this.#desk.give({ id, name, params, by, expiresUnixMs: null, isRepeatable: false });
  }
}

export function refusal({ message }: Extract<CommandAnswer, { is: "refused" }>): Reply {
  return failure(REFUSED, message);
}

/** For what a tool asks and this program has no such thing. */
export function notAvailable(command: string, instead: string): Reply {
  return failure(400, `'${command}' is not available: ${instead}`);
}
