import type { ExpectedRpm } from "../safety/rail-facts.js";

/** What is known of the speed of one fan. */
export interface FanSpeedFacts {
  /** At full duty, below which a fan of the machine counts as broken. */
  readonly minRpm: number;
  /** At full duty, the fastest that the machine's data knows. */
  readonly maxRpm: number | undefined;
  /** What this fan itself showed at full duty; undefined before it was given time to. */
  readonly fullRpm: number | undefined;
}

/** Duties that a fan may still be turning at, in percent. */
export interface DutyRange {
  readonly lowPct: number;
  readonly highPct: number;
}

/**
 * A fan of an S19k Pro makes 4.2 to 5.4 k at half duty and 6.3 to 7.9 k at full one (documented), so its speed goes about
 * with duty ^ 0.58. Others may be steeper or flatter: proportional to the duty is the least that counts, and this power of
 * it the most. Inferred.
 */
const FLATTEST_EXPONENT = 0.4;
/** Below this duty a motor may stand. Inferred: stock floors are 20 % and more. */
const MAY_STAND_BELOW_PCT = 15;
/** A fan that lost so much of its own speed is broken, whatever the data of its machine say. Inferred. */
const LEAST_SHARE_OF_OWN = 0.6;
/** A fan turns faster when air hardly gets through, and tachs count whole turns. Inferred. */
const MOST_SHARE_OF_FULL = 1.15;

/** What a good fan may show at these duties. */
export function expectedRpm(facts: FanSpeedFacts, { lowPct, highPct }: DutyRange): ExpectedRpm {
  const { minRpm, maxRpm, fullRpm } = facts;
  const leastAtFull = Math.max(minRpm, (fullRpm ?? 0) * LEAST_SHARE_OF_OWN);
  const mostAtFull = fullRpm ?? maxRpm;
  return {
    leastRpm: lowPct < MAY_STAND_BELOW_PCT ? 0 : (leastAtFull * lowPct) / 100,
    mostRpm: mostAtFull && mostAtFull * MOST_SHARE_OF_FULL * (highPct / 100) ** FLATTEST_EXPONENT,
  };
}
