import { MinerError } from "../../lib/errors.js";
import type { SlotAnswers } from "./ask-slots.js";

/** The tty of one slot. */
export interface SlotWire {
  readonly slot: number;
  readonly tty: string;
  /** Its chips answered there; else it is a guess. */
  readonly isProven: boolean;
}

export interface JudgeOptions {
  readonly answers: SlotAnswers;
  /** All slots in use, those among them that were not asked too. */
  readonly slots: readonly number[];
  /** As the board's file has it, by slot. */
  readonly documented: ReadonlyMap<number, string>;
  /** Every tty that was asked; at least as many as slots. */
  readonly ttys: readonly string[];
}

/**
 * Which slot hangs on which tty, by what answered. A slot without an answer keeps the tty of the board's file when
 * nobody else hangs there, else it gets one that is free.
 * @throws CHAIN_ORDER_AMBIGUOUS
 */
export function judgeAnswers({ answers, slots, documented, ttys }: JudgeOptions): SlotWire[] {
  assertClear(answers);
  const proven = new Map([...answers].flatMap(([slot, [tty]]) => (tty ? [[slot, tty]] : [])));
  const free = new Set(ttys.filter((tty) => ![...proven.values()].includes(tty)));
  const take = (tty: string | undefined): string | undefined =>
    tty !== undefined && free.delete(tty) ? tty : undefined;
  const left = slots.filter((slot) => !proven.has(slot));
  const guessed = new Map(left.map((slot) => [slot, take(documented.get(slot))]));
  return slots.map((slot) => {
    const isProven = proven.has(slot);
    const tty = proven.get(slot) ?? guessed.get(slot) ?? take([...free][0]);
    if (tty === undefined) throw new MinerError("INTERNAL", { slot, missing: "tty" });
    return { slot, tty, isProven };
  });
}

function assertClear(answers: SlotAnswers): void {
  const entries = [...answers];
  for (const [slot, ttys] of entries) {
    if (ttys.length > 1)
      throw new MinerError("CHAIN_ORDER_AMBIGUOUS", { slots: String(slot), ttys: ttys.join(" ") });
    const [tty] = ttys;
    const sharing = entries.filter(([, others]) => tty !== undefined && others.includes(tty));
    if (sharing.length > 1)
      throw new MinerError("CHAIN_ORDER_AMBIGUOUS", {
        slots: sharing.map(([each]) => each).join(" "),
        ttys: tty ?? "",
      });
  }
}
