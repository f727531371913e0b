import * as z from "zod/mini";

/** What the operator wants of the machine. */
export const ORDERS = ["mine", "paused", "asleep", "curtailed"] as const;
export type Order = (typeof ORDERS)[number];

/** An order with the time at which it was given. */
export interface OrderRecord {
  readonly order: Order;
  /** Unix milliseconds; null for what holds without anybody having said so. */
  readonly sinceUnixMs: number | null;
}

const OrderText = z.object({
  version: z.literal(1),
  order: z.enum(ORDERS),
  sinceUnixMs: z.nullable(z.number()),
});

/** Throws when the text holds no order. */
export function parseOrder(text: string): OrderRecord {
  const { order, sinceUnixMs } = OrderText.parse(JSON.parse(text));
  return { order, sinceUnixMs };
}

export function orderText(record: OrderRecord): string {
  return `${JSON.stringify({ version: 1, ...record })}\n`;
}
