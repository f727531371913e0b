import * as z from "zod/mini";
import { MODES } from "../../telemetry/mode.js";
import { UPDATE_PHASES } from "../../telemetry/update-snapshot.js";

/** Of every payload; a changed meaning raises it. Sheet management.md, 8.1. */
export const LAYOUT = 1;

const Version = z.literal(LAYOUT);
/** Unix milliseconds. */
const Time = z.int();
const Text = z.string();
const Count = z.int().check(z.minimum(0));
/** Null: nobody knows. */
const OrNull = z.nullable(z.number());
const OrNullText = z.nullable(Text);

export const Status = z.object({
  v: Version,
  state: z.enum(["online", "offline"]),
  /** `lost` comes from the broker. */
  reason: z.optional(z.enum(["lost", "shutdown", "reboot", "upgrade", "config"])),
  boot: Text,
  ts: z.optional(Time),
  fw: z.optional(Text),
  ip: z.optional(Text),
});

export const Info = z.object({
  v: Version,
  id: Text,
  mac: z.optional(Text),
  serial: z.optional(Text),
  model: Text,
  ctrl: Text,
  fw: z.object({ name: Text, version: Text }),
  boards: z.array(
    z.object({
      i: Count,
      sn: z.optional(Text),
      chip: z.optional(Text),
      chips: Count,
    }),
  ),
  psu: z.optional(z.object({ model: Text, sn: z.optional(Text) })),
  net: z.object({ host: Text, ip: z.optional(Text) }),
  cfg_rev: Text,
  caps: z.array(Text),
  loc: z.optional(
    z.object({ site: z.optional(Text), rack: z.optional(Text), pos: z.optional(Text) }),
  ),
  /** Broadcasts to these are obeyed. */
  groups: z.optional(z.array(Text)),
  /** What receipts are signed with: SubjectPublicKeyInfo as PEM; `id` is the beginning of its SHA-256. */
  key: z.object({ alg: z.literal("ed25519"), id: Text, pem: Text }),
});

export const Settings = z.object({
  v: Version,
  rev: Text,
  pools: z.array(z.object({ url: Text, user: Text })),
  freq_mhz: z.number(),
  rail_mv: OrNull,
  /** Watts that the machine is held to; null without. */
  power_limit_w: OrNull,
  mode: z.enum(MODES),
});

const Board = z.object({
  i: Count,
  /** Hashes a second over 1 min. */
  hr: z.number(),
  n: Count,
  /** Hardware errors. */
  hw: Count,
  f: z.number(),
  /** Least and most, °C: of the board, of the dies. */
  tp: z.optional(z.tuple([z.number(), z.number()])),
  tc: z.optional(z.tuple([z.number(), z.number()])),
});

export const Tele = z.object({
  v: Version,
  ts: Time,
  seq: Count,
  boot: Text,
  up: Count,
  mode: z.enum(MODES),
  hr: z.object({
    s5: z.number(),
    m1: z.number(),
    m15: z.number(),
    av: z.number(),
    ideal: z.number(),
  }),
  /** Watts, the watts that it is held to, volts of the hashboards. */
  pw: z.object({
    w: z.optional(z.number()),
    lim: z.optional(z.number()),
    v: z.optional(z.number()),
  }),
  fan: z.array(OrNull),
  fanp: z.optional(z.number()),
  /** The hottest of all. */
  tmax: z.optional(z.number()),
  /** Of the control board. */
  tctl: z.optional(z.number()),
  bd: z.array(Board),
  pool: z.object({
    i: Count,
    acc: Count,
    rej: Count,
    st: Count,
    diff: z.number(),
    rtt: z.optional(z.number()),
  }),
  /** Codes of what is wrong now. */
  faults: z.optional(z.array(Text)),
  /** An update on its way or on trial: phase, version once it is known, percent of the phase where it can be counted. */
  upd: z.optional(z.object({ ph: z.enum(UPDATE_PHASES), ver: OrNullText, pct: OrNull })),
});

export const Chips = z.object({
  v: Version,
  ts: Time,
  boot: Text,
  bd: z.array(z.object({ i: Count, nonces: z.array(Count), hw: z.array(Count) })),
});

