import { deepEqual, equal, ok } from "node:assert/strict";
import type { ChainSnapshot, Snapshot } from "../../src/telemetry/snapshot.js";
import type { Rig } from "./rig.js";
import { measureFor } from "./until.js";

const HASHES_PER_DIFFICULTY = 2 ** 32;

/** What the chip answers of a chain became, since an earlier snapshot or the start. */
export interface Counted {
  readonly valid: number;
  readonly hwErrors: number;
  readonly duplicates: number;
  readonly crcErrors: number;
  readonly garbageBytes: number;
}

export function counted(now: ChainSnapshot, before?: ChainSnapshot): Counted {
  const sum = (pick: (counters: ChainSnapshot["counters"]) => number): number =>
    pick(now.counters) - (before === undefined ? 0 : pick(before.counters));
  return {
    valid: sum(({ nonces }) => nonces.share + nonces.belowTarget + nonces.stale),
    hwErrors: sum(({ nonces }) => nonces.hardwareError + nonces.unknownWork),
    duplicates: sum(({ nonces }) => nonces.duplicate),
    crcErrors: sum(({ crcErrors }) => crcErrors),
    garbageBytes: sum(({ garbageBytes }) => garbageBytes),
  };
}

/** Measures the hash rate of all chains over `seconds`, from verified nonces, as a share of the nominal one. */
export async function measureRate(rig: Rig, seconds: number): Promise<number> {
  const before = await running(rig);
  await measureFor(seconds);
  const after = await running(rig);
  const tookS = after.process.uptimeS - before.process.uptimeS;
  const difficulty = after.chains.reduce(
    (total, chain, index) =>
      total + counted(chain, before.chains[index]).valid * chain.ticketDifficulty,
    0,
  );
  return (difficulty * HASHES_PER_DIFFICULTY) / 1e12 / tookS / after.nominalThs;
}

async function running(rig: Rig): Promise<Snapshot> {
  return rig.until("the controller answers", () => true);
}

/** Shares that a pool refused and that are our fault: all but those of a block that was just over. */
export function assertNoOwnFault(rig: Rig): void {
  const { rejected, rejectedByReason, protocolErrors } = rig.pool.stats();
  equal(rejected, 0, JSON.stringify(rejectedByReason));
  equal(protocolErrors, 0);
}

/** Waits until every share that was found has been answered, and checks that none was lost on the way. */
export async function assertNoShareLost(rig: Rig): Promise<void> {
  // Hardly any more shares: the last ones get their answers.
  rig.pool.setDifficulty(2 ** 40);
  await rig.until("every share found is answered", ({ chains, pool }) => {
    const found = chains.reduce((sum, { counters }) => sum + counters.nonces.share, 0);
    const { accepted, stale } = rig.pool.stats();
    const dropped = pool.dropReasons["stale-job"];
    return pool.pending === 0 && accepted === pool.accepted && found === accepted + stale + dropped;
  });
  const { chains, pool } = await running(rig);
  deepEqual(
    chains.map(({ counters }) => counters.recordsDropped),
    chains.map(() => 0),
  );
  equal(pool.lost, 0);
  equal(pool.dropped, pool.dropReasons["stale-job"]);
}

/** Checks that no chain was longer without new work than half an interval too long. */
export function assertNoGap({ chains }: Snapshot): void {
  for (const { slot, counters, jobIntervalMs } of chains) {
    ok(counters.worstWorkGapUs > 0, `chain ${slot} got no second work`);
    ok(
      counters.worstWorkGapUs < 1.5 * jobIntervalMs * 1000,
      `chain ${slot}: ${counters.worstWorkGapUs} us without new work`,
    );
    equal(counters.workStarved, 0);
  }
}
