import type { MachineSpec } from "../../boards/machine-spec.js";
import type { ChipName } from "../../boards/names.js";
import type { EepromContent } from "../../drivers/hashboard-eeprom.js";
import type { Level } from "../../hal/gpio.js";
import type { Finding } from "../../lib/finding.js";
import { serialOf, type FittedSlot } from "./fitted-machine.js";

/**
 * Chips of which a board's memory gave the technology. Captured: S19 Pro boards (BM1398) say BB. Documented: S21 test
 * bench logs (BM1368) say PA. Nothing follows from other words.
 */
const CHIP_OF_TECHNOLOGY: Readonly<Record<string, ChipName>> = { BB: "BM1398", PA: "BM1368" };

/** What a memory that was read says about itself; nothing where it holds an identity. */
export function eepromWarning(slot: number, eeprom: EepromContent): Finding | undefined {
  switch (eeprom.is) {
    case "identity":
      return undefined;
    case "blank":
      return { code: "EEPROM_BLANK", context: { slot } };
    case "unknown":
      return {
        code: "EEPROM_UNKNOWN",
        context: { slot, header: eeprom.header, reason: eeprom.reason },
      };
  }
}

/** A board whose memory says that it belongs to another machine. */
export function wrongBoard(
  machine: Pick<MachineSpec, "chip" | "hashboard">,
  slot: number,
  eeprom: EepromContent | undefined,
): Finding | undefined {
  if (eeprom?.is !== "identity") return undefined;
  const { boardName, chipTechnology, chipMarking } = eeprom.identity;
  const names = machine.hashboard.boardNames?.names;
  if (boardName !== null && boardName !== "" && names !== undefined) {
    if (names.includes(boardName)) return undefined;
    return { code: "BOARD_WRONG", context: { slot, boardName, expected: names.join(" ") } };
  }
  const chip = CHIP_OF_TECHNOLOGY[chipTechnology] ?? /^BM\d{4}/.exec(chipMarking)?.[0];
  if (chip === undefined || chip === machine.chip) return undefined;
  return { code: "BOARD_WRONG", context: { slot, chip, chipTechnology, expected: machine.chip } };
}

/** The plug line and the parts that answered do not tell the same. */
export function plugContradiction(
  slot: number,
  plug: Level | undefined,
  answering: readonly string[],
): Finding | undefined {
  if (plug === undefined || (plug === 1) === answering.length > 0) return undefined;
  const parts = answering.length === 0 ? "none" : answering.join(" ");
  return { code: "BOARD_PLUG_CONTRADICTION", context: { slot, plug, answering: parts } };
}

/** By slot: who else carries the same serial number. */
export function clonedSerials(slots: readonly FittedSlot[]): ReadonlyMap<number, Finding> {
  const found = new Map<number, Finding>();
  for (const fitted of slots) {
    const { slot } = fitted;
    const serial = serialOf(fitted);
    if (serial === undefined) continue;
    const others = slots.filter((other) => other.slot !== slot && serialOf(other) === serial);
    if (others.length === 0) continue;
    const alsoIn = others.map((other) => other.slot).join(" ");
    found.set(slot, { code: "EEPROM_CLONED", context: { slot, serial, alsoIn } });
  }
  return found;
}

/** Serial numbers by slot, as they were last time. */
export type RememberedSerials = ReadonlyMap<number, string>;

/** By slot: a board that was in another one last time. */
export function movedBoards(
  slots: readonly FittedSlot[],
  remembered: RememberedSerials,
): ReadonlyMap<number, Finding> {
  const found = new Map<number, Finding>();
  const before = [...remembered];
  for (const fitted of slots) {
    const { slot } = fitted;
    const serial = serialOf(fitted);
    if (serial === undefined || remembered.get(slot) === serial) continue;
    const old = before.find(([, each]) => each === serial);
    // A cloned number says nothing about where a board was.
    const isCloned = before.filter(([, each]) => each === serial).length > 1;
    if (old !== undefined && !isCloned)
      found.set(slot, { code: "BOARD_MOVED", context: { slot, serial, before: old[0] } });
  }
  return found;
}
