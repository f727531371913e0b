import { join } from "node:path";
import { projectRoot } from "../lib/project-root.js";

export interface NativeGuardOptions {
  /** Since the last feed; then it acts. */
  readonly limitMs: number;
  /** SCHED_FIFO priority of its thread, 0 for the normal class. */
  readonly priority: number;
  /** Texts of off-action.ts, power first. */
  readonly actions: readonly string[];
}

/** What `readState` fills in, in this order: native/binding/power_guard.cpp. */
export const NATIVE_GUARD_FIELDS = ["state", "cause", "trippedUnixMs", "companionAgeMs"] as const;
export const NATIVE_GUARD_STATES = ["disarmed", "armed", "tripped"] as const;
export const NATIVE_GUARD_CAUSES = ["none", "unfed", "companion lost"] as const;

/** native/guard/power_guard.hpp. All calls are short; `trip` and `stop` act before they return. */
export interface NativePowerGuard {
  start(): void;
  /** What is armed is switched off. */
  stop(): void;
  /** The other end of a pair of sockets, for a companion in place of the former one; the caller closes it. */
  openCompanion(): number;
  arm(): void;
  feed(): void;
  disarm(): void;
  trip(): void;
  askLease(leaseMs: number): void;
  leave(): void;
  readState(into: Float64Array): void;
}

/** The part of the addon that cuts power. */
export interface NativeGuardAddon {
  readonly PowerGuard: new (options: NativeGuardOptions) => NativePowerGuard;
}

/** The program that runs beside the controller, where the addons are built too. */
export function companionFile(): string {
  return join(projectRoot(), "build", "Release", "companion");
}
