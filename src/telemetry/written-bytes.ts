import { readFileSync } from "node:fs";

/**
 * Bytes that a process, this one when left out, has caused the disk to write, by whole pages, since it began; null where the
 * kernel does not count. Documented: proc_pid_io(5), write_bytes. The journal of the file system is not in it.
 */
export function writtenBytes(pid: number | "self" = "self"): number | null {
  try {
    const found = /^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1];
    return found === undefined ? null : Number(found);
  } catch {
    return null; // a kernel without task I/O accounting
  }
}
