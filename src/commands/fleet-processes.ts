import { MinerError } from "../lib/errors.js";
import { Child } from "./demo-child.js";
import type { FleetFlags } from "./fleet-plan.js";
import { reportEachSecond, sumOfReports, untilStopped, type FleetReport } from "./fleet-report.js";

/** Shares the miners among processes of the same command, until it is stopped or one of them ends. */
export async function runFleetProcesses(flags: FleetFlags, processes: number): Promise<void> {
  const parts = shares(flags, processes);
  const children = parts.map((args) => new Child("fleet", args));
  const reports: FleetReport[] = [];
  const read = async (child: Child, index: number): Promise<never> => {
    for await (const line of child.lines()) reports[index] = JSON.parse(line) as FleetReport;
    throw new MinerError("CHILD_DIED", { command: "fleet", exitCode: null, signal: null });
  };
  const endReports = reportEachSecond(() => sumOfReports(Object.values(reports)), flags);
  try {
    await Promise.race([untilStopped(), ...children.map(read)]);
  } finally {
    endReports();
    await Promise.all(children.map((child) => child.stop()));
  }
}

/** The command line of each process. */
function shares(flags: FleetFlags, processes: number): readonly (readonly string[])[] {
  const each = Math.ceil(flags.miners / processes);
  const count = Math.ceil(flags.miners / each);
  return Array.from({ length: count }, (_, index) => {
    const miners = Math.min(each, flags.miners - index * each);
    const perS = Math.max(1, Math.round(flags.perS / count));
    const numbers = { miners, first: flags.first + index * each, "per-s": perS, processes: 1 };
    const { broker, ca, cert, key, user, password, prefix, period, keepAlive } = flags;
    const texts = { broker, ca, cert, key, user, password, prefix, period };
    const rest = { "keep-alive": keepAlive, machine: flags.machine, confirm: flags.confirm };
    return [
      "fleet",
      "--json",
      ...option("password-file", flags.passwordFile),
      ...Object.entries({ ...numbers, ...texts, ...rest }).flatMap(([name, value]) =>
        option(name, value),
      ),
      ...flags.group.flatMap((group) => option("group", group)),
    ];
  });
}

function option(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [`--${name}`, String(value)];
}
