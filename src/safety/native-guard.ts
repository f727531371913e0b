import { closeSync } from "node:fs";
import { join } from "node:path";
import {
  NATIVE_GUARD_CAUSES,
  NATIVE_GUARD_FIELDS,
  NATIVE_GUARD_STATES,
  type NativeGuardAddon,
  type NativePowerGuard,
} from "../hal/native-guard.js";
import { offActionText, type OffAction } from "../hal/off-action.js";
import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import { findingOf, findingText } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";
import { startCompanion, type CompanionProcess, type StartCompanion } from "./companion-process.js";
import { reportPath } from "./companion-report.js";
import type { Guard, GuardState } from "./guard.js";
import type { HeldLease } from "./held-lease.js";

/**
 * From the last feed. Power is off 500 ms after whatever came after that feed, and 50 ms are for a thread
 * that gets the processor late: docs/adr/0016-guard.md.
 */
export const GUARD_LIMIT_MS = 450;
const START_LIMIT_MS = 2000;
const LEASE_LIMIT_MS = 1000;
const LOOK_MS = 1000;
/** It answers ten beats a second. One that is silent for so long is stopped or stuck. Inferred. */
const SILENT_LIMIT_MS = 2000;
/** Between two tries to start one that cannot be started. */
const RESTART_MS = 5000;

const LEASE_SOCKET = "lease.sock";

export function leasePath(dataDir: string): string {
  return join(dataDir, LEASE_SOCKET);
}

export interface NativeGuardOptions {
  readonly addon: NativeGuardAddon;
  /** What switches off, power first. */
  readonly actions: readonly OffAction[];
  readonly dataDir: string;
  /** SCHED_FIFO priority of thread and companion, 0 for the normal class. */
  readonly priority: number;
  /** Held by the companion of the controller before us. */
  readonly lease?: HeldLease | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly start?: StartCompanion;
}

/** The guard thread of this process, and the companion beside it: docs/adr/0016-guard.md. */
export class NativeGuard implements Guard {
  readonly #options: NativeGuardOptions;
  readonly #native: NativePowerGuard;
  readonly #values = new Float64Array(NATIVE_GUARD_FIELDS.length);
  #companion: CompanionProcess | undefined;
  #lease: HeldLease | undefined;
  #isClosed = false;
  #cancelLook: () => void = () => undefined;
  #cancelRestart: () => void = () => undefined;

  private constructor(options: NativeGuardOptions) {
    this.#options = options;
    this.#lease = options.lease;
    const { addon, actions, priority } = options;
    this.#native = new addon.PowerGuard({
      limitMs: GUARD_LIMIT_MS,
      priority,
      actions: actions.map(offActionText),
    });
  }

  /** Thread and companion run then. @throws GUARD_UNAVAILABLE */
  static async open(options: NativeGuardOptions): Promise<NativeGuard> {
    const guard = new NativeGuard(options);
    try {
      guard.#native.start();
      await guard.#startCompanion();
    } catch (error) {
      guard.close();
      throw error;
    }
    guard.#lookLater();
    return guard;
  }

  get state(): GuardState {
    if (this.#lease?.isOver === true)
      return { is: "tripped", cause: "lease over", atUnixMs: this.#options.clock.unixMs() };
    this.#native.readState(this.#values);
    const [state = 0, cause = 0, atUnixMs = 0] = this.#values;
    switch (NATIVE_GUARD_STATES[state]) {
      case "armed":
        return ARMED;
      case "tripped":
        return { is: "tripped", cause: NATIVE_GUARD_CAUSES[cause] ?? "unknown", atUnixMs };
      default:
        return DISARMED;
    }
  }

  /** @throws GUARD_UNAVAILABLE while there is no companion; GUARD_TRIPPED when the lease of a running machine is over */
  arm(): void {
    if (this.#lease?.isOver === true)
      throw new MinerError("GUARD_TRIPPED", { cause: "lease over" });
    if (this.#companion === undefined)
      throw new MinerError("GUARD_UNAVAILABLE", { missing: "companion" });
    this.#native.arm();
    this.#release();
  }

  feed(): void {
    this.#native.feed();
  }

  disarm(): void {
    this.#native.disarm();
    this.#release();
  }

  /**
   * The companion keeps the power on for so long after we are gone. Everything else holds until `leave`.
   * @throws GUARD_UNAVAILABLE when it does not say so
   */
  async lease(leaseMs: number): Promise<void> {
    const companion = this.#companion;
    if (companion === undefined)
      throw new MinerError("GUARD_UNAVAILABLE", { missing: "companion" });
    this.#native.askLease(Math.floor(leaseMs));
    await companion.hear("leased", LEASE_LIMIT_MS);
  }

  /** From now on the power is the companion's, until the lease is over or somebody else is armed. */
  leave(): void {
    this.#native.leave();
    this.close();
  }

  /** Ends thread and companion. Power that may still be on goes off. */
  close(): void {
    this.#isClosed = true;
    this.#cancelLook();
    this.#cancelRestart();
    this.#native.stop();
  }

  async #startCompanion(): Promise<void> {
    const { actions, dataDir, priority, clock, log, start = startCompanion } = this.#options;
    const args = [
      ...[String(process.pid), leasePath(dataDir), reportPath(dataDir), String(priority)],
      ...actions.map(offActionText),
    ];
    const socketFd = this.#native.openCompanion();
    let companion: CompanionProcess;
    try {
      companion = start(socketFd, args, clock);
    } finally {
      // Its end is its own: with a copy here it would never see ours close.
      closeSync(socketFd);
    }
    try {
      await companion.hear("ready", START_LIMIT_MS);
    } catch (error) {
      companion.kill();
      throw error;
    }
    this.#companion = companion;
    void companion.ended.then((how) => {
      this.#companion = undefined;
      if (this.#isClosed) return;
      log.error({ how }, "the companion has ended: another is started");
      void this.#restart();
    });
  }

  /** Without a companion nothing covers our own end: if none can be had, the power goes off. */
  async #restart(): Promise<void> {
    const { clock, log } = this.#options;
    try {
      await this.#startCompanion();
    } catch (error) {
      if (this.#isClosed) return;
      log.error({ error: findingText(findingOf(error)) }, "no companion");
      this.#native.trip();
      this.#cancelRestart = clock.after(RESTART_MS, () => void this.#restart());
    }
  }

  #lookLater(): void {
    const { clock, log } = this.#options;
    this.#cancelLook = clock.after(LOOK_MS, () => {
      this.#lookLater();
      this.#native.readState(this.#values);
      const [, , , companionAgeMs = 0] = this.#values;
      if (companionAgeMs <= SILENT_LIMIT_MS) return;
      log.error({ silentMs: Math.round(companionAgeMs) }, "the companion does not answer");
      this.#companion?.kill();
    });
  }

  #release(): void {
    this.#lease?.release();
    this.#lease = undefined;
  }
}

const DISARMED: GuardState = { is: "disarmed" };
const ARMED: GuardState = { is: "armed" };
