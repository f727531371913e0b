import type { ChainSnapshot, PoolStatus, Snapshot } from "../telemetry/snapshot.js";

/** Something that happened between two looks at the controller. */
export interface WatchEvent {
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly text: string;
  readonly isTrouble: boolean;
}

const MAX_EVENTS = 200;

/** What the last looks at the controller have shown. */
export class WatchHistory {
  readonly #events: WatchEvent[] = [];
  #snapshot: Snapshot | undefined;
  #lostAtMs: number | undefined;

  /** The newest one, also when the controller does not answer any more. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Since when the controller does not answer; undefined when it does. */
  get lostAtMs(): number | undefined {
    return this.#lostAtMs;
  }

  /** Newest first. */
  get events(): readonly WatchEvent[] {
    return this.#events;
  }

  add(snapshot: Snapshot, atMs: number): void {
    const before = this.#snapshot;
    const wasLost = this.#lostAtMs !== undefined;
    this.#snapshot = snapshot;
    this.#lostAtMs = undefined;
    if (wasLost) this.#note(atMs, "the controller answers", false);
    if (before === undefined) return;
    if (before.process.pid !== snapshot.process.pid) {
      this.#note(atMs, `the controller was started anew, ${snapshot.version}`, true);
      return;
    }
    this.#compareMachine(before, snapshot, atMs);
    const pools = new Map(poolsOf(before).map((pool) => [pool.name, pool]));
    for (const pool of poolsOf(snapshot)) this.#comparePool(pools.get(pool.name), pool, atMs);
    for (const chain of snapshot.chains) {
      const old = before.chains.find(({ slot }) => slot === chain.slot);
      if (old !== undefined) this.#compareChain(old, chain, atMs);
    }
  }

  /** The controller did not answer. */
  addSilence(atMs: number): void {
    if (this.#lostAtMs !== undefined) return;
    this.#lostAtMs = atMs;
    this.#note(atMs, "the controller does not answer", true);
  }

  #compareMachine(old: Snapshot, { state, boards }: Snapshot, atMs: number): void {
    if (old.state.is !== state.is) {
      const code = state.error === null ? "" : ` (${state.error.code})`;
      this.#note(atMs, `machine: ${state.is}${code}`, state.is === "fault");
    }
    for (const board of boards) {
      const before = old.boards.find(({ slot }) => slot === board.slot);
      if (before === undefined || before.verdict === board.verdict) continue;
      const code = board.error === null ? "" : ` (${board.error.code})`;
      this.#note(
        atMs,
        `board ${board.slot}: ${board.verdict}${code}`,
        board.verdict === "isolated",
      );
    }
  }

  #comparePool(old: PoolStatus | undefined, pool: PoolStatus, atMs: number): void {
    if (old === undefined) {
      this.#note(atMs, `${pool.name}: new pool`, false);
      return;
    }
    const shares: (readonly [string, number, boolean])[] = [
      ["accepted", pool.accepted - old.accepted, false],
      ["rejected", pool.rejected - old.rejected, true],
      ["stale", pool.stale - old.stale, false],
      ["lost", pool.lost - old.lost, true],
    ];
    for (const [what, count, isTrouble] of shares) {
      if (count <= 0) continue;
      const many = count === 1 ? "share" : `${count} shares`;
      this.#note(atMs, `${pool.name}: ${many} ${what}${rejectText(old, pool, what)}`, isTrouble);
    }
    if (old.role !== pool.role)
      this.#note(atMs, `${pool.name}: ${pool.role}, was ${old.role}`, pool.role !== "active");
    if (old.state !== pool.state) {
      const code = pool.lastError === null ? "" : ` (${pool.lastError.code})`;
      this.#note(atMs, `${pool.name}: ${pool.state}${code}`, pool.state === "waiting");
    }
    if (old.difficulty !== pool.difficulty)
      this.#note(atMs, `${pool.name}: difficulty ${pool.difficulty}`, false);
  }

  #compareChain(old: ChainSnapshot, chain: ChainSnapshot, atMs: number): void {
    if (old.state === chain.state) return;
    const code = chain.error === null ? "" : ` (${chain.error.code})`;
    this.#note(atMs, `chain ${chain.slot}: ${chain.state}${code}`, chain.state === "faulted");
  }

  #note(atMs: number, text: string, isTrouble: boolean): void {
    this.#events.unshift({ atMs, text, isTrouble });
    this.#events.length = Math.min(this.#events.length, MAX_EVENTS);
  }
}

/** All pools, in the order of the configuration. */
export function poolsOf({ poolGroups }: Snapshot): readonly PoolStatus[] {
  return poolGroups.flatMap(({ pools }) => pools);
}

function rejectText(old: PoolStatus, pool: PoolStatus, what: string): string {
  if (what !== "rejected") return "";
  const reasons = Object.entries(pool.rejectReasons)
    .filter(
      ([reason, count]) =>
        count > (Object.entries(old.rejectReasons).find(([name]) => name === reason)?.[1] ?? 0),
    )
    .map(([reason]) => reason)
    .filter((reason) => reason !== "stale");
  return reasons.length === 0 ? "" : `: ${reasons.join(", ")}`;
}
