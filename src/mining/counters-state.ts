import * as z from "zod/mini";
import { NONCE_VERDICTS, type NonceVerdict } from "../hal/chain-port.js";
import { asFirstVersion, type StateFormat } from "../lib/state-text.js";
import { DROP_REASONS, REJECT_REASONS } from "../pool/pool-client.js";
import type { PoolAccount } from "../pool/pool-settings.js";
import { noShares, zeroes, type ShareCounts } from "../pool/share-counts.js";

/** Finite and not negative; JSON holds nothing else. */
const Count = z.number().check(z.minimum(0));
/** A reason that this version does not know is kept; one that the file does not know is 0. */
const CountByName = z.record(z.string(), Count);

const Best = z.object({
  /** Real difficulty of the hash. */
  difficulty: Count,
  /** Wall clock, Unix milliseconds. */
  unixMs: z.number(),
});

const SHARES = {
  accepted: Count,
  rejected: Count,
  stale: Count,
  lost: Count,
  dropped: Count,
  acceptedDifficulty: Count,
  rejectedDifficulty: Count,
  staleDifficulty: Count,
  rejectReasons: CountByName,
  dropReasons: CountByName,
};

/** J drawn from the wall by what was known of the watts, and the seconds in which nobody knew them. */
const ENERGY = { measuredJ: Count, estimatedJ: Count, unknownS: Count };
const noEnergy = (): Energy => ({ measuredJ: 0, estimatedJ: 0, unknownS: 0 });

const StateText = z.object({
  savedUnixMs: z.number(),
  starts: Count,
  uptimeS: Count,
  hashingS: Count,
  nonces: CountByName,
  verifiedDifficulty: Count,
  shares: z.object(SHARES),
  // Older files have neither.
  energy: z._default(z.object(ENERGY), noEnergy),
  blocksFound: z._default(Count, 0),
  best: z.nullable(z.extend(Best, { url: z.string(), user: z.string() })),
  pools: z.array(
    z.object({ url: z.string(), user: z.string(), ...SHARES, best: z.nullable(Best) }),
  ),
});

/** The accepted share of the highest real difficulty. */
export interface BestShare {
  readonly difficulty: number;
  /** Wall clock, Unix milliseconds. */
  readonly unixMs: number;
}

export type Energy = Record<"measuredJ" | "estimatedJ" | "unknownS", number>;

export interface PoolCounters extends ShareCounts, PoolAccount {
  best: BestShare | null;
}

/** All that is counted for life. Plain JSON; what the counters file holds. */
export interface CountersState {
  readonly savedUnixMs: number;
  /** Times that the program was started. */
  readonly starts: number;
  readonly uptimeS: number;
  /** Time with at least one chain hashing. */
  readonly hashingS: number;
  /** Answers of chips by what they were worth; duplicates and hardware errors among them. */
  readonly nonces: Readonly<Record<NonceVerdict, number>>;
  /** Sum of the difficulties that verified nonces stand for. */
  readonly verifiedDifficulty: number;
  /** Of all pools there ever were. */
  readonly shares: ShareCounts;
  /** Drawn from the wall. */
  readonly energy: Readonly<Energy>;
  /** Shares that met the target of the network, whatever became of them. */
  readonly blocksFound: number;
  readonly best: (BestShare & PoolAccount) | null;
  /** By url and user; the one used last is the last. */
  readonly pools: readonly PoolCounters[];
}

export function noCounters(): CountersState {
  return {
    ...{ savedUnixMs: 0, starts: 0, uptimeS: 0, hashingS: 0, verifiedDifficulty: 0 },
    ...{ energy: noEnergy(), blocksFound: 0 },
    ...{ nonces: zeroes(NONCE_VERDICTS), shares: noShares(), best: null, pools: [] },
  };
}

export const COUNTERS_FORMAT: StateFormat<CountersState> = {
  migrations: [asFirstVersion],
  parse: (plain) => {
    const found = StateText.parse(plain);
    return {
      ...found,
      nonces: { ...zeroes(NONCE_VERDICTS), ...found.nonces },
      shares: filled(found.shares),
      pools: found.pools.map((pool) => ({ ...pool, ...filled(pool) })),
    };
  },
  plain: (counters) => counters,
};

function filled(found: Omit<ShareCounts, "rejectReasons" | "dropReasons"> & Reasons): ShareCounts {
  return {
    ...found,
    rejectReasons: { ...zeroes(REJECT_REASONS), ...found.rejectReasons },
    dropReasons: { ...zeroes(DROP_REASONS), ...found.dropReasons },
  };
}

interface Reasons {
  readonly rejectReasons: Readonly<Record<string, number>>;
  readonly dropReasons: Readonly<Record<string, number>>;
}
