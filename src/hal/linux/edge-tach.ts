import type { FanTach } from "../../boards/schema/control-board.js";
import type { Tach } from "../fan-hardware.js";
import { rpmOf } from "../fan-signal.js";
import { Turns } from "../turns.js";
import type { EdgeSource } from "./edge-source.js";
import { onLineAsync } from "./line-error.js";

/** Long enough for two pulses of a fan at 240 turns a minute with two pulses a turn; slower ones count as standing. */
const WINDOW_MS = 250;
/** Edges a little before the window are in it when the event loop was late. */
const LONGEST_SPAN_US = 4 * WINDOW_MS * 1000;

/** A fan's speed from the falling edges of its tach line. A reading takes a quarter second. */
export class EdgeTach implements Tach {
  readonly name: string;
  readonly #edges: EdgeSource;
  readonly #pulsesPerTurn: number;
  readonly #turns = new Turns();

  constructor({ fan, pulsesPerTurn }: FanTach, edges: EdgeSource) {
    this.name = `fan ${String(fan)}`;
    this.#pulsesPerTurn = pulsesPerTurn;
    this.#edges = edges;
  }

  async readRpm(): Promise<number> {
    const timesUs = await onLineAsync("TACH_FAILED", this.name, () =>
      this.#turns.take(() => this.#edges.collect(WINDOW_MS)),
    );
    const [first] = timesUs;
    const last = timesUs.at(-1);
    if (first === undefined || last === undefined || timesUs.length < 2) return 0;
    const spanUs = last - first;
    // Before Linux 5.7 the times are of the wall clock, which may have been set meanwhile.
    const isPlausible = spanUs > 0 && spanUs <= LONGEST_SPAN_US;
    const periodUs = isPlausible
      ? spanUs / (timesUs.length - 1)
      : (WINDOW_MS * 1000) / timesUs.length;
    return rpmOf(periodUs * 1000, this.#pulsesPerTurn);
  }

  close(): Promise<void> {
    this.#edges.close();
    return Promise.resolve();
  }
}
