import { FULL_VERSION_MASK } from "../asic/registers.js";
import type { Clock } from "../lib/clock.js";
import type { MinerError } from "../lib/errors.js";
import type { Logger } from "../lib/logger.js";
import type { PoolState } from "../pool/pool-client.js";
import type { PoolSet } from "../pool/pools/pool-set.js";

/** Decided: a pool that is away for weeks is asked every 10 s; once an hour its trouble is worth a line. */
const REPEAT_MS = 3_600_000;

interface Trouble {
  readonly text: string;
  readonly toldMs: number;
}

/** What becomes of the pools, in the log. */
export class PoolLog {
  readonly #pools: Pick<PoolSet, "settingsOf">;
  readonly #log: Logger;
  readonly #clock: Clock;
  /** By pool: what was told last and still holds. */
  readonly #troubles = new Map<string, Trouble>();
  /** By pool: the mask that was logged last. */
  readonly #toldMasks = new Map<string, number>();

  constructor(pools: Pick<PoolSet, "on" | "settingsOf">, log: Logger, clock: Clock) {
    this.#pools = pools;
    this.#log = log;
    this.#clock = clock;
    pools.on("state", (pool, state, error) => {
      this.#tellState(pool, state, error);
    });
    pools.on("notice", (pool, { kind, text }) => {
      if (kind === "warning") log.warn({ pool, text }, "pool notice");
      else log.info({ pool, kind, text }, "pool notice");
    });
    pools.on("switched", ({ group, from, to, reason, error }) => {
      const facts = { group, from, to, reason, code: error?.code, ...error?.context };
      const message = to === undefined ? "no pool has the hash power" : "hash power goes to a pool";
      if (error === undefined) log.info(facts, message);
      else log.warn(facts, message);
    });
    pools.on("shareOutcome", (pool, { jobKey }, outcome) => {
      const facts = { pool, jobKey, ...outcome };
      // What ends with a session or a block comes by the hundred; the counters have it.
      if (outcome.result === "rejected") log.warn(facts, "share refused");
      else if (outcome.result !== "accepted") log.debug(facts, "share not credited");
    });
    pools.on("job", (_group, { poolKey, versionMask }) => {
      this.#tellOfRolling(poolKey, versionMask);
    });
  }

  #tellState(pool: string, state: PoolState, error: MinerError | undefined): void {
    if (state === "ready") this.#troubles.delete(pool);
    const facts = { pool, state, code: error?.code, ...error?.context };
    if (error === undefined) this.#log.info(facts, "pool");
    else if (state !== "waiting" || this.#isTold(pool, error)) this.#log.debug(facts, "pool");
    else this.#log.warn(facts, "pool");
  }

  /** Attempt after attempt fails in the same way; once it is told that is known. */
  #isTold(pool: string, { code, context }: MinerError): boolean {
    const text = JSON.stringify([code, context["reason"], context["poolText"], context["what"]]);
    const known = this.#troubles.get(pool);
    const nowMs = this.#clock.nowMs();
    if (known?.text === text && nowMs - known.toldMs < REPEAT_MS) return true;
    this.#troubles.set(pool, { text, toldMs: nowMs });
    return false;
  }

  /** Chips hash different versions of one work side by side; with few of them a part of each chip idles. */
  #tellOfRolling(poolKey: number, versionMask: number): void {
    const pool = this.#pools.settingsOf(poolKey)?.name ?? "";
    if (this.#toldMasks.get(pool) === versionMask) return;
    this.#toldMasks.set(pool, versionMask);
    const facts = { pool, versionMask: `0x${versionMask.toString(16).padStart(8, "0")}` };
    if (versionMask === FULL_VERSION_MASK) this.#log.info(facts, "version bits to roll");
    else this.#log.warn(facts, "few version bits to roll: chips may hash slower");
  }
}
