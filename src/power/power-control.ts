import type { Clock } from "../lib/clock.js";
import type { Finding } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";
import { firstLimit, nextLimit, type PowerLook, type PowerMemory } from "./power-limit.js";
import type { Reading } from "./rail-snapshot.js";

const PERIOD_MS = 1000;
/** Watts of longer ago are not those of now. Inferred: three rounds of the slowest supply. */
const MOST_AGE_S = 20;

const NOTHING: Reading<number> = { value: null, ageS: null, evidence: "none" };

/** What is seen of the machine; must not block. */
export interface PowerSight extends Pick<PowerLook, "settledMHz" | "orderedMHz" | "leastMHz"> {
  readonly powerW: Reading<number>;
  /** What the machine takes at the ordered clock, as far as its data tell. */
  readonly fullW: number | undefined;
}

export interface PowerControlOptions {
  readonly look: () => PowerSight;
  /** The chains may have so much of the ordered clock. */
  readonly onShare: (powerSharePct: number) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Plain JSON. */
export interface PowerControlSnapshot {
  readonly targetW: number;
  /** The chips may have no more; null while the target needs no limit. */
  readonly limitMHz: number | null;
  /** The watts that were read last since the target holds. */
  readonly powerW: number | null;
  readonly evidence: Reading<number>["evidence"];
  /** They are at or below the target. */
  readonly isReached: boolean;
}

interface Held {
  readonly targetW: number;
  readonly sinceMs: number;
  readonly memory: PowerMemory;
  readonly seen: Reading<number> | undefined;
  readonly trouble: Finding | undefined;
}

/** Holds the watts of the machine at or below a target by its clock, as long as there is one. */
export class PowerControl {
  readonly #options: PowerControlOptions;
  #held: Held | undefined;
  #sharePct = 100;
  #cancel: () => void = () => undefined;
  readonly #waiting = new Set<() => void>();

  constructor(options: PowerControlOptions) {
    this.#options = options;
  }

  /** What the machine takes now. */
  get powerW(): Reading<number> {
    return recent(this.#options.look().powerW);
  }

  /** What the target was judged by last; what the machine takes now while it was not. */
  get judgedW(): Reading<number> {
    return this.#held?.seen ?? this.powerW;
  }

  /** What the machine takes at its lowest clock at least, as not all watts follow the clock; undefined: nobody can say. */
  get leastW(): number | undefined {
    const { settledMHz, leastMHz, powerW } = this.#options.look();
    const watts = this.#watts(powerW);
    if (settledMHz === undefined || watts === undefined) return undefined;
    return Math.ceil(watts.value * Math.min(1, leastMHz / settledMHz));
  }

  /** Holds from now on; undefined ends it. */
  hold(targetW: number | undefined): void {
    this.#cancel();
    if (targetW === undefined) {
      this.#held = undefined;
      this.#share(100);
    } else {
      const sight = this.#options.look();
      const sinceMs = this.#options.clock.nowMs();
      const memory = firstLimit(
        { ...sight, watts: this.#watts(sight.powerW) },
        targetW,
        sight.fullW,
      );
      this.#held = { targetW, sinceMs, memory, seen: undefined, trouble: undefined };
      this.#turn();
    }
    for (const look of [...this.#waiting]) look();
  }

  stop(): void {
    this.#cancel();
  }

  /** Resolves with whether the target is reached, at the latest after `waitMs`, or when another one holds. */
  reached(waitMs: number): Promise<boolean> {
    const held = this.#held?.targetW;
    return new Promise((resolve) => {
      const end = (isReached: boolean): void => {
        this.#waiting.delete(look);
        cancel();
        resolve(isReached);
      };
      const look = (): void => {
        if (this.#isReached) end(true);
        else if (this.#held?.targetW !== held) end(false);
      };
      const cancel = this.#options.clock.after(waitMs, () => {
        end(false);
      });
      this.#waiting.add(look);
      look();
    });
  }

  snapshot(): PowerControlSnapshot | undefined {
    if (this.#held === undefined) return undefined;
    const { targetW, memory, seen } = this.#held;
    return {
      targetW,
      limitMHz: this.#sharePct < 100 ? memory.limitMHz : null,
      powerW: seen?.value ?? null,
      evidence: seen?.evidence ?? "none",
      isReached: this.#isReached,
    };
  }

  /** The chips run as slowly as they can, and the machine takes more all the same. */
  get trouble(): Finding | undefined {
    return this.#held?.trouble;
  }

  get #isReached(): boolean {
    const { seen, targetW = 0 } = this.#held ?? {};
    return typeof seen?.value === "number" && seen.value <= targetW;
  }

  #turn(): void {
    const { clock, look, log } = this.#options;
    if (this.#held === undefined) return;
    const { targetW, memory: before, sinceMs } = this.#held;
    const sight = look();
    const nowMs = clock.nowMs();
    const watts = this.#watts(sight.powerW);
    const { seen } = this.#held;
    const memory = nextLimit({ ...sight, nowMs, watts }, targetW, before);
    this.#held = {
      ...{ targetW, sinceMs, memory, trouble: troubleOf(memory, targetW, sight.leastMHz) },
      seen: watts !== undefined && watts.atMs >= sinceMs ? sight.powerW : watts && seen,
    };
    if (memory.limitMHz !== before.limitMHz)
      log.info({ targetW, powerW: watts?.value, limitMHz: memory.limitMHz }, "clock by watts");
    // The ordered clock may be another one since.
    this.#share(Math.min(100, (memory.limitMHz / sight.orderedMHz) * 100));
    for (const wait of [...this.#waiting]) wait();
    this.#cancel = clock.after(PERIOD_MS, () => {
      this.#turn();
    });
  }

  #watts(reading: Reading<number>): PowerLook["watts"] {
    const { value, ageS } = recent(reading);
    if (value === null || ageS === null) return undefined;
    return { value, atMs: this.#options.clock.nowMs() - ageS * 1000 };
  }

  #share(sharePct: number): void {
    if (sharePct === this.#sharePct) return;
    this.#sharePct = sharePct;
    this.#options.onShare(sharePct);
  }
}

function recent(reading: Reading<number>): Reading<number> {
  return (reading.ageS ?? Infinity) <= MOST_AGE_S ? reading : NOTHING;
}

function troubleOf(
  { settled, judged }: PowerMemory,
  targetW: number,
  leastMHz: number,
): Finding | undefined {
  if (settled === null || judged === null) return undefined;
  const isLeast = settled.atMHz <= leastMHz && judged.atMs >= settled.sinceMs;
  if (!isLeast || judged.value <= targetW) return undefined;
  const context = { targetW, powerW: Math.round(judged.value), freqMHz: settled.atMHz };
  return { code: "POWER_TARGET_UNREACHED", context };
}
