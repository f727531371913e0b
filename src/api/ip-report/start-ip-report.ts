import { ButtonWatch } from "../../app/button-watch.js";
import type { IpReportConfig } from "../../app/ip-report-config.js";
import type { ControlBoard } from "../../boards/machine-spec.js";
import type { Hardware } from "../../hal/hardware.js";
import { findingOf } from "../../lib/finding.js";
import type { IpReporterOptions } from "./ip-reporter.js";

/** As control boards name it. */
const BUTTON = "button-ip-report";

interface IpReportOptions extends IpReporterOptions {
  readonly ipReport: IpReportConfig;
  readonly board: Pick<ControlBoard, "lines">;
  readonly hardware: Pick<Hardware, "openInput">;
}

/** Undefined where it is switched off and where no button is known. Never rejects: a machine mines without its button. */
export async function startIpReport(
  options: IpReportOptions,
): Promise<{ stop(): Promise<void> } | undefined> {
  const { ipReport, board, hardware, clock, log } = options;
  const line = board.lines?.[BUTTON]?.line;
  if (!ipReport.isOn || line === undefined) return undefined;
  try {
    const input = await hardware.openInput(line);
    const { IpReporter } = await import("./ip-reporter.js");
    const reporter = new IpReporter(options);
    const onPress = (): void => {
      reporter.report();
    };
    const button = await ButtonWatch.start({ input, onPress, clock, log });
    return {
      stop: async () => {
        await button.stop();
        await reporter.stop();
      },
    };
  } catch (error) {
    log.warn(findingOf(error), "nobody hears the button of the IP report");
    return undefined;
  }
}
