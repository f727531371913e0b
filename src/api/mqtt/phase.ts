import { createHash } from "node:crypto";

/** Where in its period a device tells: fixed, and another for each. Sheet management.md, 8.1. */
export function phaseMs(id: string, periodMs: number): number {
  return createHash("sha256").update(id).digest().readUInt32BE() % periodMs;
}
