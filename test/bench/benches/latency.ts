import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { projectRoot } from "../../../src/lib/project-root.js";
import type { Snapshot } from "../../../src/telemetry/snapshot.js";
import type { JobSentEvent } from "../../../src/virtual/pool/pool-events.js";
import { monotonicUs } from "../monotonic.js";
import { type PoolLine, prevhashesOf } from "../pool-lines.js";
import { cpuSharePct, stolenS, usageOf } from "../process-usage.js";
import { Rig, type VirtualChainCounts } from "../rig.js";
import { atMost, type Bench, type BenchOptions, type Limit, type Row } from "../rows.js";
import { maximum, percentile, sumOf } from "../statistics.js";
import { nonceKey, readTrace, type WireTrace } from "../wire-trace.js";

const CHAINS = [0, 1, 2] as const;
const CHIP = "BM1366";
/** 26,000 hashes of difficulty 1 a second: 400 nonces, of which 100 are shares. */
const TICKET_DIFFICULTY = 64;
const SHARE_DIFFICULTY = 256;
const CLEAN_JOB_INTERVAL_MS = 50;
const LATENCY_LIMIT = atMost(5);
/** Chips repeat a work after twice the job interval. */
const INTERVALS_PER_EPOCH = 2;

interface Plan {
  readonly stormS: number;
  readonly steadyS: number;
  readonly isStalled: boolean;
}

/** Job and share latencies over ptys. */
export const latency: Bench = {
  name: "latency",
  run: async (options) => {
    const plan = { stormS: options.isQuick ? 3 : 35, steadyS: options.isQuick ? 3 : 15 };
    return observe({ ...plan, isStalled: false }, options);
  },
};

/** The same while the controller's event loop hangs for 400 ms every 5 s. */
export const stall: Bench = {
  name: "stall",
  run: async (options) => {
    const plan = { stormS: options.isQuick ? 6 : 35, steadyS: options.isQuick ? 6 : 30 };
    return observe({ ...plan, isStalled: true }, options);
  },
};

/** Everything that was seen of one run, for whoever computes figures. */
interface Evidence {
  readonly stormBeginsUs: number;
  readonly stormEndsUs: number;
  readonly traces: readonly WireTrace[];
  readonly jobs: readonly JobSentEvent[];
  /** Submits as they came in. */
  readonly submits: readonly { readonly atUs: number; readonly key: string }[];
  /** Previous hash in header order by the pool's job id. */
  readonly prevhashes: ReadonlyMap<string, string>;
  /** Share of the storm in which a thread of the controller was ready and had no core, percent. */
  readonly coreWaitPct: number;
  /** Share of all cores' time in the storm that the hypervisor took, percent. */
  readonly stolenPct: number;
  /** After the chips fell silent. */
  readonly snapshot: Snapshot;
  readonly virtual: readonly VirtualChainCounts[];
}

async function observe(plan: Plan, { say }: BenchOptions): Promise<readonly Row[]> {
  const name = plan.isStalled ? "stall" : "latency";
  say(`${name}: three chains come up`);
  const transcript: string[] = [];
  const rig = await Rig.start({
    ticketDifficulty: TICKET_DIFFICULTY,
    hasTap: true,
    nodeArguments: plan.isStalled
      ? ["--import", join(projectRoot(), "test/bench/event-loop-stall.mjs")]
      : [],
    pool: {
      startDifficulty: SHARE_DIFFICULTY,
      jobIntervalS: 5,
      blockIntervalS: 0,
      transcript,
    },
  });
  try {
    const evidence = await record(rig, plan, transcript, (phase) => {
      say(`${name}: ${phase}`);
    });
    return rowsOf(name, plan, evidence);
  } finally {
    await rig.stop();
  }
}

async function record(
  rig: Rig,
  plan: Plan,
  transcript: readonly string[],
  say: (phase: string) => void,
): Promise<Evidence> {
  const jobs: JobSentEvent[] = [];
  const submits: { atUs: number; key: string }[] = [];
  rig.pool.onJobSent((job) => jobs.push(job));
  rig.pool.onSubmitLine(({ atMs, line }) => {
    submits.push({ atUs: atMs * 1000, key: keyOfSubmit(line) });
  });
  await rig.untilMining();
  await sleep(1000);
  say(`a new block every ${String(CLEAN_JOB_INTERVAL_MS)} ms`);
  const stormBeginsUs = monotonicUs();
  const stolenBeforeS = stolenS();
  const usageBefore = usageOf(rig.controllerPid);
  const storm = setInterval(() => {
    rig.pool.newBlock();
  }, CLEAN_JOB_INTERVAL_MS);
  await sleep(plan.stormS * 1000);
  clearInterval(storm);
  const stormEndsUs = monotonicUs();
  const usageAfter = usageOf(rig.controllerPid);
  const stolenCoreS = stolenS() - stolenBeforeS;
  say("a new job every 5 s");
  await sleep(plan.steadyS * 1000);
  const virtual = await rig.quieten();
  const snapshot = await rig.status();
  await rig.stopController();
  return {
    stormBeginsUs,
    stormEndsUs,
    traces: CHAINS.map((chain) => readTrace(rig.tapFolder, chain, CHIP)),
    jobs,
    submits,
    coreWaitPct: cpuSharePct(usageBefore, usageAfter, ({ waitNs }) => waitNs),
    stolenPct: (stolenCoreS / cpus().length / plan.stormS) * 100,
    prevhashes: prevhashesOf(transcript),
    snapshot,
    virtual,
  };
}

