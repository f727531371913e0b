import * as z from "zod/mini";
import type { Clock } from "../../lib/clock.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import type { DeviceKey } from "./device-key.js";
import { LAYOUT, type Receipt, type Result } from "./payloads.js";

/** The answer does not wait longer for the supply to measure an empty output: operators want it in two seconds. */
const CONFIRM_MS = 1200;
const LOOK_MS = 50;

/** What the desk says of a curtailment. */
const Curtailed = z.object({
  receipt: z.object({ receivedUnixMs: z.number(), powerOffUnixMs: z.number() }),
  isKept: z.boolean(),
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
  wattsBefore: number | null,
): Promise<Pick<Result, "receipt" | "sig" | "key">> {
  const { data } = Curtailed.safeParse(result);
  if (data === undefined) return {};
  const { device, boot, key, clock } = parts;
  const { receivedUnixMs, powerOffUnixMs } = data.receipt;
  const confirmed = await confirmedUnixMs(parts);
  const receipt: Receipt = {
    ...{ v: LAYOUT, device, id, boot },
    received: Math.round(receivedUnixMs),
    off: Math.round(powerOffUnixMs),
    confirmed: confirmed === null ? null : Math.round(confirmed),
    kept: data.isKept,
    w_before: wattsBefore,
    w_after: wattsSince(parts.snapshot(), powerOffUnixMs, clock.unixMs()),
  };
  const text = JSON.stringify(receipt);
  return { receipt: text, sig: key.sign(text), key: key.id };
}

async function confirmedUnixMs({ clock, snapshot }: ReceiptParts): Promise<number | null> {
  const endMs = clock.nowMs() + CONFIRM_MS;
  for (;;) {
    const { curtailment } = snapshot().state;
    const by = curtailment?.confirmedBy ?? null;
    if (by === "readback") return curtailment?.confirmedUnixMs ?? null;
    if (by === "none" || clock.nowMs() >= endMs) return null;
    await clock.sleep(LOOK_MS);
  }
}

/** Measured watts no older than the moment; null while there are none. */
function wattsSince({ powerW }: Snapshot, sinceUnixMs: number, nowUnixMs: number): number | null {
  const { value, ageS } = powerW;
  const isSince = ageS !== null && nowUnixMs - ageS * 1000 >= sinceUnixMs;
  return isSince && value !== null ? Math.round(value) : null;
}
