import type { SensorPart } from "../../boards/names.js";
import { withDeadline } from "../../hal/with-deadline.js";
import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import type { Finding } from "../../lib/finding.js";
import type { TemperatureFact } from "../../safety/rail-facts.js";
import type { FittedSensor, FittedSlot } from "./fitted-machine.js";
import { sensorTrouble } from "./open-sensors.js";
import { Repeater } from "./repeater.js";
import { SensorTrack } from "./sensor-track.js";

const PERIOD_MS = 1000;
/** A sensor behind a controller takes 145 ms; what takes longer than this does not come. */
const READ_LIMIT_MS = 2000;

export interface TemperatureReading {
  readonly slot: number;
  readonly place: string;
  readonly part: SensorPart;
  readonly isDie: boolean;
  /** Null while it never answered. */
  readonly tempC: number | null;
  readonly ageS: number | null;
  readonly evidence: "measured" | "none";
  /** Why the last try failed; null when it did not. */
  readonly trouble: Finding | null;
}

interface SensorState {
  readonly fitted: FittedSensor;
  readonly track: SensorTrack;
  tempC: number | undefined;
  atMs: number;
  failures: number;
  trouble: Finding | undefined;
  /** A reading that is under way. */
  pending: Promise<void> | undefined;
}

/** Reads the sensors of one slot once a second, all at once. */
export class SensorPoller {
  readonly slot: number;
  readonly #clock: Clock;
  readonly #onRound: () => void;
  readonly #states: readonly SensorState[];
  readonly #repeater: Repeater;

  constructor(slot: FittedSlot, clock: Clock, onRound: () => void) {
    this.slot = slot.slot;
    this.#clock = clock;
    this.#onRound = onRound;
    this.#states = slot.sensors.map((fitted) => ({
      ...{ fitted, track: new SensorTrack(), tempC: undefined, atMs: 0 },
      ...{ failures: 0, trouble: undefined, pending: undefined },
    }));
    const action = (): Promise<void> => this.#round();
    this.#repeater = new Repeater({ clock, periodMs: PERIOD_MS, action });
  }

  start(): void {
    this.#repeater.start();
  }

  stop(): Promise<void> {
    return this.#repeater.stop();
  }

  facts(): readonly TemperatureFact[] {
    const nowMs = this.#clock.nowMs();
    return this.#states.map((state) => ({
      slot: this.slot,
      place: state.fitted.place,
      isDie: state.fitted.isDie,
      tempC: state.tempC,
      ageS: state.tempC === undefined ? Infinity : (nowMs - state.atMs) / 1000,
      trouble: state.trouble?.code,
      riseCPerS: state.track.riseCPerS,
      unchangedS: state.track.unchangedS(nowMs),
      othersMovedC: state.track.othersMovedC(this.#othersC(state)),
    }));
  }

  snapshot(): readonly TemperatureReading[] {
    return this.#states.map((state) => ({
      slot: this.slot,
      place: state.fitted.place,
      part: state.fitted.sensor.part,
      isDie: state.fitted.isDie,
      tempC: state.tempC ?? null,
      ageS: state.tempC === undefined ? null : this.#ageS(state),
      evidence: state.tempC === undefined ? "none" : "measured",
      trouble: state.trouble ?? null,
    }));
  }

  #ageS({ atMs }: SensorState): number {
    return (this.#clock.nowMs() - atMs) / 1000;
  }

  async #round(): Promise<void> {
    await Promise.all(this.#states.map((state) => this.#read(state)));
    this.#onRound();
  }

  /** What the other sensors of the board said last; nothing in the place of this one. */
  #othersC(state: SensorState): readonly (number | undefined)[] {
    return this.#states.map((other) => (other === state ? undefined : other.tempC));
  }

  async #ask(state: SensorState): Promise<void> {
    const tempC = await state.fitted.sensor.readTempC();
    state.tempC = tempC;
    state.atMs = this.#clock.nowMs();
    state.track.note(tempC, state.atMs, this.#othersC(state));
    state.failures = 0;
    state.trouble = undefined;
  }

  /**
   * One try: the next round is the next one. A reading that is late is waited for and not doubled: behind a controller
   * readings take turns, and those that nobody waits for would hold up the ones that count.
   */
  async #read(state: SensorState): Promise<void> {
    const { place } = state.fitted;
    const facts = { slot: this.slot, place };
    const late = (): MinerError => new MinerError("SENSOR_SILENT", { ...facts, reason: "late" });
    state.pending ??= this.#ask(state).finally(() => {
      state.pending = undefined;
    });
    try {
      await withDeadline(state.pending, this.#clock, READ_LIMIT_MS, late);
    } catch (error) {
      state.failures += 1;
      state.trouble = sensorTrouble(error, this.slot, place);
    }
  }
}
