import type { Finding } from "../lib/finding.js";
import type { UpdatePhase, UpdateSnapshot } from "../telemetry/update-snapshot.js";
import type { SlotBook } from "./slot-book.js";

/** How far an update is, for whoever asks. */
export class Standing {
  error: Finding | null = null;
  progressPct: number | null = null;
  readonly #book: SlotBook;
  #phase: UpdatePhase = "idle";
  #version: string | null = null;

  constructor(book: SlotBook) {
    this.#book = book;
  }

  get phase(): UpdatePhase {
    return this.#phase;
  }

  /** That comes or is tried. */
  get version(): string | null {
    return this.#version;
  }

  snapshot(): UpdateSnapshot {
    const { running, runningVersion } = this.#book;
    const { phase, version, progressPct, error } = this;
    return { phase, slot: running, runningVersion, version, progressPct, error };
  }

  enter(phase: UpdatePhase, version: string | null): void {
    this.#phase = phase;
    this.#version = version;
    this.progressPct = null;
  }

  /** A version that waits to be tried still does. */
  enterSettled(): void {
    const isStaged = this.#book.situation === "staged";
    const version = this.#book.memory.slots[this.#book.other]?.version ?? null;
    this.enter(isStaged ? "staged" : "idle", isStaged ? version : null);
  }
}
