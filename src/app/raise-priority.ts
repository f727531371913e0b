import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import type { Logger } from "../lib/logger.js";

/** Documented: Linux, proc(5) and sched(7). */
const OWN_THREADS = "/proc/self/task";
const OWN_STAT = "/proc/self/stat";
const OWN_GROUP = "/proc/self/autogroup";
/** Of the fields behind the name in brackets, which may hold blanks: state, parent, group, session. */
const SESSION_FIELD = 3;

/**
 * Pool lines and shares go before whatever else runs on the control board; the chain threads are real time anyway. Linux
 * gives each thread its own priority, and each collection of garbage waits for V8's helpers: all that are there are
 * raised, and those that come later inherit it.
 */
export function raisePriority(log: Logger): void {
  try {
    for (const thread of readdirSync(OWN_THREADS))
      setPriority(Number(thread), constants.priority.PRIORITY_HIGH);
    if (leadsSession()) raiseGroup();
  } catch (error) {
    log.warn({ reason: String(error) }, "process priority was not raised");
  }
}

/** A session that is not ours is the owner's shell, and not for us to raise. */
function leadsSession(): boolean {
  const stat = readFileSync(OWN_STAT, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[SESSION_FIELD]) === process.pid;
}

/** Where the kernel groups by session, a thread's priority counts among its own session only. */
function raiseGroup(): void {
  try {
    writeFileSync(OWN_GROUP, String(constants.priority.PRIORITY_HIGH));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
