import type { JournalEvent } from "../../app/kept/journal.js";
import { ERROR_TABLE } from "../../lib/errors.js";
import { LAYOUT, type Event } from "./payloads.js";
import type { EventClass } from "./topics.js";

export interface EventStamp {
  readonly boot: string;
  readonly seq: number;
}

/** An event of the journal as a message. Its id is made of boot and number, so that a repeat is known as one. */
export function eventMessage(event: JournalEvent, { boot, seq }: EventStamp): Event {
  const kind = classOf(event);
  const { slot, by, ...data } = event.context;
  const isTrip = event.kind === "trip";
  return {
    ...{ v: LAYOUT, id: `${boot}-${String(seq)}`, ts: event.atUnixMs, boot, seq },
    class: kind,
    code: event.code ?? `${event.kind}.${event.what}`,
    sev: severityOf(event),
    ...(isTrip && { state: event.what === "cleared" ? ("cleared" as const) : ("raised" as const) }),
    ...(typeof slot === "number" && { board: slot }),
    ...(kind === "audit" && typeof by === "string" && { actor: { via: by } }),
    data: { ...data, what: event.what },
  };
}

function classOf({ kind, code }: JournalEvent): EventClass {
  if (kind === "command") return "audit";
  if (kind === "program") return "boot";
  if (code === null) return "state";
  if (code.startsWith("FAN_") || code.startsWith("TEMP") || code.startsWith("SENSOR"))
    return "thermal";
  if (code.startsWith("PSU_") || code.startsWith("RAIL_")) return "power";
  return code.startsWith("POOL_") ? "pool" : "fault";
}

function severityOf({ kind, what, code }: JournalEvent): Event["sev"] {
  if (code === null || (kind === "trip" && what === "cleared")) return "info";
  return ERROR_TABLE[code].severity === "warning" ? "warning" : "error";
}
