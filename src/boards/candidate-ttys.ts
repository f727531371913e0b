import type { ControlBoardFile } from "./schema/index.js";

/** Ttys that a slot may hang on: those of the slots first, then what sources name beside them. */
export function candidateTtys({ chains, chainFacts }: ControlBoardFile): string[] {
  return [...chains, ...(chainFacts.otherTtys ?? [])].map(({ tty }) => tty);
}
