/** How the pool adapts the difficulty of each connection. */
export interface VardiffOptions {
  /** The rate to aim at. */
  readonly sharesPerMinute: number;
  /** Seconds between two looks at the rate. */
  readonly retargetIntervalS: number;
  readonly min: number;
  readonly max: number;
}

// A rate within these bounds of the wanted one is left alone, and one step is never larger.
const TOLERANCE = 2;
const MAX_STEP = 4;

/**
 * The difficulty for the next jobs.
 * `acceptedDifficulty` is the sum over the shares of the last `elapsedS` seconds.
 */
export function retarget(
  difficulty: number,
  acceptedDifficulty: number,
  elapsedS: number,
  options: VardiffOptions,
): number {
  const wanted = (acceptedDifficulty / elapsedS) * (60 / options.sharesPerMinute);
  const step = Math.min(Math.max(wanted / difficulty, 1 / MAX_STEP), MAX_STEP);
  if (step > 1 / TOLERANCE && step < TOLERANCE) return difficulty;
  return clampDifficulty(difficulty * step, options);
}

/** A difficulty within the limits: whole when at least 1, else with three significant digits. */
export function clampDifficulty(
  difficulty: number,
  limits: Pick<VardiffOptions, "min" | "max">,
): number {
  const round = difficulty >= 1 ? Math.round(difficulty) : Number(difficulty.toPrecision(3));
  return Math.min(Math.max(round, limits.min), limits.max);
}
