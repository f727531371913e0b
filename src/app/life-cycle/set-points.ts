import { stepBelow } from "../../power/power-limit.js";
import type { ChainOrder } from "../chain-state.js";
import type { Order } from "./order.js";

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

/** What the chains are to do under an order, with as much of the clock as heat and watts allow. */
export function chainOrder(order: Order, plan: SetPointPlan, powerSharePct = 100): ChainOrder {
  const { freqMHz, sleepMHz } = plan;
  const works = order === "mine";
  if (order === "asleep") return { freqMHz: sleepMHz, works };
  if (powerSharePct >= 100) return { freqMHz, works };
  const stepped = stepBelow((freqMHz * powerSharePct) / 100);
  return { freqMHz: Math.min(freqMHz, Math.max(sleepMHz, stepped)), works };
}
