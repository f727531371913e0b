import { join } from "node:path";
import { MinerError } from "../lib/errors.js";
import { findingOf, type Finding } from "../lib/finding.js";
import type { UpdatePhase, UpdateSnapshot } from "../telemetry/update-snapshot.js";
import { BundleStore } from "./bundle-store.js";
import { install, type InstallSteps, type InstallTask } from "./install.js";
import { SlotBook } from "./slot-book.js";
import { Trial } from "./trial.js";
import { TrustedKeys } from "./trusted-keys.js";
import type { Memory } from "./update-memory.js";
import { updateDir, type UpdateParts } from "./update-parts.js";
import { compareVersions, newerOf, NO_VERSION } from "./version-order.js";

export interface InstallWish {
  readonly url?: string | undefined;
  readonly file?: string | undefined;
  readonly mayBeOlder: boolean;
  /** Start the control board anew as soon as it is written. */
  readonly reboot: boolean;
}

/** Everything that is known about updates. */
export interface UpdateStatus extends UpdateSnapshot {
  readonly slots: Memory["slots"];
  readonly floor: string;
  readonly trial: { readonly lacks: string | null; readonly wellS: number } | null;
  readonly last: Memory["last"];
}

/** Who starts this program so often within one trial would do so for ever. */
const MAX_STARTS = 3;

/** Two slots, one of which runs: a new version goes into the other, is tried once, and stays when it has proved itself. */
export class Updates {
  readonly keys: TrustedKeys;
  readonly #parts: UpdateParts;
  readonly #book: SlotBook;
  readonly #store: BundleStore;
  #phase: UpdatePhase = "idle";
  #version: string | null = null;
  #progressPct: number | null = null;
  #error: Finding | null = null;
  #trial: Trial | undefined;
  #abort: AbortController | undefined;
  #work: Promise<void> = Promise.resolve();

