import { RATE_WINDOWS, type RateWindowName } from "./window-sums.js";

/** Hashes that one unit of difficulty stands for. */
const HASHES_PER_DIFFICULTY = 2 ** 32;

/** A rate over one window. */
export interface RateWindow {
  readonly ths: number;
  /** One standard deviation, TH/s: finds come as a Poisson process. */
  readonly uncertaintyThs: number;
  /** What the window really covers: less than its name as long as it is not full. */
  readonly seconds: number;
}

export type RateWindows = Readonly<Record<RateWindowName, RateWindow>>;

/** What was found in a window. */
export interface FoundWork {
  /** Sum of the difficulties that the finds stand for. */
  readonly difficulty: number;
  /** Sum of their squares: the variance of the sum. */
  readonly squares: number;
  readonly seconds: number;
}

/**
 * The rate of what was found, with one standard deviation. A window in which nothing was found is as uncertain as
 * one find of `finding` (the difficulty that finds have now) would make it.
 */
export function rateOf(found: FoundWork, finding: number): RateWindow {
  const { difficulty, squares, seconds } = found;
  const deviation = Math.sqrt(Math.max(squares, finding ** 2));
  return { ths: toThs(difficulty, seconds), uncertaintyThs: toThs(deviation, seconds), seconds };
}

/** The same for every window. */
export function ratesOf(
  foundIn: (window: RateWindowName) => FoundWork,
  finding: number,
): RateWindows {
  const rates = RATE_WINDOWS.map((name) => [name, rateOf(foundIn(name), finding)]);
  return Object.fromEntries(rates) as RateWindows;
}

function toThs(difficulty: number, seconds: number): number {
  return seconds > 0 ? (difficulty * HASHES_PER_DIFFICULTY) / seconds / 1e12 : 0;
}
