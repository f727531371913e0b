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
