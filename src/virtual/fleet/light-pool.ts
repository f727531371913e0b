import type { PoolStatus, Snapshot } from "../../telemetry/snapshot.js";

/** About twelve shares a minute of an S19k Pro. */
const DIFFICULTY = 131_072;
const HASHES_PER_DIFFICULTY = 2 ** 32;
/** Inferred: an ordinary figure of a healthy machine. */
const REJECTED_SHARE = 0.001;
const LATENCY_MS = 40;

const REJECT_REASONS = {
  ...{ stale: 0, duplicate: 0, "low-difficulty": 0, ntime: 0, version: 0, unauthorized: 0 },
  ...{ "not-subscribed": 0, unsupported: 0, other: 0 },
};
const DROP_REASONS = {
  ...{ "old-session": 0, "stale-job": 0, "version-mask": 0, duplicate: 0, malformed: 0 },
  "not-connected": 0,
};

/** A pool that credits what was hashed, TH: what can be told of one, without the inner counts of a connection. */
export function lightPool(hashedTh: number, uptimeS: number): PoolStatus {
  const shares = Math.floor((hashedTh * 1e12) / HASHES_PER_DIFFICULTY / DIFFICULTY);
  const rejected = Math.floor(shares * REJECTED_SHARE);
  const accepted = shares - rejected;
  return {
    ...{ name: "light", url: LIGHT_POOL.url, user: LIGHT_POOL.user, group: "main", priority: 0 },
    role: "active",
    state: "ready",
    ...{ healthyForS: uptimeS, returnInS: null, leftReason: null, leftAgoS: null },
    ...{ readySinceS: uptimeS, lastError: null, difficulty: DIFFICULTY },
    ...{ accepted, rejected, stale: 0, lost: 0, dropped: 0, staleDifficulty: 0 },
    ...{ acceptedDifficulty: accepted * DIFFICULTY, rejectedDifficulty: rejected * DIFFICULTY },
    ...{ rejectReasons: REJECT_REASONS, dropReasons: DROP_REASONS, bestDifficulty: DIFFICULTY },
    latencyMs: LATENCY_MS,
  } satisfies Partial<PoolStatus> as PoolStatus;
}

export const LIGHT_POOL = { url: "stratum+tcp://pool.invalid:3333", user: "fleet.light" } as const;

export function lightLifetime(pool: PoolStatus, uptimeS: number): Snapshot["lifetime"] {
  const { accepted, rejected, stale, lost, dropped } = pool;
  const { acceptedDifficulty, rejectedDifficulty, staleDifficulty } = pool;
  return {
    ...{ savedUnixMs: 0, starts: 1, uptimeS, hashingS: uptimeS },
    ...{ verifiedDifficulty: acceptedDifficulty, best: null, pools: [] },
    ...{ energy: { measuredJ: 0, estimatedJ: 0, unknownS: uptimeS }, blocksFound: 0 },
    nonces: {
      ...{ share: accepted, belowTarget: 0, duplicate: 0, unknownWork: 0, stale: 0 },
      hardwareError: 0,
    },
    shares: {
      ...{ accepted, rejected, stale, lost, dropped },
      ...{ acceptedDifficulty, rejectedDifficulty, staleDifficulty },
      ...{ rejectReasons: REJECT_REASONS, dropReasons: DROP_REASONS },
    },
  };
}
