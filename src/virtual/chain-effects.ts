import type { FaultDescription, FaultParameters } from "./fault-parameters.js";

/** Shares of the bytes of one direction that go wrong. */
export interface WireDamage {
  readonly lossShare: number;
  readonly extraShare: number;
  readonly damageShare: number;
}

/** Everything that the faults of one chain do to it, added up. */
export interface ChainEffects {
  readonly deadChips: ReadonlySet<number>;
  readonly hungChips: ReadonlySet<number>;
  /** Chips from this index on are cut off in both directions. */
  readonly cutOffFrom: number;
  /** So many chips at the far end are not there. */
  readonly missingChips: number;
  /** Chips from this index on hear but may not speak. */
  readonly mutedFrom: number;
  readonly isHung: boolean;
  readonly isUnplugged: boolean;
  readonly toChips: WireDamage;
  readonly toHost: WireDamage;
  readonly answerFlipShare: number;
  readonly answerDelayMs: number;
  readonly chipIdWords: ReadonlyMap<number, number>;
  /** Given by every chip without a word of its own. */
  readonly allChipsIdWord: number | undefined;
  /** Chips that do not roll the version, or all of them. */
  readonly fixedVersionChips: ReadonlySet<number> | "all";
  readonly deadCores: ReadonlyMap<number, ReadonlySet<number>>;
  /** Chips hash, and what they find never leaves them. */
  readonly isWithoutNonces: boolean;
  /** Share of the nonces that come out wrong beside those that voltage and clock spoil. */
  readonly wrongNonceShare: number;
  /** Voltage domains that are shorted: their chips have no voltage. */
  readonly shortedDomains: ReadonlySet<number>;
  /** Domains are in series: where one is open, no chip of the chain has power. */
  readonly isDomainOpen: boolean;
  /** The serial line is there, and neither takes nor gives a byte. */
  readonly isStalled: boolean;
  /** True: the reset line stays pulled, false: it stays released, whatever the host drives. */
  readonly resetStuck: boolean | undefined;
}

export interface FaultSpec extends FaultDescription {
  readonly apply: (before: ChainEffects, parameters: FaultParameters) => Partial<ChainEffects>;
}

export const NO_EFFECTS: ChainEffects = {
  deadChips: new Set(),
  hungChips: new Set(),
  cutOffFrom: Infinity,
  missingChips: 0,
  mutedFrom: Infinity,
  isHung: false,
  isUnplugged: false,
  toChips: { lossShare: 0, extraShare: 0, damageShare: 0 },
  toHost: { lossShare: 0, extraShare: 0, damageShare: 0 },
  answerFlipShare: 0,
  answerDelayMs: 0,
  chipIdWords: new Map(),
  allChipsIdWord: undefined,
  fixedVersionChips: new Set(),
  deadCores: new Map(),
  isWithoutNonces: false,
  wrongNonceShare: 0,
  shortedDomains: new Set(),
  isDomainOpen: false,
  isStalled: false,
  resetStuck: undefined,
};
