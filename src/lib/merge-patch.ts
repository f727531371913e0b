import { isDeepStrictEqual } from "node:util";

/** A JSON object that is nobody else's. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What mergePatch needs to make the one of the other. Lists are replaced as a whole. */
export function patchBetween(before: JsonObject, after: JsonObject): JsonObject {
  const gone = Object.keys(before).filter((key) => after[key] === undefined);
  const patch = new Map<string, unknown>(gone.map((key) => [key, null]));
  for (const [key, value] of Object.entries(after)) {
    const old = before[key];
    if (isDeepStrictEqual(old, value)) continue;
    patch.set(key, isObject(old) && isObject(value) ? patchBetween(old, value) : value);
  }
  return Object.fromEntries(patch);
}

/** Documented: RFC 7396. Objects are merged, null takes a field away, everything else takes its place. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}
