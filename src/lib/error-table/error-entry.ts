export interface ErrorEntry {
  /** What happened, in one sentence. */
  readonly meaning: string;
  /** `fatal` ends the process, `fault` stops a part, `warning` is survived. */
  readonly severity: "fatal" | "fault" | "warning";
  /** What the operator should do. */
  readonly action: string;
}
