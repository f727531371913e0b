/** A group that takes part in the split. */
export interface QuotaGroup {
  readonly name: string;
  /** Part of the hash power, in proportion to the other groups; positive. */
  readonly quota: number;
}

/** A chain as the split sees it. */
export interface SplitChain {
  /** Hashes a second in any unit; 0 when it does not hash. */
  readonly rate: number;
  /** Group that it works for. */
  readonly group: string | undefined;
}

/**
 * Divides chains between groups, slice after slice. What a group got too little or too much of is
 * carried to the next slice, so that the parts come out right over time whatever the chains are.
 */
export class QuotaSplit {
  readonly #maxDebtSlices: number;
  #groups: readonly QuotaGroup[] = [];
  /** By name of the group: hashes that it has still to get; negative when it had too many. */
  readonly #debts = new Map<string, number>();

  /** `maxDebtSlices`: no group is owed, or owes, more than the whole machine makes in so many slices. */
  constructor(maxDebtSlices: number) {
    this.#maxDebtSlices = maxDebtSlices;
  }

  /** The groups that have work. One that had none is owed nothing for that time. */
  setGroups(groups: readonly QuotaGroup[]): void {
    this.#groups = groups;
    const names = new Set(groups.map(({ name }) => name));
    for (const name of this.#debts.keys()) if (!names.has(name)) this.#debts.delete(name);
  }

  /** Books what the chains did in `ms`, with the groups of that time. */
  book(chains: readonly SplitChain[], ms: number): void {
    const made = chains.reduce((sum, { rate }) => sum + rate * ms, 0);
    for (const { name, quota } of this.#groups) {
      const got = chains.reduce(
        (sum, { rate, group }) => (group === name ? sum + rate * ms : sum),
        0,
      );
      this.#debts.set(name, (this.#debts.get(name) ?? 0) + made * this.#part(quota) - got);
    }
  }

  /** The group of each chain for the next slice of `ms`. At least one group must have work. */
  assign(chains: readonly SplitChain[], ms: number): readonly string[] {
    const total = chains.reduce((sum, { rate }) => sum + rate, 0);
    // Chains that are being brought up need work before they hash.
    const weights = chains.map(({ rate }) => (total > 0 ? rate : 1) * ms);
    const left = this.#due(weights.reduce((sum, weight) => sum + weight, 0));
    const groups = new Array<string | undefined>(chains.length);
    const give = (index: number, group: string): void => {
      groups[index] = group;
      left.set(group, (left.get(group) ?? 0) - (weights[index] ?? 0));
    };
    const largestFirst = [...chains.keys()].sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
    // A chain stays where it is as long as at least half of it is due there.
    for (const index of largestFirst) {
      const group = chains[index]?.group;
      const due = group === undefined ? undefined : left.get(group);
      if (group !== undefined && due !== undefined && due >= (weights[index] ?? 0) / 2)
        give(index, group);
    }
    for (const index of largestFirst) if (groups[index] === undefined) give(index, largest(left));
    return groups.map((group) => group ?? largest(left));
  }

  /** What each group should get of the next slice: its part and what is carried over. */
  #due(sliceHashes: number): Map<string, number> {
    const most = this.#maxDebtSlices * sliceHashes;
    const clamped = this.#groups.map(({ name }) =>
      Math.max(-most, Math.min(most, this.#debts.get(name) ?? 0)),
    );
    // Debts of groups that are gone are nobody's.
    const surplus = clamped.reduce((sum, debt) => sum + debt, 0);
    return new Map(
      this.#groups.map(({ name, quota }, index) => {
        const debt = (clamped[index] ?? 0) - surplus * this.#part(quota);
        this.#debts.set(name, debt);
        return [name, sliceHashes * this.#part(quota) + debt];
      }),
    );
  }

  #part(quota: number): number {
    return quota / this.#groups.reduce((sum, group) => sum + group.quota, 0);
  }
}

function largest(left: ReadonlyMap<string, number>): string {
  let best = "";
  let most = -Infinity;
  for (const [name, hashes] of left) {
    if (hashes <= most) continue;
    best = name;
    most = hashes;
  }
  return best;
}
