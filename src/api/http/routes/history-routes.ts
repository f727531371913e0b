import * as z from "zod/mini";
import type { JournalEvent } from "../../../app/kept/journal.js";
import { MinerError } from "../../../lib/errors.js";
import { FIGURE_NAMES, type FigureName } from "../../../telemetry/figures.js";
import { readMinutes, readSeconds } from "../../../telemetry/history-files.js";
import type { MinuteRecord, SecondRecord } from "../../../telemetry/history-records.js";
import { order } from "../desk-order.js";
import { OrNull, Whole, YesNo } from "../fields.js";
import { route, type Route } from "../route.js";

/** Of events that a reader missed; the rest is in /events/log. */
const MAX_MISSED = 200;
/** Of one answer. Measured: half a megabyte of text, and some milliseconds in which nothing else is done. */
const MAX_ROWS = 720;

const Event = z.object({
  seq: z.int(),
  atUnixMs: z.number(),
  uptimeS: z.number(),
  kind: z.string(),
  what: z.string(),
  code: z.nullable(z.string()),
  context: z.record(z.string(), z.unknown()),
});

const HistoryQuery = z.strictObject({
  /** 1: the last half hour; 60: the last days. */
  step: z._default(z.enum(["1", "60"]), "60"),
  metric: z.optional(z.string()),
  sinceUnixMs: z.optional(Whole),
  untilUnixMs: z.optional(Whole),
  /** The newest of those. */
  last: z.optional(z.pipe(Whole, z.int().check(z.minimum(1), z.maximum(MAX_ROWS)))),
});

/** What was: from the files of the data directory. */
export const HISTORY_ROUTES: readonly Route[] = [
  route({
    ...{ method: "get", path: "/history", needs: "read", query: HistoryQuery, sharedFor: "second" },
    summary:
      `The newest rows of seconds or minutes, ${MAX_ROWS} at most, oldest first; older ones by untilUnixMs. ` +
      `metric: some of ${FIGURE_NAMES.join(",")}`,
    reply: z.object({
      stepS: z.int(),
      /** Whether there are more between sinceUnixMs and the first row. */
      hasOlder: z.boolean(),
      rows: z.array(
        z.object({
          atUnixMs: z.number(),
          state: z.string(),
          powerEvidence: z.string(),
          figures: z.record(z.string(), z.unknown()),
          /** Of a minute. */
          seconds: z.optional(z.number()),
          writtenBytes: z.optional(OrNull),
        }),
      ),
    }),
    errors: ["HISTORY_MISSING"],
    handle: async ({ dataDir }, { query }) => {
      const names = namesOf(query.metric);
      const { sinceUnixMs, untilUnixMs, last = MAX_ROWS } = query;
      const read = query.step === "1" ? readSeconds : readMinutes;
      const range = { sinceUnixMs, untilUnixMs, last: last + 1 };
      const rows: readonly (SecondRecord | MinuteRecord)[] = await read(dataDir, range);
      return {
        stepS: Number(query.step),
        hasOlder: rows.length > last,
        rows: rows.slice(-last).map(({ figures, ...row }) => ({
          ...row,
          figures: Object.fromEntries(names.map((name) => [name, figures[name]])),
        })),
      };
    },
  }),
  route({
    ...{ method: "get", path: "/events/log", needs: "read", sharedFor: "second" },
    summary: "What happened to the machine, oldest first; code: only what went wrong",
    query: z.strictObject({
      last: z.optional(Whole),
      sinceUnixMs: z.optional(Whole),
      code: z.optional(YesNo),
    }),
    reply: z.object({ events: z.array(Event) }),
    errors: ["CONTROL_REFUSED", "EVENTS_MISSING"],
    handle: (parts, call) => order(parts, call, "events.list", call.query),
  }),
  route({
    ...{ method: "get", path: "/events", needs: "read", reply: "text/event-stream" },
    summary: "Server-sent events: snapshot, then patch (fields that changed) and event",
    headers: { "Last-Event-ID": "the last one that was seen: what came after it is sent again" },
    errors: ["HTTP_BUSY"],
    handle: async (parts, call) => {
      const last = call.headers.get("last-event-id");
      const sinceUnixMs = Number(last);
      const isKnown = last !== null && Number.isInteger(sinceUnixMs) && sinceUnixMs >= 0;
      const missed = isKnown
        ? await order(parts, call, "events.list", { sinceUnixMs, last: MAX_MISSED })
        : { events: [] };
      const { events } = missed as { events: readonly JournalEvent[] };
      return parts.streams.open(events, call.caller.mayStay);
    },
  }),
];

function namesOf(metric: string | undefined): readonly FigureName[] {
  if (metric === undefined) return FIGURE_NAMES;
  const names = metric.split(",");
  const known = FIGURE_NAMES.filter((name) => names.includes(name));
  if (known.length === names.length) return known;
  throw new MinerError("HTTP_BAD_REQUEST", {
    at: "query.metric",
    expected: `some of ${FIGURE_NAMES.join(",")}`,
  });
}
