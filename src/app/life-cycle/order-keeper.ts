import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import { StateFile } from "../../lib/state-file.js";
import { orderText, parseOrder, type Order, type OrderRecord } from "./order.js";

export interface OrderKeeperOptions {
  /** The file of the order; its folder must exist. */
  readonly path: string;
  readonly clock: Clock;
  /** ORDER_UNREADABLE {file, reason, keptAs} while opening; ORDER_NOT_SAVED {file, reason}. */
  readonly onTrouble: (error: MinerError) => void;
}

/** Keeps what the operator wants of the machine across restarts and power losses. */
export class OrderKeeper {
  readonly #options: OrderKeeperOptions;
  readonly #file: StateFile<OrderRecord>;
  #record: OrderRecord;

  private constructor(
    options: OrderKeeperOptions,
    file: StateFile<OrderRecord>,
    record: OrderRecord,
  ) {
    this.#options = options;
    this.#file = file;
    this.#record = record;
  }

  /**
   * Never fails. Without a file the machine mines; an order that cannot be read may have been any, so the hash power
   * then stays off until somebody gives another.
   */
  static async open(options: OrderKeeperOptions): Promise<OrderKeeper> {
    const { path, clock, onTrouble } = options;
    const file = new StateFile({ path, parse: parseOrder, unixMs: () => clock.unixMs() });
    const found = await file.load();
    for (const { file: name, reason, keptAs } of found.trouble)
      onTrouble(new MinerError("ORDER_UNREADABLE", { file: name, reason, keptAs: keptAs ?? null }));
    const none: OrderRecord = { order: "mine", sinceUnixMs: null };
    const keeper = new OrderKeeper(options, file, found.is === "loaded" ? found.state : none);
    // Kept at once: the next start finds no trouble any more.
    if (found.trouble.length > 0) await keeper.give("curtailed");
    return keeper;
  }

  get record(): OrderRecord {
    return this.#record;
  }

  get order(): Order {
    return this.#record.order;
  }

  /** Holds at once. Resolves with whether a restart would know of it. */
  async give(order: Order): Promise<boolean> {
    const { path, clock, onTrouble } = this.#options;
    this.#record = { order, sinceUnixMs: clock.unixMs() };
    try {
      await this.#file.save(orderText(this.#record));
      return true;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      onTrouble(new MinerError("ORDER_NOT_SAVED", { file: path, reason }, { cause }));
      return false;
    }
  }
}
