import { randomUUID } from "node:crypto";
import type { CommandDesk } from "../../app/commands/command-desk.js";
import { errorOf } from "../../lib/finding.js";

/** The way to the desk for who uses the pages. */
export class PageOrders {
  readonly #desk: Pick<CommandDesk, "give">;
  readonly #address: string;

  constructor(desk: Pick<CommandDesk, "give">, address: string) {
    this.#desk = desk;
    this.#address = address;
  }

  /** Rejects with what the desk refuses with. */
  async give<Result = unknown>(name: string, params: unknown = {}): Promise<Result> {
    const answer = await this.#desk.give({
      ...{ id: randomUUID(), name, params, expiresUnixMs: null, isRepeatable: false },
      by: { way: "http", who: `stock pages ${this.#address}` },
    });
    if (answer.is === "refused") throw errorOf(answer);
    return answer.result as Result;
  }
}
