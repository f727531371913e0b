import { readFileSync } from "node:fs";

/**
 * Bytes that this process has caused the disk to write, by whole pages, since it began; null where the kernel does not
 * count. Documented: proc_pid_io(5), write_bytes.
 */
export function writtenBytes(): number | null {
  try {
    const found = /^write_bytes: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1];
    return found === undefined ? null : Number(found);
  } catch {
    return null; // a kernel without task I/O accounting
  }
}
