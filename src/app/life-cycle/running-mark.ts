import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Logger } from "../../lib/logger.js";

/** Changes with each start of the kernel. Documented: random(4). */
const BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";

export interface RunningMarkOptions {
  /** The file of the mark; its folder must exist. */
  readonly path: string;
  readonly log: Logger;
  readonly bootIdFile?: string;
}

/**
 * Says to the next process that this one had the power on and did not end in order. Only then, and only while the
 * computer has not been started anew, is there anything to take over; else the power goes off before anything is asked.
 */
export class RunningMark {
  readonly #options: RunningMarkOptions;
  readonly #bootId: string;
  #isSet: boolean;

  constructor(options: RunningMarkOptions) {
    this.#options = options;
    this.#bootId = read(options.bootIdFile ?? BOOT_ID_FILE) ?? "";
    this.#isSet = this.wasLeft;
  }

  /** A process before this one left the machine running, as far as files can tell. */
  get wasLeft(): boolean {
    return this.#bootId !== "" && read(this.#options.path) === this.#bootId;
  }

  /** The power may be on from now on. A loss of power needs no mark, so nothing is waited for. */
  set(isRunning: boolean): void {
    if (isRunning === this.#isSet) return;
    this.#isSet = isRunning;
    const { path, log } = this.#options;
    try {
      if (isRunning) writeFileSync(path, this.#bootId);
      else rmSync(path, { force: true });
    } catch (error) {
      // Without it the next process begins with the power off.
      log.warn({ file: path, reason: String(error) }, "mark of a running machine");
    }
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined; // as good as empty
  }
}
