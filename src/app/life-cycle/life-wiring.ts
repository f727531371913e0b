import type { FittedMachine } from "../machine/fitted-machine.js";

/** Which slot hangs on which tty, as the life of the machine asks for it. */
export interface LifeWiring {
  /**
   * It has to be asked of the hardware before chains are brought up.
   * @throws CHAIN_ORDER_UNPROVEN when it has to be and cannot
   */
  mustAsk(fitted: FittedMachine): boolean;
  /**
   * Finds it out; the boards of `slots` have their voltage, all chains are in reset. After an error they may not be.
   * @throws CHAIN_ORDER_AMBIGUOUS, what the ports throw, the reason of the signal
   */
  ask(fitted: FittedMachine, slots: readonly number[], signal: AbortSignal): Promise<void>;
  /** Wires the chains as it was found, and keeps it; the power is off. @throws LINK_OPEN_FAILED, LINK_BAUD_REFUSED */
  take(): Promise<void>;
  /** Somebody has looked at the machine: what was asked in vain may be asked again. True when it is to be, at once. */
  forgive(): boolean;
}
