import type { FaultDescription, FaultParameters } from "../../fault-parameters.js";
import type { FanTrouble } from "../fan.js";
import type { BoardTrouble, BodyEffects } from "./body-effects.js";

/** A fault of the body, by what it strikes. */
export type BodyFault = FaultDescription &
  (
    | {
        readonly strikes: "machine";
        readonly apply: (before: BodyEffects, parameters: FaultParameters) => Partial<BodyEffects>;
      }
    | {
        /** The slot comes with the request, as the chain of the faults of chains. */
        readonly strikes: "board";
        readonly apply: (
          before: BoardTrouble,
          parameters: FaultParameters,
        ) => Partial<BoardTrouble>;
      }
    | {
        /** Has a parameter `fan`. */
        readonly strikes: "fan";
        readonly apply: (before: FanTrouble, parameters: FaultParameters) => Partial<FanTrouble>;
      }
  );

export type BodyFaultTable = Readonly<Record<string, BodyFault>>;

export function numberOf(parameters: FaultParameters, name: string): number {
  return Number(parameters[name]);
}

export function textOf(parameters: FaultParameters, name: string): string {
  return String(parameters[name]);
}
