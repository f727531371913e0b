import type { PowerSupply } from "../drivers/power-supply.js";
import type { Clock } from "../lib/clock.js";
import { isMinerError, MinerError } from "../lib/errors.js";
import type { SetpointFact } from "../safety/rail-facts.js";
import type { SupplyReadings } from "./supply-readings.js";

/** Requests before a supply counts as not holding what it is told. Documented: S19k Pro port, up to four. */
const TRIES = 3;
/** Between setpoint and what is read back. Documented: S19k Pro port. */
const TOLERANCE_MV = 150;
/** The same share of a low voltage as 0.15 V is of 12 V. Inferred. */
const TOLERANCE_SHARE = TOLERANCE_MV / 12_000;
/** Steps of all known supplies are smaller. Inferred from their formulas. */
const STEP_SHARE = 0.0025;
/** Largest move under load. Documented: BraiinsOS on an S19k Pro moves roughly so far. */
const MOVE_MV = 500;

export interface RailVoltageOptions {
  readonly supply: PowerSupply;
  readonly readings: SupplyReadings;
  /** What the machine may never leave. */
  readonly limits: { readonly minMv: number; readonly maxMv: number };
  readonly clock: Clock;
}

/** The voltage that the supply is set to: set, read back, and never believed otherwise. */
export class RailVoltage {
  readonly #options: RailVoltageOptions;
  /** What the last request was for, as near as the supply can express it. */
  #wantedMv: number | undefined;
  #isMoving = false;
  #isUnread = true;

  constructor(options: RailVoltageOptions) {
    this.#options = options;
  }

  /** A supply with one voltage needs no setting: it has no other. */
  get #isFixed(): boolean {
    const { readings, supply } = this.#options;
    const { min, max } = supply.rangeMv;
    return !readings.can("setpointMv") && min === max;
  }

  get fact(): SetpointFact {
    if (this.#isMoving) return { is: "changing" };
    const wantedMv = this.#wantedMv;
    if (wantedMv === undefined || this.#isUnread) return { is: "unread" };
    if (this.#isFixed) return { is: "verified", railMv: wantedMv, ageS: 0 };
    const read = this.#options.readings.latest("setpointMv");
    if (read === undefined) return { is: "unread" };
    if (!isNear(read.value, wantedMv)) return { is: "wrong", wantedMv, readMv: read.value };
    const ageS = (this.#options.clock.nowMs() - read.atMs) / 1000;
    return { is: "verified", railMv: read.value, ageS };
  }

  /** @throws PSU_VOLTAGE_OUT_OF_RANGE */
  assertAllowed(railMv: number): void {
    const { supply, limits } = this.#options;
    const minMv = Math.max(limits.minMv, supply.rangeMv.min);
    const maxMv = Math.min(limits.maxMv, supply.rangeMv.max);
    if (railMv >= minMv && railMv <= maxMv) return;
    throw new MinerError("PSU_VOLTAGE_OUT_OF_RANGE", { railMv, minMv, maxMv });
  }

  /**
   * Sets one voltage and reads it back; three times at most. What is read back counts, not what was answered: a
   * supply may refuse and apply, or echo and not apply.
   * @throws PSU_VOLTAGE_OUT_OF_RANGE, PSU_READBACK_MISMATCH, PSU_NO_ANSWER, I2C_...; the reason of the signal
   */
  async set(railMv: number, isOn: boolean, signal?: AbortSignal): Promise<void> {
    this.assertAllowed(railMv);
    if (this.#isFixed) {
      this.#wantedMv = railMv;
      this.#isUnread = false;
      return;
    }
    if (!this.#options.readings.can("setpointMv"))
      throw new MinerError("PSU_READBACK_MISMATCH", { railMv, setpoint: "cannot be read" });
    this.#isMoving = isOn;
    try {
      await this.#setAndRead(railMv, signal);
    } finally {
      this.#isMoving = false;
    }
  }

  /**
   * After the supply learned to tell its voltages exactly: reads what it is set to, and sets it anew when that is more
   * than a step away from what was asked for. Resolves with whether it was set.
   * @throws as set does; when the supply does not answer, what was known before counts on
   */
  async refresh(railMv: number, isOn: boolean, signal?: AbortSignal): Promise<boolean> {
    this.#isMoving = isOn;
    try {
      const readMv = await this.#options.readings.read("setpointMv");
      const isThere = Math.abs(readMv - railMv) <= railMv * STEP_SHARE;
      if (isThere) this.#wantedMv = readMv;
      else await this.#setAndRead(railMv, signal);
      return !isThere;
    } finally {
      this.#isMoving = false;
    }
  }

  /** Voltages on the way to one, each a move that a running machine bears. */
  movesTo(railMv: number): readonly number[] {
    const { fact } = this;
    if (fact.is !== "verified") return [railMv];
    const gapMv = railMv - fact.railMv;
    const moves = Math.max(1, Math.ceil(Math.abs(gapMv) / MOVE_MV));
    return Array.from({ length: moves }, (_, index) =>
      index === moves - 1 ? railMv : Math.round(fact.railMv + (gapMv * (index + 1)) / moves),
    );
  }

  /** Asks the supply what it is set to, and takes that for what is wanted. @throws as read does */
  async adopt(): Promise<void> {
    const { readings, supply } = this.#options;
    if (this.#isFixed) this.#wantedMv = supply.rangeMv.min;
    else if (readings.can("setpointMv")) this.#wantedMv = await readings.read("setpointMv");
    else return;
    this.#isUnread = false;
  }

  async #setAndRead(railMv: number, signal: AbortSignal | undefined): Promise<void> {
    const { supply, readings } = this.#options;
    let cause: unknown;
    this.#isUnread = true;
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      signal?.throwIfAborted();
      this.#wantedMv = railMv;
      try {
        this.#wantedMv = (await supply.requestVoltage(railMv)).railMv;
      } catch (error) {
        if (isMinerError(error, "PSU_VOLTAGE_OUT_OF_RANGE")) throw error;
        cause = error; // it may have been applied all the same: the reading tells
      }
      try {
        const readMv = await readings.read("setpointMv");
        this.#isUnread = false;
        if (isNear(readMv, this.#wantedMv)) return;
        const facts = { wantedMv: this.#wantedMv, readMv, attempt };
        cause = new MinerError("PSU_READBACK_MISMATCH", facts, { cause });
      } catch (error) {
        this.#isUnread = true;
        cause = error;
      }
    }
    throw cause;
  }
}

/** Within one step of the supply's converter, or what measurements differ by. */
function isNear(readMv: number, wantedMv: number): boolean {
  return Math.abs(readMv - wantedMv) <= Math.min(TOLERANCE_MV, wantedMv * TOLERANCE_SHARE);
}