function keyOfSubmit(line: string): string {
  const { params } = JSON.parse(line) as PoolLine;
  return nonceKey(Number.parseInt(params[4] ?? "", 16), Number.parseInt(params[5] ?? "0", 16));
}

function rowsOf(name: string, plan: Plan, evidence: Evidence): readonly Row[] {
  const { snapshot, virtual } = evidence;
  const jobs = jobLatenciesMs(evidence);
  const shares = shareLatenciesMs(evidence);
  // A hanging event loop reads no pool; what must hold then is the work.
  const limit = plan.isStalled ? undefined : LATENCY_LIMIT;
  const intervalMs = maximum(snapshot.chains.map((chain) => chain.jobIntervalMs));
  const worstGapMs = maximum(snapshot.chains.map(({ counters }) => counters.worstWorkGapUs / 1000));
  const found = sumOf(virtual, (chain) => chain.nonces);
  const judged = sumOf(snapshot.chains, ({ counters }) =>
    sumOf(Object.values(counters.nonces), (count) => count),
  );
  const { dropReasons } = snapshot.pool;
  const outdated = dropReasons["stale-job"] + dropReasons["old-session"];
  const shareCount = sumOf(snapshot.chains, ({ counters }) => counters.nonces.share);
  return [
    ...latencyRows(`${name}.clean-job-to-work`, jobs, limit, "clean jobs, slowest of three chains"),
    ...latencyRows(`${name}.nonce-to-submit`, shares, limit, "shares"),
    {
      name: `${name}.core-wait`,
      figure: evidence.coreWaitPct,
      unit: "% of the time",
      note: "threads of the controller ready to run and without a core: not the program's fault",
    },
    {
      name: `${name}.stolen`,
      figure: evidence.stolenPct,
      unit: "% of the cores",
      note: "taken by the hypervisor: not the program's fault",
    },
    {
      name: `${name}.worst-work-gap`,
      figure: worstGapMs,
      unit: "ms",
      limit: atMost(INTERVALS_PER_EPOCH * intervalMs),
      note: `job interval ${intervalMs.toFixed(2)} ms; chips repeat a work after twice that`,
    },
    {
      name: `${name}.nonces-lost`,
      figure: found - judged,
      unit: "nonces",
      limit: atMost(0),
      note: `virtual chips sent ${String(found)}, chain threads judged ${String(judged)}`,
    },
    {
      name: `${name}.shares-lost`,
      figure: shareCount - evidence.submits.length - outdated,
      unit: "shares",
      limit: atMost(0),
      note:
        `${String(shareCount)} found, ${String(evidence.submits.length)} came to the pool, ` +
        `${String(outdated)} not sent because a newer block was known`,
    },
    {
      name: `${name}.own-fault-rejects`,
      figure: snapshot.pool.rejected,
      unit: "shares",
      limit: atMost(0),
      note: `accepted ${String(snapshot.pool.accepted)}, stale ${String(snapshot.pool.stale)}`,
    },
  ];
}

function latencyRows(
  name: string,
  samplesMs: readonly number[],
  limit: Limit | undefined,
  of: string,
): readonly Row[] {
  const note = `${String(samplesMs.length)} ${of}`;
  return [
    { name: `${name}.p50`, figure: percentile(samplesMs, 50), unit: "ms", note },
    {
      name: `${name}.p99`,
      figure: percentile(samplesMs, 99),
      unit: "ms",
      ...(limit && { limit }),
      note: `${note}, worst ${maximum(samplesMs).toFixed(2)} ms`,
    },
  ];
}

/**
 * For each clean job of the storm: from the pool's write until the last chain has begun to send its work, or that of
 * a newer job that overtook it.
 */
function jobLatenciesMs(evidence: Evidence): number[] {
  const { jobs, prevhashes, traces, stormBeginsUs, stormEndsUs } = evidence;
  const cleanJobs = jobs
    .filter(({ clean }) => clean)
    .map(({ atMs, jobId }) => ({ sentUs: atMs * 1000, prevhash: prevhashes.get(jobId) ?? "" }));
  const workedUs = traces.map(({ works }) => {
    const firstUs = new Map<string, number>();
    for (const { atUs, prevhash } of works) if (!firstUs.has(prevhash)) firstUs.set(prevhash, atUs);
    return firstOrLaterUs(cleanJobs.map(({ prevhash }) => firstUs.get(prevhash) ?? Infinity));
  });
  return cleanJobs.flatMap(({ sentUs }, index) => {
    if (sentUs < stormBeginsUs || sentUs > stormEndsUs) return [];
    return [(maximum(workedUs.map((times) => times[index] ?? Infinity)) - sentUs) / 1000];
  });
}

/** For each place the smallest time there or at a later place. */
function firstOrLaterUs(times: readonly number[]): readonly number[] {
  return times.reduceRight<number[]>(
    (later, time) => [Math.min(time, later[0] ?? Infinity), ...later],
    [],
  );
}

/** From the read that completed a nonce until its submit has come to the pool. */
function shareLatenciesMs({ submits, traces, stormBeginsUs }: Evidence): number[] {
  const readUs = new Map<string, number>();
  for (const { nonces } of traces)
    for (const { atUs, key } of nonces) if (!readUs.has(key)) readUs.set(key, atUs);
  return submits
    .filter(({ atUs }) => atUs >= stormBeginsUs)
    .map(({ atUs, key }) => (atUs - (readUs.get(key) ?? NaN)) / 1000)
    .filter((ms) => Number.isFinite(ms));
}
