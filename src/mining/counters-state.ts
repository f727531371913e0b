import * as z from "zod/mini";
import { NONCE_VERDICTS, type NonceVerdict } from "../hal/chain-port.js";
import {
  DROP_REASONS,
  REJECT_REASONS,
  type DropReason,
  type RejectReason,
} from "../pool/pool-client.js";

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

const StateText = z.object({
  version: z.literal(1),
  savedUnixMs: z.number(),
  starts: Count,
  uptimeS: Count,
  hashingS: Count,
  nonces: CountByName,
  verifiedDifficulty: Count,
  shares: z.object(SHARES),
  best: z.nullable(z.extend(Best, { url: z.string(), user: z.string() })),
  pools: z.array(
    z.object({ url: z.string(), user: z.string(), ...SHARES, best: z.nullable(Best) }),
  ),
});

/** What became of shares. Difficulties are those of the jobs, as a pool credits them. */
export interface ShareCounters {
  accepted: number;
  /** Refused for another reason than being stale. */
  rejected: number;
  stale: number;
  /** Sent, and never answered. */
  lost: number;
  /** Not sent. */
  dropped: number;
  acceptedDifficulty: number;
  rejectedDifficulty: number;
  staleDifficulty: number;
  readonly rejectReasons: Record<RejectReason, number>;
  readonly dropReasons: Record<DropReason, number>;
}

/** The accepted share of the highest real difficulty. */
export interface BestShare {
  readonly difficulty: number;
  /** Wall clock, Unix milliseconds. */
  readonly unixMs: number;
}

export interface PoolCounters extends ShareCounters {
  readonly url: string;
  readonly user: string;
  best: BestShare | null;
}

/** All that is counted for life. Plain JSON; the text of the counters file. */
export interface CountersState {
  readonly version: 1;
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
  readonly shares: ShareCounters;
  readonly best: (BestShare & { readonly url: string; readonly user: string }) | null;
  /** By url and user; the one used last is the last. */
  readonly pools: readonly PoolCounters[];
}

export function noShares(): ShareCounters {
  return {
    ...{ accepted: 0, rejected: 0, stale: 0, lost: 0, dropped: 0 },
    ...{ acceptedDifficulty: 0, rejectedDifficulty: 0, staleDifficulty: 0 },
    ...{ rejectReasons: zeroes(REJECT_REASONS), dropReasons: zeroes(DROP_REASONS) },
  };
}

export function noCounters(): CountersState {
  return {
    ...{ version: 1, savedUnixMs: 0, starts: 0, uptimeS: 0, hashingS: 0, verifiedDifficulty: 0 },
    ...{ nonces: zeroes(NONCE_VERDICTS), shares: noShares(), best: null, pools: [] },
  };
}

/** The state that the text of a counters file holds. Throws when it holds none. */
export function parseCounters(text: string): CountersState {
  const found = StateText.parse(JSON.parse(text));
  return {
    ...found,
    nonces: { ...zeroes(NONCE_VERDICTS), ...found.nonces },
    shares: filled(found.shares),
    pools: found.pools.map((pool) => ({ ...pool, ...filled(pool) })),
  };
}

function filled(
  found: Omit<ShareCounters, "rejectReasons" | "dropReasons"> & Reasons,
): ShareCounters {
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

function zeroes<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
