import type { BoardController } from "../../drivers/board-controller.js";
import { withDeadline } from "../../hal/with-deadline.js";
import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import { findingOf, type Finding } from "../../lib/finding.js";
import type { ControllerFact } from "../../safety/rail-facts.js";
import { Repeater } from "./repeater.js";

/** A heartbeat takes a third of a second. */
const LIMIT_MS = 2000;
/** Heartbeats in a row without an answer before the controller counts as silent. */
const SILENT_AFTER = 3;

export interface ControllerReading {
  readonly slot: number;
  readonly version: number | null;
  /** Since it answered last; null before. */
  readonly ageS: number | null;
  readonly trouble: Finding | null;
}

export interface ControllerHeartbeatOptions {
  readonly slot: number;
  readonly controller: BoardController;
  readonly version: number | undefined;
  readonly clock: Clock;
}

/** Tells a board's controller that we live; without that it opens the board's converter. */
export class ControllerHeartbeat {
  readonly slot: number;
  readonly #options: ControllerHeartbeatOptions;
  readonly #repeater: Repeater;
  #atMs: number | undefined;
  #failures = 0;
  #trouble: Finding | undefined;

  constructor(options: ControllerHeartbeatOptions) {
    this.#options = options;
    this.slot = options.slot;
    const { clock, controller } = options;
    const periodMs = controller.heartbeatMs;
    this.#repeater = new Repeater({ clock, periodMs, action: () => this.#beat() });
  }

  start(): void {
    this.#repeater.start();
  }

  stop(): Promise<void> {
    return this.#repeater.stop();
  }

  /** The controller did not answer several times. */
  get trouble(): Finding | undefined {
    return this.#failures >= SILENT_AFTER ? this.#trouble : undefined;
  }

  /** For the permit. */
  fact(): ControllerFact {
    const { slot, clock } = this.#options;
    const answerAgeS = this.#atMs === undefined ? Infinity : (clock.nowMs() - this.#atMs) / 1000;
    return { slot, answerAgeS, trouble: this.trouble };
  }

  snapshot(): ControllerReading {
    const { slot, version, clock } = this.#options;
    const ageS = this.#atMs === undefined ? null : (clock.nowMs() - this.#atMs) / 1000;
    return { slot, version: version ?? null, ageS, trouble: this.#trouble ?? null };
  }

  /** One try: the next beat is the next one. */
  async #beat(): Promise<void> {
    const { slot, controller, clock } = this.#options;
    const late = (): MinerError => new MinerError("CONTROLLER_NO_ANSWER", { reason: "late" });
    try {
      await withDeadline(controller.heartbeat(), clock, LIMIT_MS, late);
      this.#atMs = clock.nowMs();
      this.#failures = 0;
      this.#trouble = undefined;
    } catch (error) {
      this.#failures += 1;
      this.#trouble = findingOf(error, { slot }, "CONTROLLER_NO_ANSWER");
    }
  }
}
