import { closeSync, openSync, writeSync } from "node:fs";
import { MinerError } from "../../lib/errors.js";
import type { Watchdog } from "../hardware.js";
import type { NativeGpioAddon } from "../native-gpio.js";
import { reasonOf } from "./kernel-file.js";

/** Closing after this character disarms the device. Documented: Documentation/watchdog/watchdog-api.rst. */
const MAGIC_CLOSE = "V";
/** Any other feeds it. */
const FEED = "\0";

/** A watchdog of the kernel: /dev/watchdog and the like. */
export class DeviceWatchdog implements Watchdog {
  readonly timeoutS: number;
  readonly #path: string;
  #fd: number | undefined;

  private constructor(path: string, fd: number, timeoutS: number) {
    this.#path = path;
    this.#fd = fd;
    this.timeoutS = timeoutS;
  }

  /** It runs from the moment it is open. @throws WATCHDOG_UNAVAILABLE */
  static open(
    path: string,
    wantedS: number,
    addon: Pick<NativeGpioAddon, "setWatchdogTimeout">,
  ): DeviceWatchdog {
    let fd: number;
    try {
      fd = openSync(path, "w");
    } catch (cause) {
      throw new MinerError("WATCHDOG_UNAVAILABLE", { path, reason: reasonOf(cause) }, { cause });
    }
    try {
      return new DeviceWatchdog(path, fd, addon.setWatchdogTimeout(fd, wantedS));
    } catch {
      // A driver may refuse to be told a time. The watchdog runs already, and may be one that cannot be stopped: whoever
      // asked for it must go on feeding it, so this is not a failure.
      return new DeviceWatchdog(path, fd, wantedS);
    }
  }

  async feed(): Promise<void> {
    this.#write(FEED);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    if (this.#fd === undefined) return;
    this.#write(MAGIC_CLOSE);
    closeSync(this.#fd);
    this.#fd = undefined;
    return Promise.resolve();
  }

  #write(text: string): void {
    const facts = { path: this.#path };
    if (this.#fd === undefined)
      throw new MinerError("WATCHDOG_FAILED", { ...facts, reason: "closed" });
    try {
      writeSync(this.#fd, text);
    } catch (cause) {
      throw new MinerError("WATCHDOG_FAILED", { ...facts, reason: reasonOf(cause) }, { cause });
    }
  }
}
