import { setTimeout as sleep } from "node:timers/promises";
import type { TestPool } from "../../../src/virtual/pool/test-pool.js";
import { monotonicUs } from "../monotonic.js";
import { prevhashesOf } from "../pool-lines.js";
import { Rig } from "../rig.js";
import { atMost, type Bench, type BenchOptions, type Row } from "../rows.js";
import { maximum, percentile } from "../statistics.js";
import { readTrace, type WireTrace } from "../wire-trace.js";

const CHAINS = [0, 1, 2] as const;
const CHIP = "BM1366";
const TICKET_DIFFICULTY = 64;
const SHARE_DIFFICULTY = 256;
const ROUNDS = 4;
const POLL_MS = 50;
/** Longer than the longest wait for a return. */
const PATIENCE_MS = 150_000;
/** Short, as several returns are to be seen; each next one takes twice as long. */
const HEALTHY_S = 2;
/** By then every chain, each at its next job interval, works for the first pool again. */
const SETTLE_MS = 4000;
/** The design's limit from a clean job's line to its work on every chain. */
const JOB_LIMIT_MS = 5;
/** Chips repeat a work after twice the job interval. */
const INTERVALS_PER_EPOCH = 2;

/** One loss of the first pool and the return to it. */
interface Round {
  readonly lostUs: number;
  /** The second pool's first job line since then. */
  readonly jobUs: number;
  readonly restartedUs: number;
}

/** What a change of pools costs: time without good work on the wires. */
export const poolSwitch: Bench = {
  name: "switch",
  run: async ({ isQuick, say }: BenchOptions) => {
    say("switch: three chains come up");
    const transcripts = { primary: [] as string[], backup: [] as string[] };
    const pool = { startDifficulty: SHARE_DIFFICULTY, jobIntervalS: 5, blockIntervalS: 0 };
    const rig = await Rig.start({
      ticketDifficulty: TICKET_DIFFICULTY,
      hasTap: true,
      pool: { ...pool, transcript: transcripts.primary },
      // Another block, so that the wires tell whose work it is.
      backup: { ...pool, transcript: transcripts.backup, lagBlocks: 1000 },
      config: { failover: { healthyS: HEALTHY_S } },
    });
    try {
      const { chains } = await rig.untilMining();
      await untilShares(rig.pool);
      const rounds: Round[] = [];
      for (let round = 1; round <= (isQuick ? 1 : ROUNDS); round++) {
        say(`switch: the first pool goes away, time ${String(round)}`);
        rounds.push(await loseAndReturn(rig));
      }
      await rig.stopController();
      const traces = CHAINS.map((chain) => readTrace(rig.tapFolder, chain, CHIP));
      const ofBackup = new Set(prevhashesOf(transcripts.backup).values());
      const intervalMs = maximum(chains.map(({ jobIntervalMs }) => jobIntervalMs));
      return rowsOf(rounds, traces, (prevhash) => ofBackup.has(prevhash), intervalMs);
    } finally {
      await rig.stop();
    }
  },
};

async function loseAndReturn(rig: Rig): Promise<Round> {
  const { backup } = rig;
  if (backup === undefined) throw new Error("the rig has no second pool");
  let jobUs = Infinity;
  const unhook = backup.onJobSent(({ atMs }) => (jobUs = Math.min(jobUs, atMs * 1000)));
  const lostUs = monotonicUs();
  await rig.pool.stop();
  await untilShares(backup);
  unhook();
  const restartedUs = monotonicUs();
  await untilShares(await rig.restartPool());
  await sleep(SETTLE_MS);
  return { lostUs, jobUs, restartedUs };
}

/** Resolves with the first share that the pool accepts from now on. */
async function untilShares(pool: TestPool): Promise<void> {
  const before = pool.stats().accepted;
  for (const endMs = performance.now() + PATIENCE_MS; performance.now() < endMs;) {
    if (pool.stats().accepted > before) return;
    await sleep(POLL_MS);
  }
  throw new Error("a pool gets no shares");
}

function rowsOf(
  rounds: readonly Round[],
  traces: readonly WireTrace[],
  isBackups: (prevhash: string) => boolean,
  intervalMs: number,
): readonly Row[] {
  /** When the last chain began with work of one of the pools. */
  const allSinceUs = (fromUs: number, ofBackup: boolean): number =>
    maximum(
      traces.map(({ works }) => {
        const first = works.find(
          ({ atUs, prevhash }) => atUs >= fromUs && isBackups(prevhash) === ofBackup,
        );
        return first?.atUs ?? Infinity;
      }),
    );
  const lost = rounds.map(({ lostUs }) => (allSinceUs(lostUs, true) - lostUs) / 1000);
  const own = rounds.map(
    ({ lostUs, jobUs }) => (allSinceUs(lostUs, true) - Math.max(jobUs, lostUs)) / 1000,
  );
  const gaps = rounds.map(({ restartedUs }) => worstGapMs(traces, restartedUs, isBackups));
  const note = `${String(rounds.length)} losses of the first pool, slowest of three chains`;
  return [
    { name: "switch.loss-to-work.p50", figure: percentile(lost, 50), unit: "ms", note },
    { name: "switch.loss-to-work.worst", figure: maximum(lost), unit: "ms", note },
    {
      name: "switch.job-to-work.worst",
      figure: maximum(own),
      unit: "ms",
      limit: atMost(JOB_LIMIT_MS),
      note: "from the next pool's first job line: what we add to its opening",
    },
    {
      name: "switch.return-gap.worst",
      figure: maximum(gaps),
      unit: "ms",
      limit: atMost(INTERVALS_PER_EPOCH * intervalMs),
      note: `between the last work of one pool and the first of the other; job interval ${intervalMs.toFixed(0)} ms`,
    },
  ];
}

/** Where work of the second pool is followed by work of the first: the longest time between two works. */
function worstGapMs(
  traces: readonly WireTrace[],
  fromUs: number,
  isBackups: (prevhash: string) => boolean,
): number {
  return maximum(
    traces.map(({ works }) => {
      const index = works.findIndex(({ atUs, prevhash }) => atUs >= fromUs && !isBackups(prevhash));
      const [before, after] = [works[index - 1], works[index]];
      return before && after ? (after.atUs - before.atUs) / 1000 : Infinity;
    }),
  );
}
