import { readdirSync, readFileSync } from "node:fs";
import { writtenBytes } from "../../src/telemetry/written-bytes.js";

/** Documented: proc(5), /proc/stat, USER_HZ. */
const STEAL_FIELD = 8;
const TICKS_PER_S = 100;

/** CPU time that a process has used up to a moment, by /proc. */
export interface Usage {
  readonly atNs: bigint;
  /** All threads. */
  readonly cpuNs: bigint;
  /** Threads named `chain...`. */
  readonly chainCpuNs: bigint;
  /** Time that threads were ready to run and waited for a core, all together. */
  readonly waitNs: bigint;
  readonly rssMb: number;
  /** Of it what is no file: the program's own data, not the pages of Node that were run once. */
  readonly anonymousMb: number;
  /** Since the process began. */
  readonly peakRssMb: number;
  /** What it caused the disk to write, by whole pages; 0 where the kernel does not count. */
  readonly writtenBytes: number;
}

/** Throws when the process is gone. */
export function usageOf(pid: number): Usage {
  const folder = `/proc/${String(pid)}`;
  let cpuNs = 0n;
  let chainCpuNs = 0n;
  let waitNs = 0n;
  for (const thread of readdirSync(`${folder}/task`)) {
    const name = readFileSync(`${folder}/task/${thread}/comm`, "utf8").trim();
    const schedstat = readFileSync(`${folder}/task/${thread}/schedstat`, "utf8");
    const [ranNs = "0", waitedNs = "0"] = schedstat.split(" ");
    cpuNs += BigInt(ranNs);
    waitNs += BigInt(waitedNs);
    if (name.startsWith("chain")) chainCpuNs += BigInt(ranNs);
  }
  const status = readFileSync(`${folder}/status`, "utf8");
  const mb = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return {
    ...{ atNs: process.hrtime.bigint(), cpuNs, chainCpuNs, waitNs },
    ...{ rssMb: mb("VmRSS"), anonymousMb: mb("RssAnon"), peakRssMb: mb("VmHWM") },
    writtenBytes: writtenBytes(pid) ?? 0,
  };
}

/** Percent of one core between two looks at the same process. */
export function cpuSharePct(
  before: Usage,
  after: Usage,
  pick: (usage: Usage) => bigint = ({ cpuNs }) => cpuNs,
): number {
  return (Number(pick(after) - pick(before)) / Number(after.atNs - before.atNs)) * 100;
}

/** Time that a hypervisor gave to others while this machine wanted to run, all cores, seconds. */
export function stolenS(): number {
  const [total = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
  return Number(total.trim().split(/\s+/)[STEAL_FIELD] ?? 0) / TICKS_PER_S;
}
