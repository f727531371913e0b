import * as z from "zod/mini";
import type { ControlBoard } from "../boards/machine-spec.js";
import type { GpioOutput, Level } from "../hal/gpio.js";
import type { Hardware } from "../hal/hardware.js";
import type { Clock } from "../lib/clock.js";
import type { Evidence } from "../lib/evidence.js";
import { MinerError } from "../lib/errors.js";
import { findingOf, findingText } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";

/** Inferred: seen from the end of a row, and told from a light that shows network traffic. */
const HALF_PERIOD_MS = 500;
/** Inferred: other firmware blinks until it is told to stop; a forgotten light sends the next one to the wrong machine. */
const USUAL_S = 600;
const MOST_S = 86_400;
/** As control boards name their lights. */
const LIGHT = "led-";

export const LocateWish = z.strictObject({
  on: z.optional(z.boolean()),
  seconds: z.optional(z.int().check(z.minimum(1), z.maximum(MOST_S))),
});

export interface LocateReply {
  readonly isOn: boolean;
  readonly endsUnixMs: number | null;
  /** Those that blink, by their names in boards/. */
  readonly lines: readonly string[];
  /** How well they are known. */
  readonly evidence: Evidence;
}

export interface LocatorOptions {
  readonly board: Pick<ControlBoard, "name" | "lines">;
  readonly hardware: Pick<Hardware, "openOutput">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Makes the lights of the control board blink, so that somebody finds the machine. */
export class Locator {
  readonly #options: LocatorOptions;
  #outputs: readonly GpioOutput[] | undefined;
  #level: Level = 0;
  /** Of those who blink the last counts. */
  #turn = 0;
  #endMs = -Infinity;
  #cancel: () => void = () => undefined;

  constructor(options: LocatorOptions) {
    this.#options = options;
  }

  /** Whether they blink for somebody now. */
  get isOn(): boolean {
    return this.#options.clock.nowMs() < this.#endMs;
  }

  /**
   * Blinks for so long from now on, or ends it.
   * Rejects with LOCATE_UNAVAILABLE where no light is known, GPIO_UNAVAILABLE, GPIO_FAILED
   */
  async locate({ on = true, seconds = USUAL_S }: z.infer<typeof LocateWish>): Promise<LocateReply> {
    const { clock } = this.#options;
    const lights = this.#lights();
    this.#outputs ??= await this.#open(lights);
    this.#end();
    const endMs = clock.nowMs() + seconds * 1000;
    await this.#put(on ? 1 : 0);
    this.#endMs = on ? endMs : -Infinity;
    if (on) this.#blink(endMs, (this.#turn += 1));
    return {
      isOn: on,
      endsUnixMs: on ? clock.unixMs() + seconds * 1000 : null,
      lines: lights.map(({ name }) => name),
      evidence: lights.every(({ evidence }) => evidence === "captured") ? "captured" : "documented",
    };
  }

  /** The lights are off when it resolves. */
  async stop(): Promise<void> {
    this.#end();
    if (this.#level === 1) await this.#put(0).catch(() => undefined); // the program ends
  }

  /** Lines that are no more than inferred are left alone: on another board they may be something else. */
  #lights(): readonly { readonly name: string; readonly evidence: Evidence }[] {
    const { name: controlBoard, lines = {} } = this.#options.board;
    const all = Object.entries(lines).filter(([name]) => name.startsWith(LIGHT));
    const known = all.filter(([, { evidence }]) => evidence !== "inferred");
    if (known.length > 0) return known.map(([name, { evidence }]) => ({ name, evidence }));
    const names = all.map(([name]) => name).join(", ");
    const reason = all.length === 0 ? "no light is known" : `only inferred: ${names}`;
    throw new MinerError("LOCATE_UNAVAILABLE", { controlBoard, reason });
  }

  async #open(lights: readonly { readonly name: string }[]): Promise<readonly GpioOutput[]> {
    const { board, hardware } = this.#options;
    const outputs: GpioOutput[] = [];
    for (const { name } of lights) {
      const line = board.lines?.[name]?.line;
      if (line !== undefined) outputs.push(await hardware.openOutput(line, 0));
    }
    return outputs;
  }

  #end(): void {
    this.#turn += 1;
    this.#cancel();
  }

  #blink(endMs: number, turn: number): void {
    const { clock, log } = this.#options;
    this.#cancel = clock.after(HALF_PERIOD_MS, () => {
      const isOver = clock.nowMs() >= endMs;
      this.#put(isOver || this.#level === 1 ? 0 : 1).then(
        () => {
          if (!isOver && turn === this.#turn) this.#blink(endMs, turn);
        },
        (error: unknown) => {
          log.warn({ error: findingText(findingOf(error)) }, "light");
        },
      );
    });
  }

  async #put(level: Level): Promise<void> {
    this.#level = level;
    for (const output of this.#outputs ?? []) await output.write(level);
  }
}