/** A minute. Means, and of the temperatures the highest; counts are those of the machine's life. */
export const Row = z.object({
  /** The end of the minute. */
  ts: Time,
  hr: z.number(),
  w: z.optional(z.number()),
  tmax: z.optional(z.number()),
  acc: z.optional(Count),
  rej: z.optional(Count),
  st: z.optional(Count),
});

export const Backfill = z.object({ v: Version, boot: Text, rows: z.array(Row) });

export const Event = z.object({
  v: Version,
  id: Text,
  ts: Time,
  boot: Text,
  seq: Count,
  class: z.enum(["fault", "pool", "thermal", "power", "block", "boot", "audit", "state"]),
  code: Text,
  sev: z.enum(["info", "warning", "error"]),
  state: z.optional(z.enum(["raised", "cleared"])),
  board: z.optional(Count),
  actor: z.optional(z.object({ via: Text })),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

/** Longer ones come from nobody who means well. */
const MAX_ID = 64;
/** Nobody spreads a command over more. */
const MAX_SPREAD_S = 3600;

export const Command = z.object({
  v: Version,
  id: z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_ID))),
  exp: z.optional(Time),
  args: z.optional(z.record(z.string(), z.unknown())),
  /** Obeyed only if the configuration has this revision. */
  if_rev: z.optional(z.union([Text, z.number()])),
  /** MQTT 3.1.1: where the answer goes. */
  res: z.optional(Text),
  spread_s: z.optional(z.number().check(z.minimum(0), z.maximum(MAX_SPREAD_S))),
  reply: z.optional(z.enum(["all", "errors", "none"])),
});

export const RESULT_CODES = [
  "done",
  "accepted",
  "unchanged",
  "bad_request",
  "unknown_command",
  "expired",
  "retained",
  "id_reused",
  "conflict",
  "out_of_range",
  "denied",
  "busy",
  "failed",
] as const;

export const Result = z.object({
  v: Version,
  id: z.nullable(Text),
  ok: z.boolean(),
  code: z.enum(RESULT_CODES),
  dup: z.optional(z.literal(true)),
  /** Of the table of errors. */
  err: z.optional(Text),
  msg: z.optional(Text),
  rev: z.optional(Text),
  state: z.optional(z.object({ mode: z.enum(MODES) })),
  ts: Time,
  /** What the command itself has to say; docs/mqtt.md. */
  data: z.optional(z.record(z.string(), z.unknown())),
  /** The exact text that `sig` (base64) signs: a Receipt. */
  receipt: z.optional(Text),
  sig: z.optional(Text),
  key: z.optional(Text),
});

/** A piece of a file, on the topic of the result and before it. */
export const FilePart = z.object({
  ...{ v: Version, id: Text },
  /** From 1. */
  part: Count,
  of: Count,
  base64: Text,
});

/** What a machine says about a curtailment. Unix milliseconds. */
export const Receipt = z.object({
  v: Version,
  device: Text,
  id: Text,
  boot: Text,
  received: Time,
  off: Time,
  /** The supply measured an empty output; null: not measured when the answer went out. */
  confirmed: z.nullable(Time),
  kept: z.boolean(),
  w_before: OrNull,
  w_after: OrNull,
});

export type Status = z.infer<typeof Status>;
export type Info = z.infer<typeof Info>;
export type Settings = z.infer<typeof Settings>;
export type Tele = z.infer<typeof Tele>;
export type Chips = z.infer<typeof Chips>;
export type Row = z.infer<typeof Row>;
export type Event = z.infer<typeof Event>;
export type Command = z.infer<typeof Command>;
export type Result = z.infer<typeof Result>;
export type FilePart = z.infer<typeof FilePart>;
export type Receipt = z.infer<typeof Receipt>;

/** All payloads by the end of their topic, as JSON schemas. */
export function payloadSchemas(): Readonly<Record<string, object>> {
  const all = {
    ...{ status: Status, info: Info, config: Settings, tele: Tele, "tele/chips": Chips },
    ...{ "tele/backfill": Backfill, event: Event, cmd: Command, res: Result, receipt: Receipt },
    ...{ "res (part of a file)": FilePart },
  };
  return Object.fromEntries(
    Object.entries(all).map(([name, schema]) => [name, z.toJSONSchema(schema, { io: "input" })]),
  );
}
