import type { UpdateConfig } from "./update-config.js";

/** What a version on trial is judged by. */
export interface HealthFacts {
  /** The owner wants it to mine. */
  readonly isWanted: boolean;
  readonly state: string;
  /** Shares that pools accepted since the program began. */
  readonly accepted: number;
  /** Of the hottest place; null: nobody knows. */
  readonly hottestC: number | null;
  /** What cut power or took a board out, and holds. */
  readonly trips: number;
}

export type HealthVerdict =
  | { readonly is: "healthy" }
  | { readonly is: "failed"; readonly reason: string }
  /** `lacks` null: it is well and has to stay so. */
  | { readonly is: "waiting"; readonly lacks: string | null; readonly forS: number };

/** Whether a new version may stay: it mines, is accepted, and knows its temperatures, for so long at a stretch. */
export class HealthGate {
  readonly #wish: UpdateConfig["health"];
  #wanted = { sinceMs: undefined as number | undefined, beforeMs: 0 };
  #well: { readonly sinceMs: number; readonly accepted: number } | undefined;

  constructor(wish: UpdateConfig["health"]) {
    this.#wish = wish;
  }

  look(facts: HealthFacts, nowMs: number): HealthVerdict {
    const { forS, shares, withinS } = this.#wish;
    const wantedS = this.#countWanted(facts.isWanted, nowMs);
    const lacks = lackOf(facts);
    if (lacks !== null) this.#well = undefined;
    else this.#well ??= { sinceMs: nowMs, accepted: facts.accepted };
    const well = this.#well;
    const wellS = well === undefined ? 0 : (nowMs - well.sinceMs) / 1000;
    const accepted = well === undefined ? 0 : facts.accepted - well.accepted;
    if (wellS >= forS && accepted >= shares) return { is: "healthy" };
    const missing = lacks ?? (wellS >= forS ? "accepted shares" : null);
    if (wantedS >= withinS && facts.isWanted)
      return { is: "failed", reason: missing ?? "not well for long enough" };
    return { is: "waiting", lacks: missing, forS: wellS };
  }

  /** Seconds of being ordered to mine: a machine that its owner stopped proves nothing against its version. */
  #countWanted(isWanted: boolean, nowMs: number): number {
    const { sinceMs, beforeMs } = this.#wanted;
    const allMs = beforeMs + (sinceMs === undefined ? 0 : nowMs - sinceMs);
    this.#wanted = { sinceMs: isWanted ? nowMs : undefined, beforeMs: allMs };
    return allMs / 1000;
  }
}

function lackOf({ isWanted, state, hottestC, trips }: HealthFacts): string | null {
  if (!isWanted) return "an order to mine";
  if (state !== "hashing") return `hashing; it is ${state}`;
  if (hottestC === null) return "temperatures";
  return trips > 0 ? "a machine without trips" : null;
}
