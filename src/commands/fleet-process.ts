import { setFlagsFromString } from "node:v8";
import { systemClock } from "../lib/clock.js";
import { createLogger } from "../lib/logger.js";
import type { FleetPlan } from "./fleet-plan.js";
import { ownReport, reportEachSecond, untilStopped } from "./fleet-report.js";
import type { JsonOption } from "./output.js";

/** Runs the whole plan in this process, until it is stopped. */
export async function runFleetHere(plan: FleetPlan, flags: JsonOption): Promise<void> {
  // Thousands of miners live long: the small space for young objects that suits a controller costs half the processor here.
  setFlagsFromString("--semi-space-growth-factor=2");
  const { Fleet } = await import("../virtual/fleet/fleet.js");
  const fleet = new Fleet({
    ...{ ...plan, clock: systemClock },
    ...{ log: createLogger("warn"), quiet: createLogger("silent") },
  });
  const endReports = reportEachSecond(() => ownReport(fleet.counts()), flags);
  const stopped = untilStopped();
  await Promise.race([fleet.start(), stopped]);
  await stopped;
  endReports();
  await fleet.stop();
}
