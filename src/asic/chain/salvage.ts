import type { Evidence } from "../../lib/evidence.js";
import type { ErrorContext } from "../../lib/errors.js";
import type { ChainGeometry } from "../bring-up/steps.js";
import { chipRanges, damageFacts, type AddressCensus } from "./chip-answers.js";

/** What of a chain with missing chips may work. */
export interface Salvage {
  /** Chips of domains in which every chip answered, by index. */
  readonly working: ReadonlySet<number>;
  /** Chips that answered and must not work: their domain is not whole. */
  readonly left: readonly number[];
  readonly facts: ErrorContext;
}

/**
 * Domains of a hashboard are stacked in series and carry one current: a chip that does not draw its part moves the
 * voltage of its whole domain. So only whole domains work. Undefined where none is whole, or where nobody can say which
 * one is not: a chip that passes everything on without an address looks like a silent last chip.
 */
export function salvage(census: AddressCensus, geometry: ChainGeometry): Salvage | undefined {
  const damage = damageFacts(census, geometry);
  if (damage["damage"] === "unclear" || census.strayAddresses.length > 0) return undefined;
  const broken = new Set(census.missing.map(({ domain }) => domain));
  const isWhole = (chip: number): boolean =>
    !broken.has(Math.floor(chip / geometry.chipsPerDomain));
  const present = [...census.present].sort((one, other) => one - other);
  const working = new Set(present.filter(isWhole));
  if (working.size === 0) return undefined;
  const left = present.filter((chip) => !working.has(chip));
  const evidence: Evidence = geometry.regulatedDomains === true ? "documented" : "inferred";
  const facts = {
    ...{ expected: geometry.chips, found: present.length, working: working.size },
    ...{ missing: damage["missing"] ?? null, left: chipRanges(left), evidence },
  };
  return { working, left, facts };
}
