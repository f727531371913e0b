/** A limit of the design: the figure must be at or below, or at or above. */
export interface Limit {
  readonly is: "atMost" | "atLeast";
  readonly value: number;
}

/** One figure. */
export interface Row {
  readonly name: string;
  readonly figure: number;
  readonly unit: string;
  /** The figure to hold, where the design names one. */
  readonly limit?: Limit;
  /** What the figure was taken from: samples, conditions. */
  readonly note?: string;
}

/** A group of rows that are measured together, chosen by name with `--only`. */
export interface Bench {
  readonly name: string;
  readonly run: (options: BenchOptions) => Promise<readonly Row[]> | readonly Row[];
}

export interface BenchOptions {
  /** Shorter runs: a look whether the benches work, not figures to compare. */
  readonly isQuick: boolean;
  /** Called now and then with what goes on. */
  readonly say: (text: string) => void;
}

/** Undefined when there is nothing to hold. */
export function holds({ figure, limit }: Row): boolean | undefined {
  if (limit === undefined) return undefined;
  return limit.is === "atMost" ? figure <= limit.value : figure >= limit.value;
}

export function atMost(value: number): Limit {
  return { is: "atMost", value };
}
