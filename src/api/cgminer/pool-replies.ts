import { percent, round, row, type Row } from "./fields.js";
import type { MinerPicture } from "./picture.js";
import type { PoolPicture } from "./pool-picture.js";
import { failure, success, type Reply } from "./reply.js";

export function pools({ pools: all }: MinerPicture): Reply {
  if (all.length === 0) return failure(8, "No pools");
  return success(7, `${all.length} Pool(s)`, "POOLS", all.map(poolRow));
}

function poolRow(pool: PoolPicture): Row {
  const { difficultyAccepted, difficultyRejected, difficultyStale, isActive } = pool;
  const all = difficultyAccepted + difficultyRejected + difficultyStale;
  const difficulty = round(pool.difficulty, 8);
  return row({
    POOL: pool.index,
    URL: pool.url,
    Status: pool.status,
    Priority: pool.priority,
    Quota: pool.quota,
    "Long Poll": "N",
    Getworks: pool.getworks,
    Accepted: pool.accepted,
    Rejected: pool.rejected,
    Works: 0,
    Discarded: pool.discarded,
    Stale: pool.stale,
    "Get Failures": pool.getFailures,
    "Remote Failures": pool.remoteFailures,
    User: pool.user,
    "Last Share Time": pool.lastShareUnixS,
    "Diff1 Shares": 0,
    "Proxy Type": "",
    Proxy: "",
    "Difficulty Accepted": round(difficultyAccepted, 8),
    "Difficulty Rejected": round(difficultyRejected, 8),
    "Difficulty Stale": round(difficultyStale, 8),
    "Last Share Difficulty": round(pool.lastShareDifficulty, 8),
    "Work Difficulty": difficulty,
    "Has Stratum": true,
    "Stratum Active": isActive,
    "Stratum URL": isActive ? pool.host : "",
    "Stratum Difficulty": difficulty,
    "Has Vmask": pool.hasVmask,
    "Has GBT": false,
    "Best Share": pool.bestShare,
    "Pool Rejected%": percent(difficultyRejected, all),
    "Pool Stale%": percent(difficultyStale, all),
    "Current Block Height": pool.blockHeight,
  });
}
