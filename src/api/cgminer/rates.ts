/** GH/s. Undefined: not measured over such a time. */
export interface Rates {
  readonly s5: number;
  readonly m1: number;
  readonly m5: number | undefined;
  readonly m15: number;
  readonly m30: number | undefined;
  /** Since the start, of the last 24 h at most. */
  readonly av: number;
}
