import { join } from "node:path";
import { MinerError } from "../lib/errors.js";
import { findingOf } from "../lib/finding.js";
import type { UpdateSnapshot } from "../telemetry/update-snapshot.js";
import { Installer, type InstallWish } from "./installer.js";
import { SlotBook } from "./slot-book.js";
import { Standing } from "./standing.js";
import { Trial } from "./trial.js";
import { TrustedKeys } from "./trusted-keys.js";
import type { Memory } from "./update-memory.js";
import { updateDir, type UpdateParts } from "./update-parts.js";
import { compareVersions, newerOf, NO_VERSION } from "./version-order.js";

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
  readonly #standing: Standing;
  readonly #installer: Installer;
  #trial: Trial | undefined;

  private constructor(parts: UpdateParts, book: SlotBook, keys: TrustedKeys) {
    this.#parts = parts;
    this.#book = book;
    this.keys = keys;
    this.#standing = new Standing(book);
    this.#installer = new Installer({ parts, book, keys, standing: this.#standing });
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
    return this.#standing.snapshot();
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
    const { phase, version } = this.#standing;
    if (phase === "trial") throw new MinerError("UPDATE_UNCONFIRMED", { version });
    this.#installer.begin(wish);
    return this.snapshot();
  }

  /** Resolves when nothing is on its way any more. */
  async ended(): Promise<void> {
    await Promise.all([this.#installer.ended, this.#trial?.looked]);
  }

  /** Ends what is on its way, or takes back what would be tried. Rejects with UPDATE_NOTHING */
  async cancel(): Promise<UpdateSnapshot> {
    if (this.#installer.isBusy) {
      await this.#installer.end(new MinerError("UPDATE_CANCELLED"));
      // It was too late to end it.
      if (this.#standing.phase !== "staged") return this.snapshot();
    }
    if (this.#standing.phase !== "staged")
      throw new MinerError("UPDATE_NOTHING", { phase: this.#standing.phase });
    await this.#book.chooseRunning();
    this.#settle({ trial: null });
    return this.snapshot();
  }

  /** The version on trial stays. Rejects with UPDATE_NOTHING, and with what the file system says */
  async confirm(by: string): Promise<UpdateSnapshot> {
    if (this.#standing.phase !== "trial")
      throw new MinerError("UPDATE_NOTHING", { phase: this.#standing.phase });
    await this.#book.chooseRunning();
    this.#confirmed(by);
    return this.snapshot();
  }

  /** Starts the former version. Rejects with UPDATE_BUSY, UPDATE_NOTHING, UPDATE_BELOW_FLOOR, REBOOT_UNAVAILABLE */
  async rollback(by: string): Promise<UpdateSnapshot> {
    this.#assertIdle();
    const other = this.#book.other;
    if (this.#standing.phase === "trial") {
      await this.#book.choose({ active: other, trial: this.#book.running, triesLeft: 0 });
    } else {
      const former = this.#book.memory.slots[other];
      const { floor } = this.#book.memory;
      if (former === null) throw new MinerError("UPDATE_NOTHING", { slot: other });
      if (compareVersions(former.version, floor) < 0)
        throw new MinerError("UPDATE_BELOW_FLOOR", { version: former.version, floor });
      await this.#book.remember({ trial: { slot: other, starts: 0 } });
      await this.#book.tryOther();
      this.#standing.enter("staged", former.version);
    }
    this.#parts.tell("rollback", { by, slot: other, version: this.#book.runningVersion });
    this.#parts.reboot();
    return this.snapshot();
  }

  /** What a restart goes on with stays. */
  async stop(): Promise<void> {
    this.#trial?.stop();
    await this.#installer.end(new Error("the program ends"));
    await this.#book.stop();
    await this.keys.stop();
  }

  async #goOn(): Promise<void> {
    const { trial, wish } = this.#book.memory;
    this.#standing.enterSettled();
    const situation = this.#book.situation;
    if (situation === "trial") await this.#beginTrial();
    else if (situation === "rolledBack") await this.#rolledBack();
    // It was confirmed, and the power failed before that was remembered.
    else if (trial?.slot === this.#book.running) this.#confirmed("trial");
    if (wish !== null && this.#standing.phase === "idle") this.#installer.begin(wish);
  }

  async #beginTrial(): Promise<void> {
    const starts = (this.#book.memory.trial?.starts ?? 0) + 1;
    await this.#book.remember({ trial: { slot: this.#book.running, starts } });
    this.#standing.enter("trial", this.#book.runningVersion);
    const { clock, health, config } = this.#parts;
    this.#trial = new Trial({
      ...{ clock, health, config: config.health, isRestartLoop: starts > MAX_STARTS },
      onHealthy: () => this.confirm("trial"),
      onFailed: (reason) => {
        this.#parts.tell("trialFailed", { reason, version: this.#standing.version });
        return this.rollback("trial");
      },
      onTrouble: (error) => {
        this.#standing.error = findingOf(error);
      },
    });
    this.#parts.tell("trial", {
      version: this.#standing.version,
      slot: this.#book.running,
      starts,
    });
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
    this.#standing.error = finding;
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

  #assertIdle(): void {
    if (this.#installer.isBusy)
      throw new MinerError("UPDATE_BUSY", { phase: this.#standing.phase });
  }

  #settle(change: Partial<Memory>): void {
    this.#standing.enter("idle", null);
    void this.#book.remember(change); // saving is tried again by itself
  }

  #now(): { readonly atUnixMs: number } {
    return { atUnixMs: this.#parts.clock.unixMs() };
  }
}
