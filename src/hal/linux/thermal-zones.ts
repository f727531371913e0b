import { join } from "node:path";
import type { ControlBoardTemperature } from "../hardware.js";
import { kernelNames, readKernelText } from "./kernel-file.js";

/** No processor lives beyond these: a zone that says so has no sensor behind it. Inferred. */
const PLAUSIBLE_C = { above: -40, below: 150 };

/**
 * The hottest of the kernel's thermal zones; undefined where it has none that tells. Documented: kernel,
 * Documentation/ABI/testing/sysfs-class-thermal (`type` is given by the driver, `temp` in millidegrees). Which zone is
 * the processor is not documented for known control boards: the hottest is inferred.
 */
export function hottestZone(sys: string): ControlBoardTemperature | undefined {
  const folder = join(sys, "class", "thermal");
  let hottest: ControlBoardTemperature | undefined;
  for (const name of kernelNames(folder)) {
    if (!/^thermal_zone\d+$/.test(name)) continue;
    // A zone that is switched off cannot be read.
    const text = readKernelText(join(folder, name, "temp")) ?? "";
    if (!/^-?\d+$/.test(text)) continue;
    const tempC = Number(text) / 1000;
    if (tempC <= PLAUSIBLE_C.above || tempC >= PLAUSIBLE_C.below) continue;
    const place = readKernelText(join(folder, name, "type")) ?? name;
    if (tempC > (hottest?.tempC ?? -Infinity)) hottest = { place, tempC };
  }
  return hottest;
}
