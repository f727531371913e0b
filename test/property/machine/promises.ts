import type { Clock } from "../../../src/lib/clock.js";

/** A promise of the machine that was broken. */
export interface Violation {
  readonly promise: string;
  readonly facts: string;
  readonly atMs: number;
}

/** What the oracle let pass, with how long: it is counted so that nobody takes it for judged. */
export type ExcuseName =
  /** A sensor told a plausible lie; nobody who has no second opinion can know. */
  | "lyingSensor"
  /** The same, while the place was hotter than the limit. */
  | "lyingSensorHidesHeat"
  /** Nobody looks during a lease, and the place got warmer faster than what the lease is bounded by. */
  | "suddenHeatInLease"
  /** One chip burns where no sensor is. */
  | "hotSpot"
  /** A tach told the speed of a fan that stood. */
  | "lyingTach"
  /** The setpoint is off as the supply never told which of two curves it has. */
  | "unknownFirmware"
  /** A running machine was found and not judged yet. */
  | "foreign"
  /** The output stayed on against the line. */
  | "supplyIgnoresLine";

/** What has been promised, since when it is not so, and the first promise that was broken for too long. */
export class Promises {
  readonly #clock: Clock;
  readonly #since = new Map<string, number>();
  readonly excusedMs = new Map<ExcuseName, number>();
  violation: Violation | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  kept(promise: string): void {
    this.#since.delete(promise);
  }

  /** Counts when it goes on for longer than the limit while it matters. */
  broken(promise: string, matters: boolean, limitMs: number, facts: () => string): void {
    const nowMs = this.#clock.nowMs();
    const sinceMs = this.#since.get(promise) ?? nowMs;
    this.#since.set(promise, sinceMs);
    if (matters && nowMs - sinceMs > limitMs)
      this.blame(promise, `${facts()}, for ${nowMs - sinceMs} ms`);
  }

  /** The first counts; later ones may follow from it. */
  blame(promise: string, facts: string): void {
    this.violation ??= { promise, facts, atMs: this.#clock.nowMs() };
  }

  excuse(name: ExcuseName, ms: number): void {
    this.excusedMs.set(name, (this.excusedMs.get(name) ?? 0) + ms);
  }
}
