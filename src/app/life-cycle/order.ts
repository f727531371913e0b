import * as z from "zod/mini";
import { asFirstVersion, type StateFormat } from "../../lib/state-text.js";

/** What the operator wants of the machine. */
export const ORDERS = ["mine", "paused", "asleep", "curtailed"] as const;
export type Order = (typeof ORDERS)[number];

/** An order with the time at which it was given. */
export interface OrderRecord {
  readonly order: Order;
  /** Unix milliseconds; null for what holds without anybody having said so. */
  readonly sinceUnixMs: number | null;
  /** A curtailment to so many watts, whatever the order. */
  readonly toW?: number | undefined;
}

const OrderText = z.object({
  order: z.enum(ORDERS),
  sinceUnixMs: z.nullable(z.number()),
  // Without a version of its own: a program that does not know it still knows the order.
  toW: z.optional(z.number()),
});

export const ORDER_FORMAT: StateFormat<OrderRecord> = {
  migrations: [asFirstVersion],
  parse: (plain) => OrderText.parse(plain),
  plain: (record) => record,
};
