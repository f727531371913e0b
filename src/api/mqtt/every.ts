import type { Clock } from "../../lib/clock.js";

/** Calls `act` after `firstMs` and then each period, until `signal` aborts. `act` must not throw. */
export function every(
  clock: Clock,
  signal: AbortSignal,
  periodMs: number,
  firstMs: number,
  act: () => void,
): void {
  const run = async (): Promise<void> => {
    let dueMs = clock.nowMs() + firstMs;
    for (;;) {
      await clock.sleep(Math.max(0, dueMs - clock.nowMs()), signal);
      act();
      // Hours in which the computer slept are not made up for.
      dueMs = Math.max(dueMs + periodMs, clock.nowMs());
    }
  };
  run().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
