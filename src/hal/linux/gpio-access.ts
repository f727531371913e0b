import { closeSync } from "node:fs";
import type { Line } from "../../boards/schema/control-board.js";
import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import type { Level } from "../gpio.js";
import type { NativeLine } from "../hardware.js";
import type {
  NativeGpioAddon,
  NativeGpioLine,
  NativeLineUse,
  NativeTwoLineBus,
} from "../native-gpio.js";
import { KernelEdges, PolledEdges, type EdgeSource } from "./edge-source.js";
import { placeLine, type GpioChip, type PlacedLine } from "./gpio-chips.js";
import { HeldLine } from "./held-line.js";
import { onLine } from "./line-error.js";
import type { SysfsLines } from "./sysfs-lines.js";

interface OpenDrain {
  readonly line:
    { readonly fd: number } | { readonly directionFd: number; readonly valueFd: number };
  /** Closes what was opened to make it; the bus has files of its own then. */
  close(): void;
}

export interface GpioAccessOptions {
  readonly chips: readonly GpioChip[];
  /** Undefined where the kernel offers no lines in sysfs. */
  readonly sysfs: SysfsLines | undefined;
  readonly addon: NativeGpioAddon;
  readonly clock: Clock;
}

/** Lines of the kernel: through sysfs where it has them, through character devices otherwise. */
export class GpioAccess {
  readonly #options: GpioAccessOptions;
  readonly #natives = new Set<NativeGpioLine>();

  constructor(options: GpioAccessOptions) {
    this.#options = options;
  }

  /** @throws GPIO_UNAVAILABLE, as all below */
  openInput(line: Line): HeldLine {
    const placed = this.#place(line);
    const way = this.#sysfsOf(placed);
    return new HeldLine(
      placed.name,
      way === undefined
        ? this.#native(placed, "input", 0)
        : way.sysfs.openInput(placed.name, way.number),
    );
  }

  openOutput(line: Line, initial: Level | "asIs"): HeldLine {
    const placed = this.#place(line);
    const way = this.#sysfsOf(placed);
    if (way !== undefined) {
      const calls = way.sysfs.openOutput(placed.name, way.number, initial);
      return new HeldLine(placed.name, calls, { path: way.sysfs.valueFile(way.number) });
    }
    const held = this.#nativeOutput(placed, initial);
    return new HeldLine(placed.name, held, nativeLine(held, placed));
  }

  /** Held until `close`. */
  openNativeOutput(line: Line, initial: Level | "asIs"): NativeLine {
    const placed = this.#place(line);
    const way = this.#sysfsOf(placed);
    if (way === undefined) return nativeLine(this.#nativeOutput(placed, initial), placed);
    way.sysfs.openOutput(placed.name, way.number, initial);
    return { path: way.sysfs.valueFile(way.number) };
  }

  /** Times of the kernel are better than ours, so they come first here. */
  openEdges(line: Line): EdgeSource {
    const placed = this.#place(line);
    const way = this.#sysfsOf(placed);
    const { clock } = this.#options;
    try {
      return new KernelEdges(this.#native(placed, "fallingEdges", 0), clock);
    } catch (error) {
      // A line that scripts exported to sysfs is taken for the character device.
      if (way === undefined || !isMinerError(error)) throw error;
      return new PolledEdges(way.sysfs.openEdges(placed.name, way.number), clock);
    }
  }

  openTwoLineBus(scl: Line, sda: Line): NativeTwoLineBus {
    const opened: OpenDrain[] = [];
    try {
      const [clockLine, dataLine] = [scl, sda].map((line) => {
        const drain = this.#openDrain(this.#place(line));
        opened.push(drain);
        return drain.line;
      });
      if (clockLine === undefined || dataLine === undefined)
        throw new MinerError("INTERNAL", { missing: "line" });
      return new this.#options.addon.TwoLineBus(clockLine, dataLine);
    } finally {
      for (const drain of opened) drain.close();
    }
  }

  close(): void {
    for (const line of this.#natives) line.close();
    this.#natives.clear();
  }

  #place(line: Line): PlacedLine {
    return placeLine(line, this.#options.chips);
  }

  #sysfsOf({ number }: PlacedLine): { sysfs: SysfsLines; number: number } | undefined {
    const { sysfs } = this.#options;
    return sysfs === undefined || number === undefined ? undefined : { sysfs, number };
  }

  #nativeOutput(placed: PlacedLine, initial: Level | "asIs"): NativeGpioLine {
    return initial === "asIs"
      ? this.#native(placed, "outputAsIs", 0)
      : this.#native(placed, "output", initial);
  }

  #native({ name, on }: PlacedLine, use: NativeLineUse, level: Level): NativeGpioLine {
    if (on === undefined)
      throw new MinerError("GPIO_UNAVAILABLE", {
        line: name,
        reason: "neither sysfs nor a character device offers it",
      });
    const { GpioLine } = this.#options.addon;
    const line = onLine(
      "GPIO_UNAVAILABLE",
      name,
      () => new GpioLine(on.device, on.offset, use, level),
    );
    this.#natives.add(line);
    return line;
  }

  #openDrain(placed: PlacedLine): OpenDrain {
    const way = this.#sysfsOf(placed);
    // The kernel's own open drain is a single call a change, and knows lines that can do it in hardware.
    if (placed.on !== undefined || way === undefined) {
      const line = this.#native(placed, "openDrain", 1);
      return {
        line: { fd: line.fd },
        close: () => {
          this.#natives.delete(line);
          line.close();
        },
      };
    }
    const line = way.sysfs.openFiles(placed.name, way.number);
    return {
      line,
      close: () => {
        closeSync(line.directionFd);
        closeSync(line.valueFd);
      },
    };
  }
}

function nativeLine({ fd }: NativeGpioLine, { on }: PlacedLine): NativeLine {
  if (on === undefined) throw new MinerError("INTERNAL", { missing: "device of a line" });
  return { fd, device: on.device, offset: on.offset };
}
