import { targetToLe } from "../bitcoin/target.js";
import type { JobTemplate } from "../hal/chain-port.js";
import type { PoolJob } from "../pool/pool-client.js";

/** A pool's job as the chain thread takes it. `urgent`: its work goes out at once. */
export function jobTemplate(job: PoolJob, urgent: boolean): JobTemplate {
  return {
    jobKey: job.key,
    poolKey: job.poolKey,
    sessionKey: job.sessionKey,
    version: job.version,
    versionMask: job.versionMask,
    prevhash: job.prevhash,
    nbits: job.nbits,
    ntime: job.ntime,
    coinbasePrefix: job.coinbasePrefix,
    extranonce2Size: job.extranonce2Size,
    coinbaseSuffix: job.coinbaseSuffix,
    merkleBranches: job.merkleBranches,
    shareTargetLe: targetToLe(job.target),
    clean: job.clean,
    urgent,
  };
}
