import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MinerError } from "../../lib/errors.js";
import type { Level } from "../gpio.js";
import type { WriteKernelFile } from "./kernel-file.js";
import type { LineCalls } from "./held-line.js";
import { onLine } from "./line-error.js";

/** What is used of a line of the library onoff. */
export interface OnoffLine {
  readSync(): Level;
  writeSync(level: Level): void;
  direction(): string;
  setDirection(direction: "in" | "high" | "low"): void;
  activeLow(): boolean;
  edge(): string;
  setEdge(edge: "falling"): void;
  watch(callback: (error: Error | null | undefined) => void): void;
  unwatchAll(): void;
}

/** The class Gpio of the library onoff. */
export interface OnoffLibrary {
  /** Lines can be asked for through sysfs. */
  readonly accessible: boolean;
  new (
    number: number,
    direction: "in" | "out" | "high" | "low",
    edge?: "falling",
    options?: { readonly activeLow: boolean; readonly reconfigureDirection: boolean },
  ): OnoffLine;
}

/**
 * Lines of sysfs by the kernel's numbers, through the library onoff, whose traps end here:
 * - It swallows what goes wrong with a line that was exported before, so each line is looked at afterwards.
 * - A line may have been left upside down (`active_low`), and would then do the opposite of what it is told.
 * - Giving a line back would let go of it, which is not what closing means here: lines stay exported and are kept.
 */
export class SysfsLines {
  readonly #folder: string;
  readonly #library: OnoffLibrary;
  readonly #write: WriteKernelFile;
  readonly #held = new Map<number, OnoffLine>();

  constructor(sys: string, library: OnoffLibrary, write: WriteKernelFile) {
    this.#write = write;
    this.#folder = join(sys, "class", "gpio");
    this.#library = library;
  }

  /** @throws GPIO_UNAVAILABLE, as all below */
  openInput(name: string, number: number): LineCalls {
    return this.#calls(this.#open(name, number, "in"));
  }

  /** `high` and `low` give an output its level and its direction in one write: there is no moment between. */
  openOutput(name: string, number: number, initial: Level | "asIs"): LineCalls {
    if (initial !== "asIs") return this.#drive(name, number, initial);
    return onLine("GPIO_UNAVAILABLE", name, () => {
      this.#export(number);
      if (this.#text(number, "direction") !== "in")
        return this.#calls(this.#open(name, number, "out"));
      this.#write(this.#file(number, "active_low"), "0");
      return this.#drive(name, number, this.#text(number, "value") === "1" ? 1 : 0);
    });
  }

  /**
   * Makes an output of a line and tells it its level once more: a chip may forget what it was told while the line was an
   * input. Captured: the AST2600 of QEMU 7.2.
   */
  #drive(name: string, number: number, level: Level): LineCalls {
    const line = this.#open(name, number, level === 1 ? "high" : "low");
    onLine("GPIO_UNAVAILABLE", name, () => {
      line.writeSync(level);
    });
    return this.#calls(line);
  }

  /** A line of which falling edges can be watched. */
  openEdges(name: string, number: number): OnoffLine {
    const line = this.#open(name, number, "in", "falling");
    const edge = onLine("GPIO_UNAVAILABLE", name, () => line.edge());
    if (edge === "falling") return line;
    throw new MinerError("GPIO_UNAVAILABLE", { line: name, reason: "edges cannot be watched" });
  }

  /** Lets go of the line and gives the open files with which it is pulled and read; the caller closes them. */
  openFiles(name: string, number: number): { directionFd: number; valueFd: number } {
    this.#open(name, number, "in");
    return onLine("GPIO_UNAVAILABLE", name, () => {
      const directionFd = openSync(this.#file(number, "direction"), "r+");
      try {
        return { directionFd, valueFd: openSync(this.#file(number, "value"), "r+") };
      } catch (error) {
        closeSync(directionFd);
        throw error;
      }
    });
  }

  /** The file that takes `0` and `1` once the line is an output. */
  valueFile(number: number): string {
    return this.#file(number, "value");
  }

  /** `out` leaves the direction alone. */
  #open(
    name: string,
    number: number,
    direction: "in" | "out" | "high" | "low",
    edge?: "falling",
  ): OnoffLine {
    const line = onLine("GPIO_UNAVAILABLE", name, () => {
      const held = this.#held.get(number);
      const reconfigureDirection = direction !== "out";
      const options = { activeLow: false, reconfigureDirection };
      if (held === undefined) return new this.#library(number, direction, edge, options);
      held.unwatchAll();
      if (reconfigureDirection) held.setDirection(direction);
      if (edge !== undefined) held.setEdge(edge);
      return held;
    });
    this.#held.set(number, line);
    this.#assert(name, line, direction === "in");
    return line;
  }

  #assert(name: string, line: OnoffLine, isInputWanted: boolean): void {
    const [direction, isUpsideDown] = onLine("GPIO_UNAVAILABLE", name, () => [
      line.direction(),
      line.activeLow(),
    ]);
    const refused = (reason: string): MinerError =>
      new MinerError("GPIO_UNAVAILABLE", { line: name, reason });
    if ((direction === "in") !== isInputWanted) throw refused(`its direction stays ${direction}`);
    if (isUpsideDown) throw refused("it stays upside down (active_low)");
  }

  #calls(line: OnoffLine): LineCalls {
    return {
      read: () => line.readSync(),
      write: (level) => {
        line.writeSync(level);
      },
      close: () => undefined,
    };
  }

  #export(number: number): void {
    if (!existsSync(join(this.#folder, `gpio${String(number)}`)))
      this.#write(join(this.#folder, "export"), String(number));
  }

  #text(number: number, file: string): string {
    return readFileSync(this.#file(number, file), "utf8").trim();
  }

  #file(number: number, file: string): string {
    return join(this.#folder, `gpio${String(number)}`, file);
  }
}
