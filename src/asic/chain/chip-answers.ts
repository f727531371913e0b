import type { ErrorContext } from "../../lib/errors.js";
import type { RegisterAnswer } from "../../hal/chain-port.js";
import type { ChainGeometry } from "../bring-up/steps.js";

/** Place of a chip on its hashboard, both from 0 at the host's end. */
export interface ChipPlace {
  readonly chip: number;
  readonly domain: number;
}

/** What the answers to a broadcast read of the chip id say once every chip has an address. */
export interface AddressCensus {
  /** Chips that answered, by index. */
  readonly present: ReadonlySet<number>;
  readonly missing: readonly ChipPlace[];
  /** Addresses that more than one chip answered with, or that no chip was given. */
  readonly strayAddresses: readonly number[];
}

function chipPlace(geometry: ChainGeometry, chip: number): ChipPlace {
  return { chip, domain: Math.floor(chip / geometry.chipsPerDomain) };
}

/** The chip id of an answer: upper half of register 0x00. */
export function chipIdOf(answer: RegisterAnswer): number {
  return answer.value >>> 16;
}

/**
 * Counts chips by address. Several reads may be given: a chip is there when it answered one of them, since answers
 * get lost; an address is stray only when it is so within one read.
 */
export function takeCensus(
  reads: readonly (readonly RegisterAnswer[])[],
  geometry: ChainGeometry,
): AddressCensus {
  const present = new Set<number>();
  const stray = new Set<number>();
  for (const answers of reads) {
    const seen = new Set<number>();
    for (const { chipAddress, value } of answers) {
      const chip = chipAddress / geometry.addressStep;
      const isKnown = Number.isInteger(chip) && chip < geometry.chips;
      const isConsistent = (value & 0xff) === chipAddress;
      if (!isKnown || !isConsistent || seen.has(chip)) stray.add(chipAddress);
      else present.add(chip);
      seen.add(chip);
    }
  }
  const missing = Array.from({ length: geometry.chips }, (_, chip) => chip)
    .filter((chip) => !present.has(chip))
    .map((chip) => chipPlace(geometry, chip));
  return { present, missing, strayAddresses: [...stray].sort((a, b) => a - b) };
}

/**
 * Facts for CHAIN_BROKEN. `damage` is `open` when nothing answers from `chip` on: the line is open behind `behindChip`,
 * or `chip` holds it. It is `dead` when chips beyond answer: `chip` took an address and passes commands on, but is
 * silent itself. It is `unclear` when only the last address is missing: a chip anywhere that passes everything on
 * without taking an address looks the same as a silent last chip, so no chip is named.
 */
export function damageFacts(census: AddressCensus, geometry: ChainGeometry): ErrorContext {
  const counts = { expected: geometry.chips, found: census.present.size };
  const [first] = census.missing;
  if (first === undefined)
    return { ...counts, damage: "address", strayAddresses: census.strayAddresses.join(",") };
  const isTail = census.present.size === first.chip;
  const isUnclear = isTail && census.missing.length === 1 && geometry.chips > 1;
  return {
    ...counts,
    damage: isUnclear ? "unclear" : isTail ? "open" : "dead",
    behindChip: first.chip > 0 ? first.chip - 1 : null,
    chip: isUnclear ? null : first.chip,
    domain: isUnclear ? null : first.domain,
    missing: chipRanges(census.missing.map(({ chip }) => chip)),
  };
}

/** `3,7-9` for 3, 7, 8, 9. */
export function chipRanges(sorted: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const value of sorted) {
    const last = runs.at(-1);
    if (last?.[1] === value - 1) last[1] = value;
    else runs.push([value, value]);
  }
  return runs
    .map(([from, to]) => (from === to ? String(from) : `${String(from)}-${String(to)}`))
    .join(",");
}
