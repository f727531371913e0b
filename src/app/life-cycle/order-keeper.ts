import type { Clock } from "../../lib/clock.js";
import type { MinerError } from "../../lib/errors.js";
import { KeptState } from "../../lib/kept-state.js";
import { ORDER_FORMAT, type Order, type OrderRecord } from "./order.js";

export interface OrderKeeperOptions {
  /** The file of the order; its folder must exist. */
  readonly path: string;
  readonly clock: Clock;
  /** ORDER_UNREADABLE, ORDER_NOT_SAVED and STATE_NEWER as KeptState tells them. */
  readonly onTrouble: (error: MinerError) => void;
}

/** Keeps what the operator wants of the machine across restarts and power losses. */
export class OrderKeeper {
  readonly #clock: Clock;
  readonly #kept: KeptState<OrderRecord>;
  #record: OrderRecord;

  private constructor(clock: Clock, kept: KeptState<OrderRecord>) {
    this.#clock = clock;
    this.#kept = kept;
    this.#record = kept.found ?? { order: "mine", sinceUnixMs: null };
  }

  /**
   * Never fails. Without a file the machine mines; an order that cannot be read may have been any, whatever the one
   * before it was, so the hash power then stays off until somebody gives another.
   */
  static async open(options: OrderKeeperOptions): Promise<OrderKeeper> {
    const kept = await KeptState.open({
      ...options,
      format: ORDER_FORMAT,
      codes: { unreadable: "ORDER_UNREADABLE", notSaved: "ORDER_NOT_SAVED" },
    });
    const keeper = new OrderKeeper(options.clock, kept);
    // Kept at once: the next start finds no trouble any more.
    if (kept.isIncomplete) await keeper.give("curtailed");
    return keeper;
  }

  get record(): OrderRecord {
    return this.#record;
  }

  get order(): Order {
    return this.#record.order;
  }

  /** Holds at once. Resolves with whether a restart would know of it; until it would, saving is tried again. */
  give(order: Order): Promise<boolean> {
    return this.#save({ ...this.#record, order, sinceUnixMs: this.#clock.unixMs() });
  }

  /** As `give`, of a curtailment to watts; undefined ends it. */
  curtailTo(toW: number | undefined): Promise<boolean> {
    const { order, sinceUnixMs } = this.#record;
    return this.#save({ order, sinceUnixMs, ...(toW !== undefined && { toW }) });
  }

  /** Tries for the last time what could not be saved yet. */
  stop(): Promise<void> {
    return this.#kept.stop();
  }

  #save(record: OrderRecord): Promise<boolean> {
    this.#record = record;
    return this.#kept.save(record);
  }
}
