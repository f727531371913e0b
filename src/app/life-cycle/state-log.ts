import type { Clock } from "../../lib/clock.js";
import { TypedEmitter } from "../../lib/events.js";
import type { Logger } from "../../lib/logger.js";
import type { MachineStateName } from "../../telemetry/machine-snapshot.js";
import type { MachineState } from "./machine-state.js";

/** Enough for several starts. */
const MAX_PHASES = 40;

/** A state that the machine was in. */
export interface Phase {
  readonly state: MachineStateName;
  /** Clock time of its beginning. */
  readonly sinceMs: number;
}

/** The state of the machine, and those before it with their times. */
export class StateLog {
  /** The machine came into another state than the one named by `before`. */
  readonly events = new TypedEmitter<{
    entered: [state: MachineState, before: MachineStateName];
  }>();
  readonly #clock: Clock;
  readonly #log: Logger;
  #state: MachineState = { is: "off" };
  #phases: readonly Phase[];

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
    this.#phases = [{ state: "off", sinceMs: clock.nowMs() }];
  }

  get state(): MachineState {
    return this.#state;
  }

  /** Oldest first; the last is the present one. */
  get phases(): readonly Phase[] {
    return this.#phases;
  }

  enter(state: MachineState): void {
    const before = this.#state.is;
    this.#state = state;
    if (state.is === before) return;
    const phase = { state: state.is, sinceMs: this.#clock.nowMs() };
    this.#phases = [...this.#phases, phase].slice(-MAX_PHASES);
    this.#log.info({ state: state.is, before }, "machine");
    this.events.emit("entered", state, before);
  }
}
