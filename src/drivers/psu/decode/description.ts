/** What bytes of a supply mean. */
export interface Description {
  readonly meaning: string;
  /** What was read in them, units in the names. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** What is wrong or does not fit, in words. */
  readonly remarks?: readonly string[];
  /** What nobody knows, in words. */
  readonly unknown?: readonly string[];
}
