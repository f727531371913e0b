import type { FleetCounts } from "../virtual/fleet/fleet.js";
import type { JsonOption } from "./output.js";
import { print } from "./output.js";

const REPORT_MS = 1000;

/** How a fleet is, or a part of it that one process runs. */
export interface FleetReport extends FleetCounts {
  readonly processes: number;
  readonly rssMb: number;
  readonly cpuS: number;
}

export function ownReport(counts: FleetCounts): FleetReport {
  const { user, system } = process.cpuUsage();
  const rssMb = process.memoryUsage.rss() / 2 ** 20;
  return { ...counts, processes: 1, rssMb, cpuS: (user + system) / 1e6 };
}

export function sumOfReports(reports: readonly FleetReport[]): FleetReport {
  const states: Record<string, number> = {};
  for (const report of reports)
    for (const [state, count] of Object.entries(report.states))
      states[state] = (states[state] ?? 0) + count;
  const sum = (pick: (report: FleetReport) => number): number =>
    reports.reduce((total, report) => total + pick(report), 0);
  return {
    miners: sum(({ miners }) => miners),
    connected: sum(({ connected }) => connected),
    states,
    processes: sum(({ processes }) => processes),
    rssMb: sum(({ rssMb }) => rssMb),
    cpuS: sum(({ cpuS }) => cpuS),
  };
}

/** Prints a report a second: each for programs, those that tell something new for people. Returns what ends it. */
export function reportEachSecond(report: () => FleetReport, flags: JsonOption): () => void {
  let last = "";
  const timer = setInterval(() => {
    const now = report();
    const text = reportText(now);
    if (text === last && flags.json !== true) return;
    last = text;
    print(now, flags, () => text);
  }, REPORT_MS);
  return () => {
    clearInterval(timer);
  };
}

function reportText({ miners, connected, states }: FleetReport): string {
  const parts = Object.entries(states).map(([state, count]) => `${String(count)} ${state}`);
  return `${String(connected)} of ${String(miners)} connected: ${parts.join(", ")}`;
}

/** Resolves when somebody wants us to end. */
export function untilStopped(): Promise<void> {
  return new Promise((stop) => {
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
    // Started by another process of ours, with an IPC channel: nobody is left to stop us.
    process.once("disconnect", stop);
  });
}
