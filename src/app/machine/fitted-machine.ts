import type { PowerSupplySpec } from "../../boards/machine-spec.js";
import type { BoardController } from "../../drivers/board-controller.js";
import type { EepromContent } from "../../drivers/hashboard-eeprom.js";
import type { PowerSupply } from "../../drivers/power-supply.js";
import type { TemperatureSensor } from "../../drivers/temperature-sensor.js";
import type { Level } from "../../hal/gpio.js";
import type { Finding } from "../../lib/finding.js";

export type SlotVerdict =
  | { readonly is: "usable" }
  /** Not powered; the others go on without it. */
  | ({ readonly is: "isolated" } & Finding);

export interface FittedSensor {
  readonly sensor: TemperatureSensor;
  readonly place: string;
  /** At a chip's die and not on the board. */
  readonly isDie: boolean;
}

/** What was found in one slot. */
export interface FittedSlot {
  readonly slot: number;
  /** Of the plug line; undefined where the control board has none. */
  readonly plug: Level | undefined;
  /** Undefined where there is none or it is silent. */
  readonly eeprom: EepromContent | undefined;
  readonly controller: BoardController | undefined;
  readonly controllerVersion: number | undefined;
  /** Those that can be read while the chips are off. */
  readonly sensors: readonly FittedSensor[];
  readonly verdict: SlotVerdict;
  readonly warnings: readonly Finding[];
}

export type FittedSupply =
  | { readonly is: "fitted"; readonly supply: PowerSupply; readonly spec: PowerSupplySpec }
  /** Nobody goes on without a supply that is known. */
  | ({ readonly is: "refused" } & Finding);

/** What the machine is fitted with, as far as it tells. */
export interface FittedMachine {
  readonly slots: readonly FittedSlot[];
  readonly supply: FittedSupply;
}

/** The board's serial number; undefined where its memory does not tell. */
export function serialOf(slot: FittedSlot): string | undefined {
  const { eeprom } = slot;
  return eeprom?.is === "identity" && eeprom.identity.serial !== ""
    ? eeprom.identity.serial
    : undefined;
}

export function isolated({ code, context }: Finding): SlotVerdict {
  return { is: "isolated", code, context };
}

export function usableSlots(slots: readonly FittedSlot[]): readonly FittedSlot[] {
  return slots.filter(({ verdict }) => verdict.is === "usable");
}
