import type { FaultParameters, ParameterSpec } from "../../fault-parameters.js";
import type { BusTrouble } from "../../i2c/virtual-bus.js";
import type { FanTrouble } from "../fan.js";
import type { BodyEffects } from "./body-effects.js";
import { numberOf, textOf, type BodyFault, type BodyFaultTable } from "./body-fault.js";

const FAN: ParameterSpec = {
  meaning: "Number of the fan, from 1; 0 for all.",
  minimum: 0,
  maximum: 8,
  fallback: 0,
};
const BUS: ParameterSpec = {
  meaning: "Which bus.",
  oneOf: ["boards", "psu"],
  fallback: "boards",
};
const SLOT: ParameterSpec = { meaning: "Slot.", minimum: 0, maximum: 7 };

function ofFan(meaning: string, trouble: Partial<FanTrouble>): BodyFault {
  return { strikes: "fan", meaning, parameters: { fan: FAN }, apply: () => trouble };
}

function ofBus(
  meaning: string,
  trouble: (given: FaultParameters) => Partial<BusTrouble>,
  parameters: BodyFault["parameters"],
): BodyFault {
  const apply = (before: BodyEffects, given: FaultParameters): Partial<BodyEffects> => {
    const name = textOf(given, "bus") === "psu" ? "psu" : "boards";
    return { buses: { ...before.buses, [name]: { ...before.buses[name], ...trouble(given) } } };
  };
  return { strikes: "machine", meaning, parameters: { bus: BUS, ...parameters }, apply };
}

/** Faults of fans and buses, and of boards in the wrong place. */
export const OTHER_FAULTS: BodyFaultTable = {
  fanStalled: ofFan("A fan is blocked.", { isStalled: true }),
  fanMissing: ofFan("A fan is not plugged in.", { isMissing: true }),
  fanLies: ofFan("A fan is blocked, and its tach tells full speed.", {
    isStalled: true,
    isLying: true,
  }),
  tachDead: ofFan("A fan turns, and its tach tells nothing.", { isTachDead: true }),
  i2cStuck: ofBus(
    "A part holds the data line of a bus down.",
    (given) => ({ stuck: textOf(given, "recovers") === "yes" ? "untilRecovery" : "forGood" }),
    {
      recovers: {
        meaning: "Whether nine clocks free the bus.",
        oneOf: ["yes", "no"],
        fallback: "no",
      },
    },
  ),
  i2cSlow: ofBus(
    "Every transfer on a bus takes longer.",
    (given) => ({ delayMs: numberOf(given, "delayMs") }),
    { delayMs: { meaning: "Milliseconds.", minimum: 0, maximum: 60_000, fallback: 200 } },
  ),
  i2cNoise: ofBus(
    "A share of the transfers fails or gives a damaged byte.",
    (given) => ({ noiseShare: numberOf(given, "share") }),
    { share: { meaning: "Share, 0 to 1.", minimum: 0, maximum: 1, fallback: 0.05 } },
  ),
  resetApart: {
    strikes: "machine",
    meaning: "No chain answers while a chain of another board is in reset, as seen on an S19k Pro.",
    parameters: {},
    apply: () => ({ needsAllChains: true }),
  },
  boardsSwapped: {
    strikes: "machine",
    meaning: "The parts of two boards answer in each other's place, while their chains do not.",
    parameters: {
      first: { ...SLOT, fallback: 0 },
      second: { ...SLOT, fallback: 1 },
      what: {
        meaning: "All parts on the bus, or only the EEPROMs, as after boards changed their slots.",
        oneOf: ["all", "eeprom"],
        fallback: "all",
      },
    },
    apply: (_before, given) => ({
      swap: {
        first: numberOf(given, "first"),
        second: numberOf(given, "second"),
        what: textOf(given, "what") === "eeprom" ? "eeprom" : "all",
      },
    }),
  },
};
