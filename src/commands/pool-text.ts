import type { PoolStatus } from "../telemetry/snapshot.js";

export const POOL_HEADINGS = [
  "role",
  "state",
  "difficulty",
  "accepted",
  "rejected",
  "stale",
  "latency",
] as const;

/** What stands below POOL_HEADINGS. */
export function poolCells(pool: PoolStatus | undefined): readonly string[] {
  if (pool === undefined) return ["-", "-", "-", "-", "-", "-", "-"];
  const { role, state, difficulty, accepted, rejected, stale, latencyMs } = pool;
  const latency = typeof latencyMs === "number" ? `${latencyMs.toFixed(0)} ms` : "-";
  return [role, state, ...[difficulty, accepted, rejected, stale].map(String), latency];
}

/** Why a pool is not mined for, as far as it is known. */
export function poolTroubles({ name, lastError, leftReason, leftAgoS }: PoolStatus): string[] {
  const lines: string[] = [];
  if (lastError !== null) {
    const facts = Object.entries(lastError.context).map(
      ([key, value]) => `${key}=${String(value)}`,
    );
    lines.push(`${name}: ${lastError.code} ${facts.join(" ")}`);
  }
  if (leftReason !== null)
    lines.push(`${name}: left ${(leftAgoS ?? 0).toFixed(0)} s ago: ${leftReason}`);
  return lines;
}
