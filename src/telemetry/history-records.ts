import * as z from "zod/mini";
import { COUNTS, FIGURE_NAMES, type FigureName, type Figures } from "./figures.js";

export interface SecondRecord {
  readonly atUnixMs: number;
  readonly state: string;
  /** Of the watts: a supply that does not measure them leaves an estimate. */
  readonly powerEvidence: string;
  readonly figures: Figures;
}

/** Over the seconds in which the figure was known. */
export interface Spread {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

export interface MinuteRecord {
  /** The end of the minute. */
  readonly atUnixMs: number;
  /** That hold at the end. */
  readonly state: string;
  readonly powerEvidence: string;
  /** Fewer than 60 when the event loop had no time. */
  readonly seconds: number;
  readonly figures: Readonly<Record<FigureName, Spread | null>>;
  /** What the program caused the disk to write in this minute; null where the kernel does not count it. */
  readonly writtenBytes: number | null;
}

/** Short, as flash is written for every byte: figures without their names. */
export function packSecond({ atUnixMs, state, powerEvidence, figures }: SecondRecord): unknown {
  return [atUnixMs, state, powerEvidence, ...FIGURE_NAMES.map((name) => figures[name])];
}

export function packMinute(minute: MinuteRecord): unknown {
  const { atUnixMs, state, powerEvidence, seconds, writtenBytes, figures } = minute;
  const spreads = FIGURE_NAMES.map((name) => {
    const spread = figures[name];
    if (spread === null) return null;
    return COUNTS.includes(name) ? spread.max : [spread.mean, spread.min, spread.max];
  });
  return [atUnixMs, state, powerEvidence, seconds, writtenBytes, ...spreads];
}

/** When a packed record was; NaN when it is none. */
export function atOf(plain: unknown): number {
  const at: unknown = Array.isArray(plain) ? plain[0] : undefined;
  return typeof at === "number" ? at : NaN;
}

const Value = z.nullable(z.number());
const PackedSecond = z.tuple([z.number(), z.string(), z.string()], Value);
const PackedMinute = z.tuple(
  [z.number(), z.string(), z.string(), z.number(), Value],
  z.union([Value, z.tuple([z.number(), z.number(), z.number()])]),
);

/** Undefined when it is none; a figure that an older version did not keep is null. */
export function unpackSecond(plain: unknown): SecondRecord | undefined {
  const { data } = PackedSecond.safeParse(plain);
  if (data === undefined) return undefined;
  const [atUnixMs, state, powerEvidence, ...values] = data;
  const entries = FIGURE_NAMES.map((name, index) => [name, values[index] ?? null]);
  return { atUnixMs, state, powerEvidence, figures: Object.fromEntries(entries) as Figures };
}

export function unpackMinute(plain: unknown): MinuteRecord | undefined {
  const { data } = PackedMinute.safeParse(plain);
  if (data === undefined) return undefined;
  const [atUnixMs, state, powerEvidence, seconds, writtenBytes, ...values] = data;
  const entries = FIGURE_NAMES.map((name, index) => [name, spreadOf(values[index] ?? null)]);
  const figures = Object.fromEntries(entries) as MinuteRecord["figures"];
  return { atUnixMs, state, powerEvidence, seconds, writtenBytes, figures };
}

function spreadOf(value: number | readonly [number, number, number] | null): Spread | null {
  if (value === null) return null;
  if (typeof value === "number") return { mean: value, min: value, max: value };
  const [mean, min, max] = value;
  return { mean, min, max };
}
