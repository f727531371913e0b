/** How a fact about hardware is known, strongest first. */
export const EVIDENCE = ["captured", "documented", "inferred"] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** Where a fact, or a group of facts, comes from. */
export interface Provenance {
  readonly evidence: Evidence;
  readonly source: string;
}
