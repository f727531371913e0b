import * as z from "zod/mini";
import type { Clock } from "../../lib/clock.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import type { DeviceKey } from "./device-key.js";
import { LAYOUT, type Receipt, type Result } from "./payloads.js";

/** The answer does not wait longer for the supply to measure an empty output: operators want it in two seconds. */
const CONFIRM_MS = 1200;
/** A picture of the whole machine each. */
const LOOK_MS = 100;

/** What the desk says of a curtailment. */
const Curtailed = z.object({
  receipt: z.object({ receivedUnixMs: z.number(), powerOffUnixMs: z.number() }),
  isKept: z.boolean(),
  watts: z.optional(z.object({ before: z.object({ value: z.nullable(z.number()) }) })),
});

export interface ReceiptParts {
  readonly device: string;
  readonly boot: string;
  readonly key: Pick<DeviceKey, "id" | "sign">;
  readonly clock: Clock;
  readonly snapshot: () => Snapshot;
}

/** The signed receipt of a curtailment; nothing where the desk gave none. */
export async function signedReceipt(
  parts: ReceiptParts,
  id: string,
  result: unknown,
): Promise<Pick<Result, "receipt" | "sig" | "key">> {
  const { data } = Curtailed.safeParse(result);
  if (data === undefined) return {};
  const { device, boot, key } = parts;
  const { receivedUnixMs, powerOffUnixMs } = data.receipt;
  const { confirmed, wattsAfter } = await proof(parts, receivedUnixMs, powerOffUnixMs);
  const wattsBefore = data.watts?.before.value ?? null;
  const receipt: Receipt = {
    ...{ v: LAYOUT, device, id, boot },
    received: Math.round(receivedUnixMs),
    off: Math.round(powerOffUnixMs),
    confirmed: confirmed === null ? null : Math.round(confirmed),
    kept: data.isKept,
    w_before: wattsBefore === null ? null : Math.round(wattsBefore),
    w_after: wattsAfter,
  };
  const text = JSON.stringify(receipt);
  return { receipt: text, sig: key.sign(text), key: key.id };
}

interface Proof {
  readonly confirmed: number | null;
  readonly wattsAfter: number | null;
}

/** What was measured since; nothing when the curtailment is over, as after a repeat of its id. */
async function proof(
  { clock, snapshot }: ReceiptParts,
  receivedUnixMs: number,
  offUnixMs: number,
): Promise<Proof> {
  const endMs = clock.nowMs() + CONFIRM_MS;
  for (;;) {
    const now = snapshot();
    const { curtailment } = now.state;
    if (curtailment?.receivedUnixMs !== receivedUnixMs)
      return { confirmed: null, wattsAfter: null };
    const { confirmedBy, confirmedUnixMs } = curtailment;
    if (confirmedBy !== null || clock.nowMs() >= endMs) {
      const confirmed = confirmedBy === "readback" ? confirmedUnixMs : null;
      return { confirmed, wattsAfter: wattsSince(now, offUnixMs, clock.unixMs()) };
    }
    await clock.sleep(LOOK_MS);
  }
}

/** Measured watts no older than the moment; null while there are none. */
function wattsSince({ powerW }: Snapshot, sinceUnixMs: number, nowUnixMs: number): number | null {
  const { value, ageS } = powerW;
  const isSince = ageS !== null && nowUnixMs - ageS * 1000 >= sinceUnixMs;
  return isSince && value !== null ? Math.round(value) : null;
}
