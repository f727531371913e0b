import { readdirSync } from "node:fs";
import { constants, setPriority } from "node:os";
import type { Logger } from "../lib/logger.js";

/** Documented: Linux, proc(5). */
const OWN_THREADS = "/proc/self/task";

/**
 * Pool lines and shares go before whatever else runs on the control board; the chain threads are real time anyway. Linux
 * gives each thread its own priority, and each collection of garbage waits for V8's helpers: all that are there are
 * raised, and those that come later inherit it.
 */
export function raisePriority(log: Logger): void {
  try {
    for (const thread of readdirSync(OWN_THREADS))
      setPriority(Number(thread), constants.priority.PRIORITY_HIGH);
  } catch (error) {
    log.warn({ reason: String(error) }, "process priority was not raised");
  }
}
