import type { Clock } from "../lib/clock.js";
import { HealthGate, type HealthFacts } from "./health-gate.js";
import type { UpdateConfig } from "./update-config.js";

const LOOK_MS = 1000;

export interface TrialParts {
  readonly clock: Clock;
  readonly config: UpdateConfig["health"];
  readonly health: () => HealthFacts;
  /** It was started again and again. */
  readonly isRestartLoop: boolean;
  readonly onHealthy: () => Promise<unknown>;
  readonly onFailed: (reason: string) => Promise<unknown>;
  /** What either rejects with. */
  readonly onTrouble: (error: unknown) => void;
}

/** Looks at a new version every second until it stays or goes. */
export class Trial {
  readonly #parts: TrialParts;
  readonly #gate: HealthGate;
  #standing = { lacks: null as string | null, wellS: 0 };
  #cancel: () => void = () => undefined;
  #isStopped = false;
  #looked = Promise.resolve();

  constructor(parts: TrialParts) {
    this.#parts = parts;
    this.#gate = new HealthGate(parts.config);
  }

  get standing(): { readonly lacks: string | null; readonly wellS: number } {
    return this.#standing;
  }

  /** Resolves when what the last look came to is done. */
  get looked(): Promise<void> {
    return this.#looked;
  }

  start(): void {
    this.#cancel = this.#parts.clock.after(LOOK_MS, () => {
      this.#looked = this.#look();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    const { clock, health, isRestartLoop, onHealthy, onFailed, onTrouble } = this.#parts;
    const verdict = isRestartLoop
      ? ({ is: "failed", reason: "the program was started again and again" } as const)
      : this.#gate.look(health(), clock.nowMs());
    try {
      if (verdict.is === "healthy") await onHealthy();
      if (verdict.is === "failed") await onFailed(verdict.reason);
    } catch (error) {
      onTrouble(error);
    }
    if (verdict.is === "waiting") this.#standing = { lacks: verdict.lacks, wellS: verdict.forS };
    // Where the machine cannot start anew by itself, its next start goes back.
    if (!this.#isStopped && verdict.is !== "failed") this.start();
  }
}
