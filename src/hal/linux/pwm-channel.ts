import { existsSync } from "node:fs";
import { join } from "node:path";
import { readKernelNumber, type WriteKernelFile } from "./kernel-file.js";

/**
 * The folder of one channel of a PWM chip in sysfs; the channel is asked for if nobody has. Documented: the kernel's
 * Documentation/ABI/testing/sysfs-class-pwm. Throws what the file system throws, and when there is no such channel.
 */
export function openPwmChannel(
  sys: string,
  chip: string,
  channel: number,
  write: WriteKernelFile,
): string {
  const chipFolder = join(sys, "class", "pwm", chip);
  const folder = join(chipFolder, `pwm${String(channel)}`);
  if (existsSync(folder)) return folder;
  const channels = readKernelNumber(join(chipFolder, "npwm"));
  if (channels !== undefined && channel >= channels)
    throw new Error(`${chip} has ${String(channels)} channels`);
  write(join(chipFolder, "export"), String(channel));
  return folder;
}
