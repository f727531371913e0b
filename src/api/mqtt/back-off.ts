/** Sheet management.md, 8.3: 1 to 120 s, full jitter. */
const FIRST_MS = 1000;
const MOST_MS = 120_000;

/** How long to wait before the next round over all brokers, after so many that failed (from 0). */
export function backOffMs(failures: number, random: () => number): number {
  return Math.round(random() * Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures, 10)));
}
