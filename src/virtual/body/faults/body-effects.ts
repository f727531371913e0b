import { GOOD_BUS, type BusTrouble } from "../../i2c/virtual-bus.js";
import { GOOD_APW, type ApwTrouble } from "../../parts/apw-supply.js";
import { GOOD_CONTROLLER, type ControllerTrouble } from "../../parts/framed-controller.js";
import { GOOD_HEAT, type HeatTrouble } from "../board-heat.js";
import type { SensorTrouble } from "../body-sensor.js";
import type { FanTrouble } from "../fan.js";
import { GOOD_OUTPUT, type OutputTrouble } from "../output-stage.js";

/** What the identity memory of a board reads as. */
export type EepromTrouble =
  | { readonly is: "blank" }
  | { readonly is: "silent" }
  /** A share of the bytes is damaged. */
  | { readonly is: "garbled"; readonly share: number }
  /** Reads as the one of another slot. */
  | { readonly is: "clone"; readonly of: number }
  | { readonly is: "otherBoard"; readonly boardName: string };

/** What is wrong with one hashboard beside its chain. */
export interface BoardTrouble {
  /** Not in its slot. */
  readonly isMissing: boolean;
  /** The plug-detect line tells the opposite. */
  readonly plugLies: boolean;
  /** By number of the sensor; -1 for all of the board. */
  readonly sensors: ReadonlyMap<number, SensorTrouble>;
  readonly eeprom: EepromTrouble | undefined;
  readonly controller: ControllerTrouble;
  readonly heat: HeatTrouble;
}

/** Two slots whose parts answer in each other's place. */
export interface Swap {
  readonly first: number;
  readonly second: number;
  readonly what: "all" | "eeprom";
}

export type BusName = "boards" | "psu";

/** Everything that the faults of a body do to it, added up. */
export interface BodyEffects {
  readonly apw: ApwTrouble;
  readonly output: OutputTrouble;
  readonly isEnableLineDead: boolean;
  /** The supply's own watchdog runs without having been asked for. */
  readonly watchdogAfterMs: number | undefined;
  /** Input voltage in place of the set one. */
  readonly inputV: number | undefined;
  readonly buses: Readonly<Record<BusName, BusTrouble>>;
  /** By slot. */
  readonly boards: ReadonlyMap<number, BoardTrouble>;
  /** By number, from 1. */
  readonly fans: ReadonlyMap<number, FanTrouble>;
  readonly swap: Swap | undefined;
  /** A chain answers only while all chains are out of reset. */
  readonly needsAllChains: boolean;
  /** Degrees by which the air at the inlet is warmer than the room. */
  readonly intakeRiseC: number;
  /** Degrees by which the control board is warmer than it should be. */
  readonly controlBoardRiseC: number;
  /** The control board lost its supply for a moment when this began. */
  readonly hasControlBoardReset: boolean;
}

export const GOOD_BOARD: BoardTrouble = {
  isMissing: false,
  plugLies: false,
  sensors: new Map(),
  eeprom: undefined,
  controller: GOOD_CONTROLLER,
  heat: GOOD_HEAT,
};

export const NO_BODY_EFFECTS: BodyEffects = {
  apw: GOOD_APW,
  output: GOOD_OUTPUT,
  isEnableLineDead: false,
  watchdogAfterMs: undefined,
  inputV: undefined,
  buses: { boards: GOOD_BUS, psu: GOOD_BUS },
  boards: new Map(),
  fans: new Map(),
  swap: undefined,
  needsAllChains: false,
  intakeRiseC: 0,
  controlBoardRiseC: 0,
  hasControlBoardReset: false,
};
