import { writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";

/**
 * Has a process of its own session go before what else runs here, as one that stands for hardware: that does not become slow
 * because a computer is busy. Where that is not allowed nothing changes.
 */
export function raiseProcess(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGH);
    // Where the kernel groups by session, a priority counts in its own session only.
    writeFileSync(`/proc/${String(pid)}/autogroup`, String(constants.priority.PRIORITY_HIGH));
  } catch {
    // Then the computer has to have time to spare.
  }
}
