import { existsSync } from "node:fs";
import { join } from "node:path";
import { candidateTtys } from "../../boards/candidate-ttys.js";
import type { Config } from "../config.js";

/** Who says which slot hangs on which tty. */
export type WiringSource = "data" | "owner" | "hardware";

/** The ttys of the board's file, by slot. */
export function documentedTtys({ board, slots }: Config): Map<number, string> {
  return new Map(slots.flatMap((slot) => ttyOf(slot, board.chains[slot]?.tty)));
}

/** The ttys that the owner names, by slot. */
export function ownersTtys({ chainOrder, slots }: Config): Map<number, string> {
  const list = Array.isArray(chainOrder) ? chainOrder : [];
  return new Map(slots.flatMap((slot) => ttyOf(slot, list[slot])));
}

/**
 * A disputed order is asked of the hardware. Where it cannot be, as chips do not answer one board at a time, the owner
 * may take that of the board's file on himself.
 */
export function wiringSource(config: Config): WiringSource {
  const { chainOrder, allowInferred, board, machineSpec } = config;
  if (chainOrder !== undefined) return chainOrder === "find" ? "hardware" : "owner";
  if (board.chainFacts.orderDisputed !== true) return "data";
  return machineSpec.resetTogether && allowInferred.includes("chains") ? "data" : "hardware";
}

/** Candidates that this kernel has; not every one has all of them. */
export function presentTtys({ board, deviceDir }: Config): string[] {
  return candidateTtys(board).filter((tty) => existsSync(join(deviceDir, tty)));
}

function ttyOf(slot: number, tty: string | undefined): [number, string][] {
  return tty === undefined ? [] : [[slot, tty]];
}
