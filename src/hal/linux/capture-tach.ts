import { accessSync, constants } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FanTach } from "../../boards/schema/control-board.js";
import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import type { Tach } from "../fan-hardware.js";
import { rpmOf } from "../fan-signal.js";
import { withDeadline } from "../with-deadline.js";
import type { WriteKernelFile } from "./kernel-file.js";
import { onLine, onLineAsync } from "./line-error.js";
import { OneFlight } from "./one-flight.js";
import { openPwmChannel } from "./pwm-channel.js";

/** The kernel waits a second for a pulse. Documented: drivers/pwm/sysfs.c, capture_show. */
const CAPTURE_MS = 2000;

export interface CaptureAccess {
  readonly clock: Clock;
  readonly write: WriteKernelFile;
  /** Reads a file of the kernel, on a worker thread. */
  readonly read?: (path: string) => Promise<string>;
}

/**
 * A fan's speed from a PWM channel that measures: its file `capture` gives period and pulse in ns, and is read for as long as
 * that takes. Documented: Documentation/ABI/testing/sysfs-class-pwm.
 */
export class CaptureTach implements Tach {
  readonly name: string;
  readonly #file: string;
  readonly #pulsesPerTurn: number;
  readonly #clock: Clock;
  readonly #read: (path: string) => Promise<string>;
  readonly #flight: OneFlight;

  private constructor({ fan, pulsesPerTurn }: FanTach, folder: string, by: CaptureAccess) {
    this.name = `fan ${String(fan)}`;
    this.#file = join(folder, "capture");
    this.#pulsesPerTurn = pulsesPerTurn;
    this.#clock = by.clock;
    this.#read = by.read ?? ((path) => readFile(path, "utf8"));
    this.#flight = new OneFlight(() => this.#late());
  }

  /** @throws TACH_UNAVAILABLE */
  static open(
    tach: FanTach,
    on: { readonly chip: string; readonly channel: number; readonly sys: string },
    by: CaptureAccess,
  ): CaptureTach {
    return onLine("TACH_UNAVAILABLE", `fan ${String(tach.fan)}`, () => {
      const folder = openPwmChannel(on.sys, on.chip, on.channel, by.write);
      accessSync(join(folder, "capture"), constants.R_OK);
      return new CaptureTach(tach, folder, by);
    });
  }

  async readRpm(): Promise<number> {
    const text = await onLineAsync("TACH_FAILED", this.name, () => this.#capture());
    const match = /^(\d+) (\d+)\s*$/.exec(text);
    if (match === null) throw new MinerError("TACH_FAILED", { line: this.name, text });
    const periodNs = Number(match[1]);
    return periodNs === 0 ? 0 : rpmOf(periodNs, this.#pulsesPerTurn);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #capture(): Promise<string> {
    const reading = this.#flight.run(() => this.#read(this.#file));
    try {
      return await withDeadline(reading, this.#clock, CAPTURE_MS, () => this.#late());
    } catch (error) {
      // No pulse came: the fan stands still.
      if ((error as NodeJS.ErrnoException).code === "ETIMEDOUT") return "0 0";
      throw error;
    }
  }

  #late(): MinerError {
    return new MinerError("TACH_FAILED", { line: this.name, reason: "the kernel does not answer" });
  }
}
