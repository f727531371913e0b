import type { Clock } from "../../lib/clock.js";
import type { LifeHardware } from "./life-hardware.js";
import type { CurtailReceipt, MachineState } from "./machine-state.js";
import type { OrderKeeper } from "./order-keeper.js";
import type { StateLog } from "./state-log.js";

export interface CurtailmentOptions {
  readonly hardware: LifeHardware;
  readonly orders: OrderKeeper;
  readonly states: StateLog;
  readonly clock: Clock;
}

/** Hash power off by order, with the proof of it. */
export class Curtailment {
  readonly #options: CurtailmentOptions;
  /** Null when no order of this process is in force. */
  #receipt: CurtailReceipt | null = null;

  constructor(options: CurtailmentOptions) {
    this.#options = options;
  }

  /** Another order holds. */
  forget(): void {
    this.#receipt = null;
  }

  /**
   * Switches off before anything else is done; `onOff` is called right behind.
   * @throws PSU_NOT_OFF: the order holds all the same
   */
  async begin(onOff: () => void): Promise<CurtailReceipt> {
    const { hardware, orders, states, clock } = this.#options;
    const receivedUnixMs = clock.unixMs();
    const receivedMs = clock.nowMs();
    const off = hardware.switchOff("curtailed").then(() => clock.nowMs());
    onOff();
    off.catch(() => undefined); // told below, when the order is kept as well
    const isKept = await orders.give("curtailed");
    const tookMs = (await off) - receivedMs;
    this.#receipt = { receivedUnixMs, powerOffUnixMs: receivedUnixMs + tookMs, tookMs, isKept };
    const { state } = states;
    if (state.is === "curtailed") states.enter({ ...state, receipt: this.#receipt });
    return this.#receipt;
  }

  enter(): void {
    this.#options.states.enter({ is: "curtailed", receipt: this.#receipt, confirmation: null });
  }

  /** Waits until a reading says that the output is empty. */
  async confirm(signal: AbortSignal): Promise<void> {
    const { hardware, states } = this.#options;
    const confirmation = await hardware.confirmOff(signal);
    const state: MachineState = states.state;
    if (state.is === "curtailed") states.enter({ ...state, confirmation });
  }
}
