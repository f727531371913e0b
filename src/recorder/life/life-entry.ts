/** What crossed the boundary of the machine's life. Values as `lifePlain` makes them. */
export type LifeEntry = {
  readonly kind: "life";
  readonly atMs: number;
  /** Entries of one number came without anything in between that was waiting for its turn. */
  readonly turn: number;
} & LifeEvent;

export interface LifeOutcome {
  readonly value?: unknown;
  /** It threw, or rejected. */
  readonly failed?: unknown;
}

export type LifeEvent =
  /** The life of a process began. */
  | { readonly what: "begin"; readonly setPoints: unknown; readonly hasWiring: boolean }
  /** Somebody asks something of it. */
  | { readonly what: "order"; readonly name: string; readonly args: readonly unknown[] }
  /** It hears something that it listens to. */
  | { readonly what: "tell"; readonly name: string; readonly args: readonly unknown[] }
  /** It asks something of somebody: compared. */
  | {
      readonly what: "call";
      readonly id: number;
      readonly name: string;
      readonly args: readonly unknown[];
    }
  /** What came of a call, where that is not nothing. `isLater`: it was a promise. */
  | ({ readonly what: "end"; readonly id: number; readonly isLater: boolean } & LifeOutcome)
  /** It looked at something that is not what it was. */
  | ({ readonly what: "read"; readonly name: string } & LifeOutcome)
  /** It came into a state: compared. */
  | { readonly what: "state"; readonly state: string };
