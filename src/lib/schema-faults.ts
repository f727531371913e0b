import type * as z from "zod/mini";

/** One thing that a schema found wrong, at the field that it is about. */
export interface SchemaFault {
  readonly path: readonly PropertyKey[];
  /** What stands there; undefined when nothing does. */
  readonly value: unknown;
  readonly expected: string;
}

/**
 * What a schema found wrong with `data`. A field that it does not know is named by itself: the object around it may hold
 * secrets.
 */
export function schemaFaults(
  issues: readonly z.core.$ZodIssue[],
  data: unknown,
): readonly SchemaFault[] {
  return issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => faultAt(data, [...issue.path, key], "no such field"))
      : [faultAt(data, issue.path, issue.message)],
  );
}

function faultAt(data: unknown, path: readonly PropertyKey[], expected: string): SchemaFault {
  const value = path.reduce<unknown>(
    (at, part) =>
      typeof at === "object" && at !== null
        ? (at as Record<PropertyKey, unknown>)[part]
        : undefined,
    data,
  );
  return { path, value, expected };
}
