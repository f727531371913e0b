import type { Clock } from "../lib/clock.js";
import type { MinerError } from "../lib/errors.js";

/**
 * Settles as `work` does, or rejects with `late()` after `limitMs`. What `work` comes to later is dropped.
 * After a stall of the event loop timers run before what came in meanwhile: one more turn lets that count.
 */
export function withDeadline<Result>(
  work: Promise<Result>,
  clock: Clock,
  limitMs: number,
  late: () => MinerError,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => {
      setImmediate(() => {
        reject(late());
      });
    });
    work.then(resolve, reject).finally(cancel);
  });
}
