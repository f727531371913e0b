import type { ControlBoardTemperature, Hardware } from "../../hal/hardware.js";
import type { Clock } from "../../lib/clock.js";
import type { ControlBoardFact } from "../../safety/rail-facts.js";
import type { ControlBoardSnapshot } from "../../telemetry/machine-snapshot.js";
import { Repeater } from "./repeater.js";

/** A processor with its heat spreader takes longer than this for a degree. Inferred. */
const PERIOD_MS = 2000;

interface Read extends ControlBoardTemperature {
  readonly atMs: number;
}

/** Reads the temperature of the control board again and again; one that falls silent gets old and is not forgotten. */
export class ControlBoardWatch {
  readonly #clock: Clock;
  readonly #loop: Repeater;
  #last: Read;

  private constructor(
    first: Read,
    read: () => Promise<ControlBoardTemperature | undefined>,
    clock: Clock,
  ) {
    this.#clock = clock;
    this.#last = first;
    const action = async (): Promise<void> => {
      const told = await read();
      if (told !== undefined) this.#last = { ...told, atMs: clock.nowMs() };
    };
    this.#loop = new Repeater({ clock, periodMs: PERIOD_MS, action });
  }

  /** Reads once. Undefined where the control board does not measure its own temperature. */
  static async open(
    hardware: Pick<Hardware, "controlBoardTemperature">,
    clock: Clock,
  ): Promise<ControlBoardWatch | undefined> {
    const read = (): Promise<ControlBoardTemperature | undefined> =>
      hardware.controlBoardTemperature?.() ?? Promise.resolve(undefined);
    const first = await read();
    if (first === undefined) return undefined;
    return new ControlBoardWatch({ ...first, atMs: clock.nowMs() }, read, clock);
  }

  /** For the permit. */
  fact(): ControlBoardFact {
    return { tempC: this.#last.tempC, ageS: this.#ageS };
  }

  snapshot(): ControlBoardSnapshot {
    const { place, tempC } = this.#last;
    return { place, tempC, ageS: this.#ageS };
  }

  /** Goes on reading until `stop`. */
  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  get #ageS(): number {
    return (this.#clock.nowMs() - this.#last.atMs) / 1000;
  }
}
