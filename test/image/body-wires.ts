import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Level } from "../../src/hal/gpio.js";
import { LineFile } from "../../src/hal/line-file.js";
import type { Monitor } from "./monitor.js";

/** Lines of boards/control-boards/qemu-ast2600.yaml by QEMU's names: eight to a letter. */
const RESETS = ["gpioD0", "gpioD1", "gpioD2"];
const PLUGS = ["gpioE0", "gpioE1", "gpioE2"];
const ENABLE = "gpioD4";
const GPIO = "/machine/soc/gpio";
const PAUSE_MS = 5;

export interface LineChange {
  readonly line: string;
  readonly level: Level;
  readonly atMs: number;
}

/** Brings the levels of the emulator's lines to the virtual machine, and tells when they moved. */
export class BodyWires {
  readonly changes: LineChange[] = [];
  readonly #monitor: Monitor;
  readonly #sinks: ReadonlyMap<string, (level: Level) => Promise<void>>;
  readonly #levels = new Map<string, Level>();
  #isClosed = false;
  #looking = Promise.resolve();

  private constructor(monitor: Monitor, deviceDir: string) {
    this.#monitor = monitor;
    const lineOf = (name: string): LineFile => new LineFile(name, join(deviceDir, name));
    const enable = lineOf("psu-enable");
    this.#sinks = new Map([
      ...RESETS.map((name, slot) => {
        const reset = lineOf(`chain${slot}.reset`);
        return [name, (level: Level) => reset.write(level)] as const;
      }),
      // A transistor: the supply's own line is on at 0.
      [ENABLE, (level) => enable.write(level === 1 ? 0 : 1)],
    ]);
  }

  static async connect(monitor: Monitor, deviceDir: string): Promise<BodyWires> {
    const wires = new BodyWires(monitor, deviceDir);
    await wires.plugIn();
    await wires.#look();
    wires.#looking = wires.#watch();
    return wires;
  }

  /** The boards pull their lines up. After a reset of the emulator they have to again. */
  async plugIn(): Promise<void> {
    for (const plug of PLUGS) await this.#monitor.set(GPIO, plug, true);
  }

  /** The line that asks for the output, as the program drives it. */
  get isEnabled(): boolean {
    return this.#levels.get(ENABLE) === 1;
  }

  /** Chains that are held in reset. */
  get inReset(): readonly number[] {
    return RESETS.flatMap((name, slot) => (this.#levels.get(name) === 0 ? [slot] : []));
  }

  /** When the enable line last went to 0. */
  get offAtMs(): number | undefined {
    return this.changes.findLast(({ line, level }) => line === ENABLE && level === 0)?.atMs;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#looking;
  }

  async #watch(): Promise<void> {
    try {
      while (!this.#isClosed) {
        await this.#look();
        await sleep(PAUSE_MS);
      }
    } catch {
      // The emulator has ended: with it go all levels, as with the power of a control board.
      for (const sink of this.#sinks.values()) await sink(0);
    }
  }

  async #look(): Promise<void> {
    for (const [line, sink] of this.#sinks) {
      const level = (await this.#monitor.get(GPIO, line)) === true ? 1 : 0;
      if (this.#levels.get(line) === level) continue;
      this.#levels.set(line, level);
      this.changes.push({ line, level, atMs: performance.now() });
      await sink(level);
    }
  }
}
