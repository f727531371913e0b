import { ConfigCommands } from "../../../../src/app/config-commands.js";
import type { ConfigStore } from "../../../../src/app/config-store.js";
import type { CommandAnswer } from "../../../../src/app/commands/command-answer.js";
import type { CommandRequest } from "../../../../src/app/commands/command-desk.js";
import { isMinerError, MinerError } from "../../../../src/lib/errors.js";
import type { OrderName } from "../../../../src/telemetry/machine-snapshot.js";

const ORDER_OF: Readonly<Record<string, OrderName>> = {
  "machine.sleep": "asleep",
  "machine.wake": "mine",
  "machine.resume": "mine",
};
const READS = ["status", "config.get", "config.check"];

/** A desk with a real configuration behind it, and a machine that does what it is told. */
export class ConfDesk {
  /** What was done. */
  readonly orders: string[] = [];
  order: OrderName = "mine";
  readonly #store: ConfigStore;
  readonly #config: ConfigCommands;

  constructor(store: ConfigStore) {
    this.#store = store;
    this.#config = new ConfigCommands({
      store,
      applyPools: () => undefined,
      setPoints: (wish) => this.#write(wish),
      assertReachable: () => undefined,
    });
  }

  async give({ id, name, params }: CommandRequest): Promise<CommandAnswer> {
    try {
      const result = await this.#do(name, params as never);
      if (!READS.includes(name)) this.orders.push(name);
      return { id, is: "done", result };
    } catch (error) {
      if (!isMinerError(error)) throw error;
      const { code, message, context } = error;
      return { id, is: "refused", code, message, context };
    }
  }

  #do(name: string, params: never): unknown {
    this.order = ORDER_OF[name] ?? this.order;
    if (name === "status") return { state: { order: this.order } };
    if (name === "config.get") return this.#config.get();
    if (name === "config.check") return this.#config.check(params);
    if (name === "config.set") return this.#config.set(params);
    if (name === "cooling.set")
      return this.#write({ cooling: { ...this.#store.config.cooling, ...(params as object) } });
    if (Object.hasOwn(ORDER_OF, name)) return {};
    throw new MinerError("CONTROL_REFUSED", { method: name });
  }

  async #write(fields: Readonly<Record<string, unknown>>): Promise<void> {
    const without = (value: unknown): unknown => {
      if (value === null) return undefined;
      if (typeof value !== "object" || Array.isArray(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, without(part)]));
    };
    await this.#store.change(without(fields) as object, this.#store.revision);
  }
}
