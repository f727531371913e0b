import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { OnoffLibrary, OnoffLine } from "../../../../src/hal/linux/sysfs-lines.js";
import type { ImitatedKernel } from "./imitated-kernel.js";

/** The library onoff 6.0.3 over an imitated kernel, with its habit of swallowing what goes wrong with exported lines. */
export function fakeOnoff(kernel: ImitatedKernel): OnoffLibrary {
  const folder = join(kernel.paths.sys, "class/gpio");
  return class implements OnoffLine {
    static get accessible(): boolean {
      try {
        kernel.text("sys/class/gpio/export");
        return true;
      } catch {
        return false;
      }
    }

    readonly #number: number;
    #watcher: (() => void) | undefined;

    constructor(
      number: number,
      direction: "in" | "out" | "high" | "low",
      edge?: "falling",
      options?: { readonly activeLow: boolean; readonly reconfigureDirection: boolean },
    ) {
      this.#number = number;
      const wasExported = kernel.isExported(number);
      if (!wasExported) kernel.write(join(folder, "export"), String(number));
      const attempt = (change: () => void): void => {
        try {
          change();
        } catch (error) {
          if (!wasExported) throw error;
        }
      };
      attempt(() => {
        this.#write("active_low", options?.activeLow === true ? "1" : "0");
      });
      attempt(() => {
        const wanted = direction === "in" ? "in" : "out";
        if (options?.reconfigureDirection !== false || this.direction() !== wanted)
          this.#write("direction", direction);
      });
      if (edge !== undefined)
        attempt(() => {
          this.setEdge(edge);
        });
    }

    readSync(): 0 | 1 {
      if (kernel.line(this.#number).isBroken) throw new Error("EIO");
      return this.#read("value") === "1" ? 1 : 0;
    }

    writeSync(level: 0 | 1): void {
      this.#write("value", String(level));
    }

    direction(): string {
      return this.#read("direction");
    }

    setDirection(direction: "in" | "high" | "low"): void {
      this.#write("direction", direction);
    }

    activeLow(): boolean {
      return this.#read("active_low") === "1";
    }

    edge(): string {
      return this.#read("edge");
    }

    setEdge(edge: "falling"): void {
      if (kernel.line(this.#number).isFixed) throw new Error("EIO");
      this.#write("edge", edge);
    }

    watch(callback: (error: Error | null | undefined) => void): void {
      this.#watcher = () => {
        callback(null);
      };
      kernel.line(this.#number).watchers.add(this.#watcher);
    }

    unwatchAll(): void {
      if (this.#watcher !== undefined) kernel.line(this.#number).watchers.delete(this.#watcher);
    }

    #read(file: string): string {
      return readFileSync(join(folder, `gpio${String(this.#number)}`, file), "utf8").trim();
    }

    #write(file: string, text: string): void {
      kernel.write(join(folder, `gpio${String(this.#number)}`, file), text);
    }
  };
}
