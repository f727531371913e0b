import type { FaultParameters, ParameterSpec } from "../../fault-parameters.js";
import { GOOD_SENSOR, type SensorTrouble } from "../body-sensor.js";
import type { BoardTrouble } from "./body-effects.js";
import { numberOf, textOf, type BodyFault, type BodyFaultTable } from "./body-fault.js";

const SENSOR: ParameterSpec = {
  meaning: "Number in the order of the hashboard's file; -1 for all of the board.",
  minimum: -1,
  maximum: 15,
  fallback: -1,
};

function ofBoard(
  meaning: string,
  apply: (before: BoardTrouble, given: FaultParameters) => Partial<BoardTrouble>,
  parameters: BodyFault["parameters"] = {},
): BodyFault {
  return { strikes: "board", meaning, parameters, apply };
}

function ofSensor(
  meaning: string,
  trouble: (given: FaultParameters) => Partial<SensorTrouble>,
  parameters: BodyFault["parameters"] = {},
): BodyFault {
  const apply = (before: BoardTrouble, given: FaultParameters): Partial<BoardTrouble> => {
    const number = numberOf(given, "sensor");
    const changed = { ...GOOD_SENSOR, ...before.sensors.get(number), ...trouble(given) };
    return { sensors: new Map([...before.sensors, [number, changed]]) };
  };
  return ofBoard(meaning, apply, { sensor: SENSOR, ...parameters });
}

/** Faults of single hashboards beside those of their chains. */
export const BOARD_FAULTS: BodyFaultTable = {
  boardMissing: ofBoard("No board is in the slot.", () => ({ isMissing: true })),
  plugLies: ofBoard("The plug-detect line tells the opposite of what is true.", () => ({
    plugLies: true,
  })),
  sensorSilent: ofSensor("A temperature sensor does not answer.", () => ({ isSilent: true })),
  sensorStuck: ofSensor("A temperature sensor repeats what it last told.", () => ({
    isStuck: true,
  })),
  sensorOffset: ofSensor(
    "A temperature sensor is off.",
    (given) => ({ offsetC: numberOf(given, "offsetC") }),
    { offsetC: { meaning: "Degrees added.", minimum: -200, maximum: 200, fallback: -20 } },
  ),
  sensorTells: ofSensor(
    "A temperature sensor tells the same whatever is so.",
    (given) => ({ tellsC: numberOf(given, "tellsC") }),
    {
      tellsC: {
        meaning: "Degrees; 127.9375 is what an LM75 reads as with all bits set.",
        minimum: -128,
        maximum: 127.9375,
        fallback: 127.9375,
      },
    },
  ),
  sensorDrifts: ofSensor(
    "What a temperature sensor tells walks away from the truth.",
    (given) => ({ driftCPerS: numberOf(given, "cPerS") }),
    { cPerS: { meaning: "Degrees a second.", minimum: -100, maximum: 100, fallback: 5 } },
  ),
  sensorSlow: ofSensor(
    "A temperature sensor holds the clock of its bus down before it answers.",
    (given) => ({ delayMs: numberOf(given, "delayMs") }),
    { delayMs: { meaning: "Milliseconds.", minimum: 0, maximum: 60_000, fallback: 1000 } },
  ),
  sensorMoved: ofSensor(
    "A temperature sensor answers at another address than its own.",
    (given) => ({ address: numberOf(given, "address") }),
    { address: { meaning: "Address.", minimum: 8, maximum: 0x77, fallback: 0x4b } },
  ),
  airBlocked: ofBoard(
    "Something keeps the air from a board.",
    ({ heat }, given) => ({ heat: { ...heat, flowShare: 1 - numberOf(given, "share") } }),
    { share: { meaning: "Share that is kept away.", minimum: 0, maximum: 1, fallback: 1 } },
  ),
  sinkOff: ofBoard(
    "The heat sinks of a board have come off.",
    ({ heat }, given) => ({ heat: { ...heat, contactShare: numberOf(given, "left") } }),
    {
      left: { meaning: "Share of the contact that is left.", minimum: 0, maximum: 1, fallback: 0 },
    },
  ),
  hotSpot: ofBoard(
    "One chip is hotter than its neighbours.",
    ({ heat }, given) => ({
      heat: {
        ...heat,
        hotChips: new Map([...heat.hotChips, [numberOf(given, "chip"), numberOf(given, "riseC")]]),
      },
    }),
    {
      chip: { meaning: "Position on the chain.", minimum: 0, maximum: 255, fallback: 0 },
      riseC: { meaning: "Degrees.", minimum: 0, maximum: 200, fallback: 60 },
    },
  ),
  eepromBlank: ofBoard("The EEPROM was never written.", () => ({ eeprom: { is: "blank" } })),
  eepromSilent: ofBoard("The EEPROM does not answer.", () => ({ eeprom: { is: "silent" } })),
  eepromGarbled: ofBoard(
    "A share of the EEPROM's bytes is damaged.",
    (_before, given) => ({ eeprom: { is: "garbled", share: numberOf(given, "share") } }),
    { share: { meaning: "Share, 0 to 1.", minimum: 0, maximum: 1, fallback: 0.05 } },
  ),
  eepromClone: ofBoard(
    "The EEPROM holds the same bytes as the one of another slot.",
    (_before, given) => ({ eeprom: { is: "clone", of: numberOf(given, "of") } }),
    { of: { meaning: "Slot that it is a copy of.", minimum: 0, maximum: 7, fallback: 0 } },
  ),
  eepromWrongBoard: ofBoard(
    "The EEPROM names another type of board, in format 5.",
    (_before, given) => ({
      eeprom: { is: "otherBoard", boardName: textOf(given, "boardName") },
    }),
    { boardName: { meaning: "Name of the type.", textUpTo: 8, fallback: "BHB42601" } },
  ),
  controllerSilent: ofBoard("The board's controller does not answer.", (before) => ({
    controller: { ...before.controller, isSilent: true },
  })),
  controllerMute: ofBoard(
    "The board's controller acknowledges every byte, and says nothing.",
    (before) => ({ controller: { ...before.controller, isMute: true } }),
  ),
  controllerRestarts: ofBoard(
    "The board's controller falls back into its loader, with the converter off; it may be started again.",
    (before) => ({ controller: { ...before.controller, hasRestarted: true } }),
  ),
  converterStuck: ofBoard(
    "The board's converter stays as it is named, whatever its controller is told.",
    (before, given) => ({
      controller: { ...before.controller, converterStuck: textOf(given, "at") === "on" },
    }),
    { at: { meaning: "Where it stays.", oneOf: ["on", "off"], fallback: "off" } },
  ),
  controllerInLoader: ofBoard(
    "The board's controller acknowledges its start, and stays in the loader.",
    (before) => ({ controller: { ...before.controller, staysInLoader: true } }),
  ),
  controllerWrongVersion: ofBoard(
    "The board's controller has another firmware version.",
    (before, given) => ({
      controller: { ...before.controller, version: numberOf(given, "version") },
    }),
    { version: { meaning: "Version.", minimum: 0, maximum: 255, fallback: 0x5a } },
  ),
};
