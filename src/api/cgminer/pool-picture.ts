import { parsePoolUrl } from "../../pool/pool-url.js";
import type { PoolStatus, Snapshot } from "../../telemetry/snapshot.js";

export interface PoolPicture {
  /** What commands name it by. */
  readonly index: number;
  /** What the rest of the program calls it. */
  readonly name: string;
  readonly url: string;
  readonly host: string;
  readonly user: string;
  readonly status: "Alive" | "Dead";
  readonly priority: number;
  readonly quota: number;
  /** Jobs of one pool are not counted apart. */
  readonly getworks?: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Found and not sent. */
  readonly discarded: number;
  readonly stale: number;
  /** Sessions that had to be opened again. */
  readonly getFailures: number;
  /** Sent and never answered. */
  readonly remoteFailures: number;
  /** 0: none yet. */
  readonly lastShareUnixS: number;
  readonly lastShareDifficulty: number;
  readonly difficultyAccepted: number;
  readonly difficultyRejected: number;
  readonly difficultyStale: number;
  /** It has hash power. */
  readonly isActive: boolean;
  /** Of its work; 0 without any. */
  readonly difficulty: number;
  readonly bestShare: number;
  readonly hasVmask?: boolean;
  readonly blockHeight?: number | undefined;
}

/** In the order of the snapshot, group by group. */
export function poolPictures({ poolGroups }: Snapshot, unixS: number): readonly PoolPicture[] {
  return poolGroups
    .flatMap(({ pools, quota }) => pools.map((pool) => ({ pool, quota })))
    .map(({ pool, quota }, index) => {
      const { lastAcceptedAgoS } = pool;
      const isActive = pool.role === "active";
      return {
        ...{ index, name: pool.name, user: pool.user, priority: index, quota, isActive },
        ...addressOf(pool.url),
        status: statusOf(pool),
        ...{ accepted: pool.accepted, rejected: pool.rejected, stale: pool.stale },
        discarded: pool.dropped,
        getFailures: Math.max(0, pool.sessions - 1),
        remoteFailures: pool.lost,
        lastShareUnixS: lastAcceptedAgoS === undefined ? 0 : Math.floor(unixS - lastAcceptedAgoS),
        lastShareDifficulty: pool.lastAcceptedDifficulty,
        difficultyAccepted: pool.acceptedDifficulty,
        difficultyRejected: pool.rejectedDifficulty,
        difficultyStale: pool.staleDifficulty,
        difficulty: isActive ? pool.difficulty : 0,
        bestShare: Math.floor(pool.bestDifficulty),
        hasVmask: pool.versionMask !== 0,
        blockHeight: pool.blockHeight,
      };
    });
}

/** A pool that nobody had a reason to try is taken for a good one. */
function statusOf({ state, role, lastError }: PoolStatus): PoolPicture["status"] {
  if (state === "ready") return "Alive";
  return role === "off" && lastError === null ? "Alive" : "Dead";
}

/** Clients know the schemes stratum+tcp and stratum+ssl, and no suffix. */
function addressOf(url: string): Pick<PoolPicture, "url" | "host"> {
  const parsed = parsePoolUrl(url);
  if (!parsed.ok) return { url: "", host: "" };
  const { host, port, security } = parsed.value;
  const place = host.includes(":") ? `[${host}]` : host;
  return { url: `stratum+${security === "tls" ? "ssl" : "tcp"}://${place}:${port}`, host };
}

/** An address as clients know it; one that is none stays as it is. */
export function shownPoolUrl(url: string): string {
  const { url: shown } = addressOf(url);
  return shown === "" ? url : shown;
}
