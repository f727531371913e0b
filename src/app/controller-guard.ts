import type { OffAction } from "../hal/off-action.js";
import { loadAddon } from "../hal/native.js";
import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import type { Logger } from "../lib/logger.js";
import { takeCompanionReport, type CompanionReport } from "../safety/companion-report.js";
import { findLease, type HeldLease } from "../safety/held-lease.js";
import { leasePath, NativeGuard } from "../safety/native-guard.js";
import type { TripLog } from "../safety/trip.js";

export interface ControllerGuardOptions {
  readonly dataDir: string;
  /** Of the chain threads; the guard goes before them. 0 for the normal class. */
  readonly realTimePriority: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The guard of one run of the controller: from what the run before left to what this one leaves. */
export class ControllerGuard {
  readonly #options: ControllerGuardOptions;
  readonly #lease: HeldLease | undefined;
  /** What a companion did since the controller ran last. */
  readonly #report: CompanionReport | undefined;
  #guard: NativeGuard | undefined;

  private constructor(options: ControllerGuardOptions, lease: HeldLease | undefined) {
    const { dataDir, clock, log } = options;
    this.#options = options;
    this.#lease = lease;
    this.#report = takeCompanionReport(dataDir, clock, log);
    if (this.#report !== undefined)
      log.error({ ...this.#report }, "the companion cut the power when the controller was gone");
  }

  static async find(options: ControllerGuardOptions): Promise<ControllerGuard> {
    return new ControllerGuard(options, await findLease(leasePath(options.dataDir)));
  }

  /** What the companion did is a trip like any other. */
  tellTrip(trips: Pick<TripLog, "record">): void {
    if (this.#report === undefined) return;
    const { atUnixMs, cause, failed } = this.#report;
    trips.record({
      ...{ atUnixMs, code: "GUARD_TRIPPED", context: { cause, failed } },
      ...{ action: "cut", slot: null, by: "companion", facts: null },
    });
  }

  /** The controller before us was restarted as planned, and its companion keeps the power on for us. */
  get isHandedOver(): boolean {
    return this.#lease !== undefined;
  }

  /** @throws GUARD_UNAVAILABLE */
  readonly open = async (actions: readonly OffAction[]): Promise<NativeGuard> => {
    const { realTimePriority, ...rest } = this.#options;
    const priority = realTimePriority === 0 ? 0 : Math.min(realTimePriority + 1, 99);
    const lease = this.#lease;
    this.#guard = await NativeGuard.open({ ...rest, addon: loadAddon(), actions, priority, lease });
    return this.#guard;
  };

  /** The companion keeps the power on. @throws GUARD_UNAVAILABLE */
  async lease(leaseMs: number): Promise<void> {
    if (this.#guard === undefined) throw new MinerError("GUARD_UNAVAILABLE", { missing: "guard" });
    await this.#guard.lease(leaseMs);
  }

  /** With `left` the power is the companion's from now on; else what may still be on goes off. */
  close(how: "off" | "left"): void {
    if (how === "left") this.#guard?.leave();
    else this.#guard?.close();
    this.#guard = undefined;
  }
}
