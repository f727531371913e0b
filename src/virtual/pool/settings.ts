import { randomBytes } from "node:crypto";
import { parseHex } from "../../lib/bytes.js";
import { systemClock, type Clock } from "../../lib/clock.js";
import type { PoolTls } from "./pool-listener.js";
import type { ResumePolicy } from "./resume-memory.js";
import { SeededRandom } from "./seeded-random.js";
import { shareTarget } from "./share-target.js";
import type { VardiffOptions } from "./vardiff.js";
import type { Witness } from "./witness.js";

/** How a test pool behaves. Only `difficulty1Target` has no default. */
export interface TestPoolOptions {
  /** The target of difficulty 1, which is what makes a network (src/bitcoin/network.ts). */
  readonly difficulty1Target: bigint;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Difficulty of the first job of a connection. Default 1. */
  readonly startDifficulty?: number;
  /** Absent: the difficulty is fixed and suggestions are ignored. */
  readonly vardiff?: VardiffOptions;
  /** Seconds between new jobs on the same block; 0 for never. Default 30. */
  readonly jobIntervalS?: number;
  /** Seconds between new blocks; 0 for never. Default 600. */
  readonly blockIntervalS?: number;
  /** Sends a second, not clean job that long after each block, as ckpool does. Default: none. */
  readonly followUpJobMs?: number;
  /** Whether jobs come before the authorize answer (ckpool, the default) or only after it. */
  readonly sendsJobsAfter?: "subscribe" | "authorize";
  /** Bytes, 1 to 16. Default 4, or the size of `firstExtranonce1`. */
  readonly extranonce1Size?: number;
  /** Extranonce1 of the first connection, hex; later ones count up from it. Default: by `seed`. */
  readonly firstExtranonce1?: string;
  /** Bytes, 0 to 16. Default: 4 to 8 by `seed`. */
  readonly extranonce2Size?: number;
  /** Mask that every configure gets, whatever it asked for; null refuses. Default 1fffe000. */
  readonly versionMask?: number | null;
  /** Merkle branches of a job. Default "random": 0 to 14. */
  readonly merkleBranches?: number | "random";
  /** Outputs of the coinbase that pay somebody, 1 to 1000. Default "random": 1 to 3. */
  readonly payouts?: number | "random";
  /** Compact network target of the jobs. Default 17023a04. */
  readonly nbits?: number;
  /** Names that authorize; absent: every name that is not empty. */
  readonly users?: readonly string[];
  /** Blocks by which the pool is behind all other test pools. Default 0. */
  readonly lagBlocks?: number;
  /** What happens when a miner wants to resume its session. Default "ignored". */
  readonly resume?: ResumePolicy;
  /** Absent: plain TCP. */
  readonly tls?: PoolTls;
  /** Absent: nobody but the counters remembers shares. */
  readonly witness?: Witness;
  /** Fixes the content of the jobs. Default: random, see `TestPool.seed`. */
  readonly seed?: string;
  readonly clock?: Clock;
  /**
   * Records each line as `SECONDS > JSON` (miner to pool) or `SECONDS < JSON`, seconds since the
   * start of the pool. An array gets the lines of all connections. A file name gets those of the
   * first connection, and with `.2`, `.3`, ... appended those of the later ones.
   */
  readonly transcript?: string | string[];
}

/** The options with their defaults, as the parts of the pool use them. */
export interface Settings {
  readonly difficulty1Target: bigint;
  readonly host: string;
  readonly port: number;
  readonly startDifficulty: number;
  readonly vardiff: VardiffOptions | undefined;
  readonly jobIntervalS: number;
  readonly blockIntervalS: number;
  readonly followUpJobMs: number | undefined;
  readonly sendsJobsAfter: "subscribe" | "authorize";
  readonly firstExtranonce1: Uint8Array;
  readonly extranonce2Size: number;
  readonly versionMask: number | undefined;
  readonly merkleBranches: number | "random";
  readonly payouts: number | "random";
  readonly nbits: number;
  readonly users: readonly string[] | undefined;
  readonly lagBlocks: number;
  readonly resume: ResumePolicy;
  readonly tls: PoolTls | undefined;
  readonly witness: Witness | undefined;
  readonly seed: string;
  /** The stream of `seed` from which the job content comes. */
  readonly random: SeededRandom;
  readonly clock: Clock;
  readonly transcript: string | string[] | undefined;
}

// Captured from ckpool and public-pool.
const DEFAULT_VERSION_MASK = 0x1fffe000;

// Captured on the main network in 2025.
const DEFAULT_NBITS = 0x17023a04;

/** Fills in the defaults. Throws `RangeError` for values the pool cannot work with. */
export function settingsOf(options: TestPoolOptions): Settings {
  const seed = options.seed ?? randomBytes(8).toString("hex");
  const random = new SeededRandom(seed);
  const {
    versionMask = DEFAULT_VERSION_MASK,
    merkleBranches = "random",
    payouts = "random",
  } = options;
  if (merkleBranches !== "random") checkRange("merkleBranches", merkleBranches, 0, 32);
  if (payouts !== "random") checkRange("payouts", payouts, 1, 1000);
  const { startDifficulty = 1, vardiff, difficulty1Target } = options;
  for (const difficulty of [startDifficulty, vardiff?.min, vardiff?.max])
    if (difficulty !== undefined) shareTarget(difficulty, difficulty1Target);
  if (vardiff !== undefined) checkVardiff(vardiff);
  return {
    difficulty1Target,
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 0,
    startDifficulty,
    vardiff,
    jobIntervalS: options.jobIntervalS ?? 30,
    blockIntervalS: options.blockIntervalS ?? 600,
    followUpJobMs: options.followUpJobMs,
    sendsJobsAfter: options.sendsJobsAfter ?? "subscribe",
    firstExtranonce1: firstExtranonce1(options, random),
    extranonce2Size: checkRange(
      "extranonce2Size",
      options.extranonce2Size ?? random.integer(4, 8),
      0,
      16,
    ),
    versionMask: versionMask ?? undefined,
    merkleBranches,
    payouts,
    nbits: options.nbits ?? DEFAULT_NBITS,
    users: options.users,
    lagBlocks: checkRange("lagBlocks", options.lagBlocks ?? 0, 0, 1000),
    resume: options.resume ?? "ignored",
    tls: options.tls,
    witness: options.witness,
    seed,
    random,
    clock: options.clock ?? systemClock,
    transcript: options.transcript,
  };
}

function firstExtranonce1(options: TestPoolOptions, random: SeededRandom): Uint8Array {
  const size = checkRange("extranonce1Size", options.extranonce1Size ?? 4, 1, 16);
  if (options.firstExtranonce1 === undefined) return random.bytes(size);
  const given = parseHex(options.firstExtranonce1);
  if (given === undefined) throw new RangeError("firstExtranonce1 must be hex");
  checkRange("size of firstExtranonce1", given.length, 1, 16);
  return given;
}

function checkVardiff({ sharesPerMinute, retargetIntervalS, min, max }: VardiffOptions): void {
  if (!(sharesPerMinute > 0 && retargetIntervalS > 0 && min <= max))
    throw new RangeError("vardiff must have a rate and an interval above 0, and min up to max");
}

function checkRange(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new RangeError(`${name} must be an integer of ${String(min)} to ${String(max)}`);
  return value;
}
