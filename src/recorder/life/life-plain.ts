import type { FittedMachine } from "../../app/machine/fitted-machine.js";
import { isMinerError, MinerError, type ErrorCode, type ErrorContext } from "../../lib/errors.js";
import { decoded, encoded } from "../fact-tree.js";

type Marked = Readonly<Record<string, unknown>>;

/** What crosses the boundary of the machine's life, as JSON can hold it. Of parts only what the life looks at is kept. */
export function lifePlain(value: unknown): unknown {
  if (isMinerError(value)) return { "~error": value.code, context: encoded(value.context) };
  if (value instanceof Error) return { "~failure": value.message };
  if (value instanceof AbortSignal || typeof value === "function") return null;
  if (value instanceof Map) return { "~map": [...value].map(lifePlain) };
  if (typeof value !== "object" || value === null) return encoded(value);
  if (Array.isArray(value)) return value.map(lifePlain);
  if (isFitted(value)) return plainFitted(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, lifePlain(inner)]));
}

/** What `lifePlain` made plain. */
export function fromLifePlain(plain: unknown): unknown {
  if (typeof plain !== "object" || plain === null) return plain;
  if (Array.isArray(plain)) return plain.map(fromLifePlain);
  const {
    "~error": code,
    context,
    "~failure": message,
    "~map": entries,
    "~": word,
  } = plain as Marked;
  if (code !== undefined)
    return new MinerError(code as ErrorCode, decoded(context) as ErrorContext);
  if (message !== undefined) return new Error(message as string);
  if (entries !== undefined) return new Map(fromLifePlain(entries) as [unknown, unknown][]);
  if (word !== undefined) return decoded(plain);
  return Object.fromEntries(
    Object.entries(plain).map(([key, inner]) => [key, fromLifePlain(inner)]),
  );
}

function isFitted(value: object): value is FittedMachine {
  return "slots" in value && "supply" in value;
}

function plainFitted({ slots, supply }: FittedMachine): unknown {
  return {
    slots: slots.map(({ slot, verdict }) => ({ slot, verdict: encoded(verdict) })),
    supply: supply.is === "fitted" ? { is: supply.is } : encoded(supply),
  };
}
