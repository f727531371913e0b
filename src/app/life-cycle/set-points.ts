import type { Order } from "./order.js";
import type { ChainOrder } from "../chain-state.js";

/** What the machine runs at. */
export interface SetPoints {
  readonly freqMHz: number;
  /** Input voltage of the hashboards; undefined where the machine's data has none. */
  readonly railMv: number | undefined;
}

/** Set-points, and what else is fixed for the machine. */
export interface SetPointPlan extends SetPoints {
  /** While cores are opened. */
  readonly openMv: number | undefined;
  /** The lowest clock that the machine may have. */
  readonly sleepMHz: number;
}

/** What the chains are to do under an order. */
export function chainOrder(order: Order, { freqMHz, sleepMHz }: SetPointPlan): ChainOrder {
  return { freqMHz: order === "asleep" ? sleepMHz : freqMHz, works: order === "mine" };
}
