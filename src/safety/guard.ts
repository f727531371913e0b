/** What the guard knows of itself. */
export type GuardState =
  | { readonly is: "disarmed" }
  | { readonly is: "armed" }
  /** It cut the power. `cause` is what the native side can tell, as `unfed`. Stays until the next `arm`. */
  | { readonly is: "tripped"; readonly cause: string; readonly atUnixMs: number };

/** Cuts power natively, whatever becomes of JavaScript. */
export interface Guard {
  /** The rail may be on from now on: unfed for half a second it goes off, and the chains into reset. */
  arm(): void;
  /** Everything that must be known is known now. Cheap; the interlock calls it every 20 ms while the rail is on. */
  feed(): void;
  /** The rail is off, and was driven so. */
  disarm(): void;
  readonly state: GuardState;
}
