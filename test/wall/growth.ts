import { readFileSync } from "node:fs";

/** How far the memory of a process grows, by what the kernel says it holds. */
export class Growth {
  #baseMb = 0;
  #peakMb = 0;

  /** What was held before counts no more. */
  begin(pid: number | undefined): void {
    this.#baseMb = residentMb(pid);
    this.#peakMb = this.#baseMb;
  }

  look(pid: number | undefined): void {
    this.#peakMb = Math.max(this.#peakMb, residentMb(pid));
  }

  get peakMb(): number {
    return this.#peakMb;
  }

  get byMb(): number {
    return this.#peakMb - this.#baseMb;
  }
}

/** 0 when the process is gone. */
function residentMb(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