  private constructor(parts: UpdateParts, book: SlotBook, keys: TrustedKeys) {
    this.#parts = parts;
    this.#book = book;
    this.keys = keys;
    const { dataDir, config, freeBytes } = parts;
    this.#store = new BundleStore({
      ...{ dir: updateDir(dataDir), maxBytes: config.maxBundleBytes },
      ...(freeBytes && { freeBytes }),
    });
  }

  /** Finds out what the last start was, and goes on from there. Rejects with UPDATE_SLOT_UNKNOWN */
  static async open(parts: UpdateParts): Promise<Updates> {
    const { config, dataDir, clock, onTrouble } = parts;
    const book = await SlotBook.open(parts);
    const path = join(updateDir(dataDir), "keys.json");
    const keys = await TrustedKeys.open({ path, clock, onTrouble }, config.makerKeysDir);
    const updates = new Updates(parts, book, keys);
    await updates.#goOn();
    return updates;
  }

  snapshot(): UpdateSnapshot {
    return {
      ...{
        phase: this.#phase,
        slot: this.#book.running,
        runningVersion: this.#book.runningVersion,
      },
      ...{ version: this.#version, progressPct: this.#progressPct, error: this.#error },
    };
  }

  status(): UpdateStatus {
    const { slots, floor, last } = this.#book.memory;
    return {
      ...this.snapshot(),
      slots,
      floor,
      trial: this.#trial?.standing ?? null,
      last,
    };
  }

  /** Begins it. Throws UPDATE_BUSY, UPDATE_UNCONFIRMED */
  install(wish: InstallWish): UpdateSnapshot {
    this.#assertIdle();
    // The other slot holds the version that this one falls back to.
    if (this.#phase === "trial")
      throw new MinerError("UPDATE_UNCONFIRMED", { version: this.#version });
    this.#work = this.#install(wish);
    return this.snapshot();
  }

  /** Resolves when nothing is on its way any more. */
  ended(): Promise<void> {
    return this.#work;
  }

  /** Ends what is on its way, or takes back what would be tried. Rejects with UPDATE_NOTHING */
  async cancel(): Promise<UpdateSnapshot> {
    if (this.#abort !== undefined) {
      this.#abort.abort(new MinerError("UPDATE_CANCELLED"));
      await this.#work;
      // It was too late to end it.
      if (this.#phase !== "staged") return this.snapshot();
    }
    if (this.#phase !== "staged") throw new MinerError("UPDATE_NOTHING", { phase: this.#phase });
    await this.#book.chooseRunning();
    this.#settle({ trial: null });
    return this.snapshot();
  }

  /** The version on trial stays. Rejects with UPDATE_NOTHING, and with what the file system says */
  async confirm(by: string): Promise<UpdateSnapshot> {
    if (this.#phase !== "trial") throw new MinerError("UPDATE_NOTHING", { phase: this.#phase });
    await this.#book.chooseRunning();
    this.#confirmed(by);
    return this.snapshot();
  }

  /** Starts the former version. Rejects with UPDATE_BUSY, UPDATE_NOTHING, UPDATE_BELOW_FLOOR, REBOOT_UNAVAILABLE */
  async rollback(by: string): Promise<UpdateSnapshot> {
    this.#assertIdle();
    const other = this.#book.other;
    if (this.#phase === "trial") {
      await this.#book.choose({ active: other, trial: this.#book.running, triesLeft: 0 });
    } else {
      const former = this.#book.memory.slots[other];
      const { floor } = this.#book.memory;
      if (former === null) throw new MinerError("UPDATE_NOTHING", { slot: other });
      if (compareVersions(former.version, floor) < 0)
        throw new MinerError("UPDATE_BELOW_FLOOR", { version: former.version, floor });
      await this.#book.remember({ trial: { slot: other, starts: 0 } });
      await this.#book.tryOther();
      this.#enter("staged", former.version);
    }
    this.#parts.tell("rollback", { by, slot: other, version: this.#book.runningVersion });
    this.#parts.reboot();
    return this.snapshot();
  }

  /** What a restart goes on with stays. */
  async stop(): Promise<void> {
    this.#trial?.stop();
    this.#abort?.abort(new Error("the program ends"));
    await this.#work;
    await this.#book.stop();
    await this.keys.stop();
  }

  async #goOn(): Promise<void> {
    const { trial, wish } = this.#book.memory;
    this.#enterSettled();
    const situation = this.#book.situation;
    if (situation === "trial") await this.#beginTrial();
    else if (situation === "rolledBack") await this.#rolledBack();
    // It was confirmed, and the power failed before that was remembered.
    else if (trial?.slot === this.#book.running) this.#confirmed("trial");
    if (wish !== null && this.#phase === "idle") this.#work = this.#install(wish);
  }

  async #beginTrial(): Promise<void> {
    const starts = (this.#book.memory.trial?.starts ?? 0) + 1;
    await this.#book.remember({ trial: { slot: this.#book.running, starts } });
    this.#enter("trial", this.#book.runningVersion);
    const { clock, health, config } = this.#parts;
    this.#trial = new Trial({
      ...{ clock, health, config: config.health, isRestartLoop: starts > MAX_STARTS },
      onHealthy: () => this.confirm("trial"),
      onFailed: (reason) => {
        this.#parts.tell("trialFailed", { reason, version: this.#version });
        return this.rollback("trial");
      },
      onTrouble: (error) => {
        this.#error = findingOf(error);
      },
    });
    this.#parts.tell("trial", { version: this.#version, slot: this.#book.running, starts });
    this.#trial.start();
  }

  async #rolledBack(): Promise<void> {
    const other = this.#book.other;
    const version = this.#book.memory.slots[other]?.version ?? "unknown";
    const finding = { code: "UPDATE_ROLLED_BACK", context: { version, slot: other } } as const;
    const last = { version, outcome: "rolledBack", by: "trial", ...this.#now() } as const;
    await this.#book.chooseRunning();
    // What did not prove itself is nothing to go back to.
    await this.#book.remember({
      trial: null,
      last,
      slots: { ...this.#book.memory.slots, [other]: null },
    });
    this.#error = finding;
    this.#parts.tell("rolledBack", finding.context, finding);
  }

  #confirmed(by: string): void {
    this.#trial?.stop();
    this.#trial = undefined;
    const version = this.#book.runningVersion;
    const floor = newerOf(
      this.#book.memory.floor,
      this.#book.memory.slots[this.#book.running]?.floor ?? NO_VERSION,
    );
    this.#settle({
      trial: null,
      floor,
      last: { version, outcome: "confirmed", by, ...this.#now() },
    });
    this.#parts.tell("confirmed", { version, by, floor });
  }

  /** Never rejects. */
  async #install(wish: InstallWish): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#error = null;
    try {
      await this.#installFrom(wish, abort.signal);
    } catch (error) {
      const isStop = abort.signal.aborted && !(abort.signal.reason instanceof MinerError);
      if (isStop) return;
      this.#enterSettled();
      this.#error = findingOf(error);
      await this.#book.remember({ wish: null });
      this.#parts.tell("failed", this.#error.context, this.#error);
    } finally {
      this.#abort = undefined;
    }
    if (this.#phase === "staged" && wish.reboot) this.#tryReboot();
  }

  async #installFrom(wish: InstallWish, signal: AbortSignal): Promise<void> {
    const { url, file, mayBeOlder, reboot } = wish;
    if (url !== undefined) await this.#book.remember({ wish: { url, mayBeOlder, reboot } });
    const other = this.#book.other;
    const source = { ...(url !== undefined && { url }), ...(file !== undefined && { file }) };
    const task: InstallTask = {
      ...{ source, mayBeOlder, slotPath: this.#parts.config.slots[other] },
      ...{ runningVersion: this.#book.runningVersion, floor: this.#book.memory.floor },
      keys: this.keys.parsed(),
    };
    const { manifest, keyId } = await install(task, this.#steps(signal, other), this.#parts);
    const { version, floor } = manifest;
    const slots = { ...this.#book.memory.slots, [other]: { version, floor } };
    await this.#book.rememberSurely({ slots, wish: null, trial: { slot: other, starts: 0 } });
    await this.#book.tryOther();
    this.#enter("staged", version);
    this.#parts.tell("staged", { version, slot: other, keyId });
    await this.#store.clear();
  }

  #steps(signal: AbortSignal, other: SlotBook["other"]): InstallSteps {
    return {
      ...{ store: this.#store, signal },
      onPhase: (phase, version = "") => {
        if (phase !== this.#phase) this.#enter(phase, version === "" ? null : version);
      },
      onProgress: (done, all) => {
        this.#progressPct = all === null || all === 0 ? null : Math.floor((100 * done) / all);
      },
      onEmpty: async () => {
        const now = {
          version: this.#book.runningVersion,
          floor: this.#book.memory.slots[this.#book.running]?.floor,
        };
        const here = { version: now.version, floor: now.floor ?? "" };
        // Nothing half written is ever booted.
        await this.#book.chooseRunning();
        const slots = { ...this.#book.memory.slots, [this.#book.running]: here, [other]: null };
        await this.#book.rememberSurely({ slots, trial: null });
      },
    };
  }

  #tryReboot(): void {
    try {
      this.#parts.reboot();
    } catch (error) {
      this.#error = findingOf(error);
    }
  }

  #assertIdle(): void {
    if (this.#abort !== undefined) throw new MinerError("UPDATE_BUSY", { phase: this.#phase });
  }

  #enter(phase: UpdatePhase, version: string | null): void {
    this.#phase = phase;
    this.#version = version;
    this.#progressPct = null;
  }

  /** A version that waits to be tried still does. */
  #enterSettled(): void {
    const isStaged = this.#book.situation === "staged";
    const version = this.#book.memory.slots[this.#book.other]?.version ?? null;
    this.#enter(isStaged ? "staged" : "idle", isStaged ? version : null);
  }

  #settle(change: Partial<Memory>): void {
    this.#enter("idle", null);
    void this.#book.remember(change); // saving is tried again by itself
  }

  #now(): { readonly atUnixMs: number } {
    return { atUnixMs: this.#parts.clock.unixMs() };
  }
}
