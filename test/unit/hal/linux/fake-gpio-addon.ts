import type {
  NativeGpioAddon,
  NativeGpioLine,
  NativeLineUse,
  NativeOpenDrainLine,
} from "../../../../src/hal/native-gpio.js";
import type { FakeLine } from "./fake-line.js";
import { kernelError, type ImitatedKernel } from "./imitated-kernel.js";

/** The addon over the character devices of an imitated kernel. */
export function fakeGpioAddon(kernel: ImitatedKernel): NativeGpioAddon {
  let nextFd = 100;

  class GpioLine implements NativeGpioLine {
    readonly fd = nextFd++;
    readonly #line: FakeLine;
    #isOpen = true;

    constructor(device: string, offset: number, use: NativeLineUse, level: 0 | 1) {
      const chip = kernel.chips.get(device);
      if (chip === undefined) throw kernelError("ENOENT");
      if (offset >= chip.lines) throw kernelError("EINVAL");
      const number = chip.base + offset;
      this.#line = kernel.line(number);
      if (this.#line.isBusy || kernel.isExported(number)) throw kernelError("EBUSY");
      this.#line.isBusy = true;
      this.#line.isOpenDrain = use === "openDrain";
      if (use === "input" || use === "fallingEdges") this.#line.isOutput = false;
      else if (use === "outputAsIs") this.#line.drive(this.#line.level);
      else this.#line.drive(use === "openDrain" ? 1 : level);
    }

    read(): 0 | 1 {
      this.#assertUsable();
      return this.#line.level;
    }

    write(level: 0 | 1): void {
      this.#assertUsable();
      if (!this.#line.isOutput) throw kernelError("EPERM");
      this.#line.drive(level);
    }

    takeEdges(): Float64Array {
      this.#assertUsable();
      return Float64Array.from(this.#line.edgesUs.splice(0));
    }

    close(): void {
      if (this.#isOpen) this.#line.isBusy = false;
      this.#isOpen = false;
    }

    #assertUsable(): void {
      if (!this.#isOpen) throw kernelError("EBADF");
      if (this.#line.isBroken) throw kernelError("EIO");
    }
  }

  return {
    GpioLine,
    TwoLineBus: class {
      constructor(scl: NativeOpenDrainLine, sda: NativeOpenDrainLine) {
        kernel.twoLineBuses.push([scl, sda]);
      }
      transfer(): Promise<{ status: number; read: Uint8Array }> {
        return Promise.resolve({ status: 1, read: new Uint8Array() });
      }
      recover(): Promise<{ status: number; read: Uint8Array }> {
        return Promise.resolve({ status: 0, read: new Uint8Array() });
      }
      close(): void {
        // Nothing is held.
      }
    },
    readGpioChip: (device) => {
      const chip = kernel.chips.get(device);
      if (chip === undefined) throw kernelError("ENOTTY");
      return { label: chip.label, lines: chip.lines };
    },
    setWatchdogTimeout: (_fd, seconds) => {
      kernel.watchdogTimes.push(seconds);
      if (seconds > 60) throw kernelError("EINVAL");
      return seconds;
    },
  };
}
