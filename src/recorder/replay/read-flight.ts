import type { ParsedRing } from "../../lib/ring-text.js";
import type { FlightEntry, FlightRecord } from "../flight-entry.js";

/** A piece of a recording without a hole. */
export type FlightPart =
  | { readonly is: "entry"; readonly session: string; readonly entry: FlightEntry }
  /** Records are missing, or cannot be read. */
  | { readonly is: "gap"; readonly records: number };

/** What the ring holds, in its order; holes are told where they are. */
export function* flightParts({ records }: Pick<ParsedRing, "records">): Generator<FlightPart> {
  let lastSeq: number | undefined;
  for (const { seq, value } of records) {
    const missing = lastSeq === undefined ? 0 : seq - lastSeq - 1;
    if (missing > 0) yield { is: "gap", records: missing };
    lastSeq = seq;
    const record = value as Partial<FlightRecord> | null;
    if (typeof record?.session !== "string" || !Array.isArray(record.entries)) {
      yield { is: "gap", records: 1 };
      continue;
    }
    for (const entry of record.entries as readonly FlightEntry[])
      yield { is: "entry", session: record.session, entry };
  }
}
