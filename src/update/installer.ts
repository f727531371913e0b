import { MinerError } from "../lib/errors.js";
import { findingOf } from "../lib/finding.js";
import { BundleStore } from "./bundle-store.js";
import { install, type InstallSteps, type InstallTask } from "./install.js";
import type { SlotBook } from "./slot-book.js";
import type { Standing } from "./standing.js";
import type { TrustedKeys } from "./trusted-keys.js";
import { updateDir, type UpdateParts } from "./update-parts.js";

export interface InstallWish {
  readonly url?: string | undefined;
  readonly file?: string | undefined;
  readonly mayBeOlder: boolean;
  /** Start the control board anew as soon as it is written. */
  readonly reboot: boolean;
}

interface InstallerParts {
  readonly parts: UpdateParts;
  readonly book: SlotBook;
  readonly keys: TrustedKeys;
  readonly standing: Standing;
}

/** Brings a new version into the other slot, to be tried at the next start. */
export class Installer {
  readonly #parts: UpdateParts;
  readonly #book: SlotBook;
  readonly #keys: TrustedKeys;
  readonly #standing: Standing;
  readonly #store: BundleStore;
  #abort: AbortController | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor({ parts, book, keys, standing }: InstallerParts) {
    this.#parts = parts;
    this.#book = book;
    this.#keys = keys;
    this.#standing = standing;
    const { dataDir, config, freeBytes } = parts;
    this.#store = new BundleStore({
      ...{ dir: updateDir(dataDir), maxBytes: config.maxBundleBytes },
      ...(freeBytes && { freeBytes }),
    });
  }

  get isBusy(): boolean {
    return this.#abort !== undefined;
  }

  /** Resolves when nothing is on its way any more. */
  get ended(): Promise<void> {
    return this.#work;
  }

  begin(wish: InstallWish): void {
    this.#work = this.#install(wish);
  }

  /** A reason that is no MinerError leaves it for the next start of the program. */
  async end(reason: Error): Promise<void> {
    this.#abort?.abort(reason);
    await this.#work;
  }

  /** Never rejects. */
  async #install(wish: InstallWish): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#standing.error = null;
    try {
      await this.#installFrom(wish, abort.signal);
    } catch (error) {
      const isStop = abort.signal.aborted && !(abort.signal.reason instanceof MinerError);
      if (isStop) return;
      this.#standing.enterSettled();
      this.#standing.error = findingOf(error);
      await this.#book.remember({ wish: null });
      this.#parts.tell("failed", this.#standing.error.context, this.#standing.error);
    } finally {
      this.#abort = undefined;
    }
    if (this.#standing.phase === "staged" && wish.reboot) this.#tryReboot();
  }

  async #installFrom(wish: InstallWish, signal: AbortSignal): Promise<void> {
    const { url, file, mayBeOlder, reboot } = wish;
    if (url !== undefined) await this.#book.remember({ wish: { url, mayBeOlder, reboot } });
    const other = this.#book.other;
    const source = { ...(url !== undefined && { url }), ...(file !== undefined && { file }) };
    const task: InstallTask = {
      ...{ source, mayBeOlder, slotPath: this.#parts.config.slots[other] },
      ...{ runningVersion: this.#book.runningVersion, floor: this.#book.memory.floor },
      keys: this.#keys.parsed(),
    };
    const { manifest, keyId } = await install(task, this.#steps(signal, other), this.#parts);
    const { version, floor } = manifest;
    const slots = { ...this.#book.memory.slots, [other]: { version, floor } };
    await this.#book.rememberSurely({ slots, wish: null, trial: { slot: other, starts: 0 } });
    await this.#book.tryOther();
    this.#standing.enter("staged", version);
    this.#parts.tell("staged", { version, slot: other, keyId });
    await this.#store.clear();
  }

  #steps(signal: AbortSignal, other: SlotBook["other"]): InstallSteps {
    return {
      ...{ store: this.#store, signal },
      onPhase: (phase, version = "") => {
        if (phase !== this.#standing.phase)
          this.#standing.enter(phase, version === "" ? null : version);
      },
      onProgress: (done, all) => {
        this.#standing.progressPct =
          all === null || all === 0 ? null : Math.floor((100 * done) / all);
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
      this.#standing.error = findingOf(error);
    }
  }
}
