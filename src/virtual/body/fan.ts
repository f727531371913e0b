/** Ways in which a fan misbehaves. */
export interface FanTrouble {
  readonly isStalled: boolean;
  /** Nothing is plugged in. */
  readonly isMissing: boolean;
  /** The tach tells full speed whatever the fan does. */
  readonly isLying: boolean;
  readonly isTachDead: boolean;
  /** Speed over the one that it should have. */
  readonly speedShare: number;
  /** Turns as with this duty, 0 to 1, whatever it is told. */
  readonly stuckDuty: number | undefined;
  /** What the tach tells over what is so. */
  readonly tachFactor: number;
}

export const GOOD_FAN: FanTrouble = {
  isStalled: false,
  isMissing: false,
  isLying: false,
  isTachDead: false,
  speedShare: 1,
  stuckDuty: undefined,
  tachFactor: 1,
};

/** Speed over full speed = duty ^ this. Inferred from an S19k Pro: 4.2 to 5.4 k at half duty, 6.3 to 7.9 k at full. */
const SPEED_EXPONENT = 0.58;
/** Below this duty the motor stands still: inferred. */
const LEAST_DUTY = 0.03;
const SPIN_UP_MS = 1500;
const COAST_MS = 2500;
/** Slower than this the tach gives no pulse within its window: inferred. */
const LEAST_TACH_RPM = 120;
const PULSES_PER_TURN = 2;
const NS_PER_MINUTE = 60e9;

/** One fan: follows its duty with inertia and tells its speed by pulses. */
export class Fan {
  readonly fullRpm: number;
  #trouble = GOOD_FAN;
  #duty = 1;
  #rpm = 0;

  constructor(fullRpm: number) {
    this.fullRpm = fullRpm;
  }

  get rpm(): number {
    return this.#rpm;
  }

  get duty(): number {
    return this.#duty;
  }

  get trouble(): FanTrouble {
    return this.#trouble;
  }

  /** Air that it moves, as a share of what it moves at full speed. */
  get flowShare(): number {
    return this.#rpm / this.fullRpm;
  }

  /** Time of one pulse; null while the tach is quiet. */
  get tachPeriodNs(): number | null {
    const { isLying, isTachDead, tachFactor } = this.#trouble;
    const rpm = isLying ? this.fullRpm : this.#rpm * tachFactor;
    if (isTachDead || rpm < LEAST_TACH_RPM) return null;
    return Math.round(NS_PER_MINUTE / (rpm * PULSES_PER_TURN));
  }

  setTrouble(trouble: FanTrouble): void {
    this.#trouble = trouble;
  }

  /** @param duty 0..1 */
  setDuty(duty: number): void {
    this.#duty = Math.max(0, Math.min(1, duty));
  }

  step(ms: number, hasPower: boolean): void {
    const { isStalled, isMissing, speedShare, stuckDuty } = this.#trouble;
    const duty = stuckDuty ?? this.#duty;
    const isDriven = hasPower && !isStalled && !isMissing && duty >= LEAST_DUTY;
    const targetRpm = isDriven ? this.fullRpm * duty ** SPEED_EXPONENT * speedShare : 0;
    const inertiaMs = targetRpm > this.#rpm ? SPIN_UP_MS : COAST_MS;
    this.#rpm = isStalled ? 0 : targetRpm + (this.#rpm - targetRpm) * Math.exp(-ms / inertiaMs);
  }
}
