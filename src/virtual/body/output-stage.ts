/** Ways in which the output of a supply misbehaves. */
export interface OutputTrouble {
  /** The enable line is ignored: always on. */
  readonly isStuckOn: boolean;
  /** Never gives anything. */
  readonly isDead: boolean;
  /** Added to what the setpoint means, mV. */
  readonly offsetMv: number;
  /** Current at which it cuts, in place of its own. */
  readonly tripA: number | undefined;
  /** The output walks away from its setpoint by so much a second. */
  readonly driftMvPerS: number;
  /** It protected itself: off until it is switched off and on again. */
  readonly hasShutDown: boolean;
}

export const GOOD_OUTPUT: OutputTrouble = {
  isStuckOn: false,
  isDead: false,
  offsetMv: 0,
  tripA: undefined,
  driftMvPerS: 0,
  hasShutDown: false,
};

export interface OutputOptions {
  /** Output while nobody has set a voltage. */
  readonly unsetMv: number;
  /** Above this the output is cut until it is switched off and on again. */
  readonly tripA: number;
}

/** What hangs on the rail: watts at a voltage. */
export type RailLoad = (railMv: number) => number;

export type TripReason = "overCurrent" | "watchdog" | "protection";

/** From enable to the start of the rise, and the rate of any change: ready in under the documented 2 s. Inferred. */
const START_DELAY_MS = 400;
const SLEW_MV_PER_MS = 15;
/** Cables and output stage, milliohm: inferred. */
const DROOP_MOHM = 0.3;
/**
 * Capacitors at the rail, farad, and the time constant of what drains them without a load. Inferred from the S19 Pro
 * log, which waits 30 s for the rail to discharge.
 */
const RAIL_FARAD = 0.1;
const BLEED_MS = 8000;
/** Input below this opens the output, and above the other lets it start again. Documented: trip at 80 to 89 V; the return is inferred. */
const INPUT_TRIP_V = 85;
const INPUT_RETURN_V = 100;

/** The power side of a supply: from setpoint and enable line to the voltage at the boards. */
export class OutputStage {
  readonly #options: OutputOptions;
  #trouble = GOOD_OUTPUT;
  #isEnabled = false;
  #isInputGood = true;
  #trip: TripReason | undefined;
  #onForMs = 0;
  /** Voltage inside, before the droop. */
  #sourceMv = 0;
  #railMv = 0;
  #powerW = 0;
  #driftedMv = 0;

  constructor(options: OutputOptions) {
    this.#options = options;
  }

  get railMv(): number {
    return this.#railMv;
  }

  get powerW(): number {
    return this.#powerW;
  }

  get isInputGood(): boolean {
    return this.#isInputGood;
  }

  get trip(): TripReason | undefined {
    return this.#trip;
  }

  /** True while the output stage works. */
  get isOn(): boolean {
    const isAsked = this.#isEnabled || this.#trouble.isStuckOn;
    return isAsked && this.#isInputGood && this.#trip === undefined && !this.#trouble.isDead;
  }

  setTrouble(trouble: OutputTrouble): void {
    if (trouble.hasShutDown && !this.#trouble.hasShutDown) this.cut("protection");
    if (trouble.driftMvPerS === 0) this.#driftedMv = 0;
    this.#trouble = trouble;
  }

  /** Switching off clears a trip. */
  setEnabled(isEnabled: boolean): void {
    this.#isEnabled = isEnabled;
    if (!isEnabled) this.#trip = undefined;
  }

  setInputV(inputV: number): void {
    this.#isInputGood = inputV >= (this.#isInputGood ? INPUT_TRIP_V : INPUT_RETURN_V);
  }

  cut(reason: TripReason): void {
    this.#trip ??= reason;
  }

  /** Makes the rail stand at a voltage at once, as if it had been on for long. */
  settle(setpointMv: number): void {
    this.#onForMs = START_DELAY_MS;
    this.#sourceMv = setpointMv;
    this.#railMv = setpointMv;
  }

  /** Lets `ms` pass. */
  step(ms: number, setpointMv: number | undefined, load: RailLoad): void {
    if (this.isOn) this.#drive(ms, setpointMv ?? this.#options.unsetMv, load);
    else this.#discharge(ms, load);
  }

  #drive(ms: number, setpointMv: number, load: RailLoad): void {
    const startedMs = Math.max(0, this.#onForMs + ms - START_DELAY_MS);
    const movingMs = Math.min(ms, startedMs);
    this.#onForMs += ms;
    const { offsetMv, driftMvPerS } = this.#trouble;
    this.#driftedMv += (driftMvPerS * ms) / 1000;
    const targetMv = Math.max(0, setpointMv + offsetMv + this.#driftedMv);
    const stepMv = movingMs * SLEW_MV_PER_MS;
    const gapMv = targetMv - this.#sourceMv;
    this.#sourceMv += Math.max(-stepMv, Math.min(stepMv, gapMv));
    this.#powerW = load(this.#sourceMv);
    const amps = this.#sourceMv > 0 ? (this.#powerW / this.#sourceMv) * 1000 : 0;
    this.#railMv = Math.max(0, this.#sourceMv - amps * DROOP_MOHM);
    if (amps > (this.#trouble.tripA ?? this.#options.tripA)) this.#trip = "overCurrent";
  }

  /** The load empties the capacitors until it gives up; then they drain by themselves. */
  #discharge(ms: number, load: RailLoad): void {
    this.#onForMs = 0;
    let leftMs = ms;
    this.#powerW = 0;
    while (leftMs > 0) {
      const loadW = load(this.#railMv);
      const pieceMs = loadW > 0 ? Math.min(leftMs, 1) : leftMs;
      const volts = this.#railMv / 1000;
      const leftJ = (RAIL_FARAD * volts ** 2) / 2 - (loadW * pieceMs) / 1000;
      const drainedV = Math.sqrt(Math.max(0, (2 * leftJ) / RAIL_FARAD));
      this.#railMv = drainedV * 1000 * Math.exp(-pieceMs / BLEED_MS);
      leftMs -= pieceMs;
    }
    this.#sourceMv = this.#railMv;
  }
}
