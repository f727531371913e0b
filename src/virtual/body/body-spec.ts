import type { EepromFormat, EepromRecord } from "../eeprom/eeprom-image.js";
import type { ApwIdentity } from "../parts/apw-supply.js";
import type { Lm75Name } from "../parts/lm75.js";

/** A temperature sensor of one board. */
export interface BodySensorSpec {
  readonly part: Lm75Name | "tmp451" | "nct218" | "adt7461";
  readonly place: string;
  /** Where along the air stream: 0 inlet, 1 outlet; "die": at a chip. */
  readonly at: number | "die";
  /** On which bus it answers. */
  readonly bus: "boards" | "controller";
  readonly address: number;
}

/** What one hashboard carries beside its chain. */
export interface BodyBoardSpec {
  readonly sensors: readonly BodySensorSpec[];
  readonly eeprom?: {
    readonly address: number;
    readonly format: EepromFormat;
    readonly record: EepromRecord;
  };
  /** The small processor with the framed protocol. */
  readonly controller?: { readonly address: number; readonly version: number };
  /** PMBus regulator that makes the chips' voltage from a low input. */
  readonly regulator?: { readonly address: number; readonly inputMv: number };
  /** EMC2101: fan and die temperature. */
  readonly fanController?: { readonly address: number };
}

/** What feeds the boards. */
export type BodySupplySpec =
  | {
      readonly kind: "apw";
      readonly address: number;
      readonly identity: ApwIdentity;
      readonly ratedW: number;
    }
  /** A wall adapter; the boards have regulators of their own. */
  | { readonly kind: "adapter" };

/** Everything of a machine beside its chains. */
export interface BodySpec {
  readonly title: string;
  readonly supply: BodySupplySpec;
  /** One for each chain, in the order of the slots. */
  readonly boards: readonly BodyBoardSpec[];
  /** Hashboard slots of the control board. */
  readonly slots: number;
  /** At the wall, at the nominal clock and voltage. */
  readonly ratedW: number;
  /** Voltage that goes with the nominal clock. */
  readonly nominalRailMv: number;
  /** Fans that the control board drives, numbered from 1; those of the boards come after them. */
  readonly fans: number;
  readonly fanFullRpm: number;
}
