import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { Clock } from "../lib/clock.js";
import type { Logger } from "../lib/logger.js";

const REPORT_FILE = "companion.json";

const Report = z.object({
  version: z.literal(1),
  atUnixMs: z.number(),
  /** `controller gone`, `no beats`, `lease over`, `exit`, or the signal that the controller died of. */
  cause: z.string(),
  /** Actions that could not be done. */
  failed: z.number(),
});

/** What the companion of an earlier controller says that it did. */
export type CompanionReport = Readonly<z.infer<typeof Report>>;

export function reportPath(dataDir: string): string {
  return join(dataDir, REPORT_FILE);
}

/** Takes the report that a companion left, once; it is kept under another name. Undefined when none acted. */
export function takeCompanionReport(
  dataDir: string,
  clock: Clock,
  log: Logger,
): CompanionReport | undefined {
  const path = reportPath(dataDir);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined; // no report: nobody acted
  }
  const report = reportOf(text);
  const keptAs = join(
    dataDir,
    report === undefined
      ? `companion.unreadable-${String(clock.unixMs())}.json`
      : `companion-${String(report.atUnixMs)}.json`,
  );
  try {
    renameSync(path, keptAs);
  } catch (error) {
    log.warn({ file: path, reason: String(error) }, "report of the companion not set aside");
  }
  if (report === undefined) log.warn({ file: keptAs }, "report of the companion cannot be read");
  return report;
}

function reportOf(text: string): CompanionReport | undefined {
  try {
    return Report.parse(JSON.parse(text));
  } catch {
    return undefined; // told by the caller, which keeps it
  }
}
