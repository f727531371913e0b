/** Which slot hangs on which tty. */
export interface ChainOrderSnapshot {
  /** `data`: the control board's file; `owner`: the configuration; `hardware`: it was asked. */
  readonly source: "data" | "owner" | "hardware";
  /** Unix milliseconds; null where nobody asked the hardware, or not yet. */
  readonly foundUnixMs: number | null;
  readonly wires: readonly {
    readonly slot: number;
    readonly tty: string;
    /** Its chips answered there alone. False: a guess. Null where nobody asks. */
    readonly isProven: boolean | null;
    /** Its chain was silent there later. */
    readonly isDoubted: boolean;
  }[];
}
