import type { RailFacts } from "./rail-facts.js";
import type { SlotFinding } from "./rail-verdict.js";

/** From the finding until the slot is in reset and no longer counts; the rail is cut then. Leaves 200 ms to the limit. */
const ISOLATE_LIMIT_MS = 300;

/** A slot that is on its way out. */
export interface Isolation {
  readonly finding: SlotFinding;
  readonly facts: RailFacts;
  readonly sinceMs: number;
}

/** Slots that were asked to be taken out of a running machine. */
export class SlotIsolations {
  readonly #pending = new Map<number, Isolation>();

  /** Those of the findings that nobody was asked about yet. */
  begin(findings: readonly SlotFinding[], facts: RailFacts, nowMs: number): readonly Isolation[] {
    const begun: Isolation[] = [];
    for (const finding of findings) {
      if (this.#pending.has(finding.slot)) continue;
      const isolation = { finding, facts, sinceMs: nowMs };
      this.#pending.set(finding.slot, isolation);
      begun.push(isolation);
    }
    return begun;
  }

  /** Forgets and tells those whose slots do not count any more. */
  takeDone(poweredSlots: readonly number[]): readonly Isolation[] {
    if (this.#pending.size === 0) return [];
    const done = [...this.#pending.values()].filter(
      ({ finding }) => !poweredSlots.includes(finding.slot),
    );
    for (const { finding } of done) this.#pending.delete(finding.slot);
    return done;
  }

  /** Why isolating is not enough: nothing would be left, or one of them takes too long. */
  reasonToCut(
    findings: readonly SlotFinding[],
    poweredSlots: readonly number[],
    nowMs: number,
  ): SlotFinding | undefined {
    const isLast = poweredSlots.every((slot) => findings.some((each) => each.slot === slot));
    if (isLast) return findings[0];
    return findings.find(({ slot }) => {
      const since = this.#pending.get(slot)?.sinceMs ?? nowMs;
      return nowMs - since >= ISOLATE_LIMIT_MS;
    });
  }

  /** The rail is off: nobody needs to be taken out. */
  clear(): void {
    this.#pending.clear();
  }
}
