import type { Clock } from "../../lib/clock.js";
import type { Rival } from "./doubts.js";
import type { PoolMember } from "./pool-member.js";

// Decided: pools so far apart work on different chains, and comparing them says nothing.
const MAX_LEAD_BLOCKS = 100;

/** Notes for how long another pool of a group has shown a higher block than the active one. */
export class RivalWatch {
  readonly #clock: Clock;
  #ahead: { readonly of: PoolMember; readonly sinceMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The best height of the other ready pools when it is above that of `active`. */
  look(active: PoolMember, members: readonly PoolMember[]): Rival | undefined {
    const own = active.client.health().blockHeight;
    const best = own === undefined ? undefined : bestHeight(own, active, members);
    if (best === undefined) {
      this.#ahead = undefined;
      return undefined;
    }
    const nowMs = this.#clock.nowMs();
    if (this.#ahead?.of !== active) this.#ahead = { of: active, sinceMs: nowMs };
    return { blockHeight: best, aheadMs: nowMs - this.#ahead.sinceMs };
  }
}

function bestHeight(
  own: number,
  active: PoolMember,
  members: readonly PoolMember[],
): number | undefined {
  let best: number | undefined;
  for (const member of members) {
    if (member === active || !member.isRunning) continue;
    const health = member.client.health();
    const { blockHeight } = health;
    if (blockHeight === undefined || !member.isReady(health)) continue;
    if (blockHeight > (best ?? own) && blockHeight - own <= MAX_LEAD_BLOCKS) best = blockHeight;
  }
  return best;
}
