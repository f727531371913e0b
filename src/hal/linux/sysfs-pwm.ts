import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FanGroup } from "../../boards/schema/control-board.js";
import type { PwmOutput } from "../fan-hardware.js";
import { dutyPct, pulseNs } from "../fan-signal.js";
import { readKernelText, type WriteKernelFile } from "./kernel-file.js";
import { onLine } from "./line-error.js";
import { openPwmChannel } from "./pwm-channel.js";

/**
 * One PWM output of sysfs. Nothing is changed before the first duty is set, so that fans go on as they are. The calls are
 * synchronous: fans must go to full speed also when worker threads hang.
 */
export class SysfsPwm implements PwmOutput {
  readonly name: string;
  readonly #folder: string;
  readonly #writeFile: WriteKernelFile;
  readonly #periodNs: number;
  readonly #isInverted: boolean;

  private constructor(group: FanGroup, folder: string, write: WriteKernelFile) {
    this.#writeFile = write;
    this.name = group.name;
    this.#folder = folder;
    this.#periodNs = group.periodNs;
    // The polarity cannot be changed while the output runs, and stopping it would let go of the fans: it is taken as it is.
    // The pulse is low then. A kernel that knows one polarity only has no such file.
    const isLowPulse = readKernelText(join(folder, "polarity")) === "inversed";
    this.#isInverted = (group.inverted ?? false) !== isLowPulse;
  }

  /** @throws PWM_UNAVAILABLE */
  static open(
    group: FanGroup,
    on: { readonly chip: string; readonly channel: number; readonly sys: string },
    write: WriteKernelFile,
  ): SysfsPwm {
    return onLine("PWM_UNAVAILABLE", group.name, () => {
      const folder = openPwmChannel(on.sys, on.chip, on.channel, write);
      for (const file of ["period", "duty_cycle", "enable"])
        accessSync(join(folder, file), constants.R_OK | constants.W_OK);
      return new SysfsPwm(group, folder, write);
    });
  }

  async setDutyPct(wantedPct: number): Promise<void> {
    const wantedNs = pulseNs(this.name, wantedPct, this.#periodNs, this.#isInverted);
    onLine("PWM_FAILED", this.name, () => {
      this.#setPeriod();
      this.#write("duty_cycle", wantedNs);
      if (this.#read("enable") !== 1) this.#write("enable", 1);
    });
    return Promise.resolve();
  }

  async readDutyPct(): Promise<number> {
    return Promise.resolve(
      onLine("PWM_FAILED", this.name, () => {
        const periodNs = this.#read("period");
        // An output that is off gives no airflow that anybody could count on.
        if (this.#read("enable") !== 1 || periodNs === 0) return 0;
        return dutyPct(this.#read("duty_cycle"), periodNs, this.#isInverted);
      }),
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** A pulse may never be longer than the period, so a pulse that is too long goes first. */
  #setPeriod(): void {
    if (this.#read("period") === this.#periodNs) return;
    if (this.#read("duty_cycle") > this.#periodNs) this.#write("duty_cycle", this.#periodNs);
    this.#write("period", this.#periodNs);
  }

  #read(file: string): number {
    return Number(readFileSync(join(this.#folder, file), "utf8"));
  }

  #write(file: string, value: number): void {
    this.#writeFile(join(this.#folder, file), String(value));
  }
}
