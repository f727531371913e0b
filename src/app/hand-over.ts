import { findingOf, findingText } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";
import type { ControllerGuard } from "./controller-guard.js";
import type { MachineLife } from "./life-cycle/machine-life.js";
import { UP } from "./life-cycle/machine-state.js";
import type { MachineHardware } from "./machine/machine-hardware.js";

/** As native/guard/companion_watch.hpp has it. */
const MAX_LEASE_MS = 30_000;
/** A controller needs longer than this to start, find out what there is, and be armed. Inferred. */
const MIN_LEASE_MS = 3000;

export interface HandOverParts {
  readonly life: Pick<MachineLife, "state" | "leave">;
  readonly hardware: Pick<MachineHardware, "interlock" | "spareMs">;
  readonly guard: Pick<ControllerGuard, "lease">;
  readonly log: Logger;
}

/** A planned restart: the companion keeps the power on until the next controller takes it over. */
export class HandOver {
  readonly #parts: HandOverParts;

  constructor(parts: HandOverParts) {
    this.#parts = parts;
  }

  /** The machine runs, so that there is something to keep. */
  get isPossible(): boolean {
    const { life, hardware } = this.#parts;
    return hardware.interlock.state.is === "on" && UP.includes(life.state.is);
  }

  /**
   * Puts the chains into reset, as the next controller does in any case, and asks the companion to keep the power on.
   * Resolves with whether it does; if not, the power is still on and to be switched off. Never rejects.
   */
  async begin(): Promise<boolean> {
    const { life, hardware, guard, log } = this.#parts;
    if (!this.isPossible) return false;
    await life.leave();
    const leaseMs = Math.min(hardware.spareMs(), MAX_LEASE_MS);
    if (leaseMs < MIN_LEASE_MS) {
      log.warn({ leaseMs }, "too hot to be left alone: the power goes off");
      return false;
    }
    try {
      await guard.lease(leaseMs);
    } catch (error) {
      log.error({ error: findingText(findingOf(error)) }, "no lease: the power goes off");
      return false;
    }
    log.info({ leaseMs: Math.round(leaseMs) }, "the companion keeps the power on");
    return true;
  }
}
