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

function ofFan(
  meaning: string,
  trouble: (given: FaultParameters) => Partial<FanTrouble>,
  parameters: BodyFault["parameters"] = {},
): BodyFault {
  const apply = (_before: FanTrouble, given: FaultParameters): Partial<FanTrouble> =>
    trouble(given);
  return { strikes: "fan", meaning, parameters: { fan: FAN, ...parameters }, apply };
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
  fanStalled: ofFan("A fan is blocked.", () => ({ isStalled: true })),
  fanMissing: ofFan("A fan is not plugged in.", () => ({ isMissing: true })),
  fanLies: ofFan("A fan is blocked, and its tach tells full speed.", () => ({
    isStalled: true,
    isLying: true,
  })),
  fanSlow: ofFan(
    "A fan turns slower than its duty means.",
    (given) => ({ speedShare: numberOf(given, "share") }),
    { share: { meaning: "Speed over due speed.", minimum: 0, maximum: 1, fallback: 0.4 } },
  ),
  pwmIgnored: ofFan(
    "A fan turns as with one duty, whatever it is told.",
    (given) => ({ stuckDuty: numberOf(given, "dutyPct") / 100 }),
    { dutyPct: { meaning: "Per cent.", minimum: 0, maximum: 100, fallback: 20 } },
  ),
  tachDead: ofFan("A fan turns, and its tach tells nothing.", () => ({ isTachDead: true })),
  tachWrong: ofFan(
    "The tach of a fan tells a multiple of its speed.",
    (given) => ({ tachFactor: numberOf(given, "factor") }),
    { factor: { meaning: "Told over true.", minimum: 0, maximum: 100, fallback: 2 } },
  ),
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
  i2cDeaf: ofBus("No part on a bus acknowledges its address.", () => ({ isDeaf: true }), {}),
  i2cWrong: ofBus(
    "A share of the reads on a bus gives bytes that no part sent.",
    (given) => ({ wrongShare: numberOf(given, "share") }),
    { share: { meaning: "Share, 0 to 1.", minimum: 0, maximum: 1, fallback: 1 } },
  ),
  hotIntake: {
    strikes: "machine",
    meaning: "The air at the inlet is hotter than the room.",
    parameters: { riseC: { meaning: "Degrees.", minimum: 0, maximum: 200, fallback: 40 } },
    apply: (_before, given) => ({ intakeRiseC: numberOf(given, "riseC") }),
  },
  controlBoardHot: {
    strikes: "machine",
    meaning: "The control board is hotter than it should be.",
    parameters: { riseC: { meaning: "Degrees.", minimum: 0, maximum: 100, fallback: 50 } },
    apply: (_before, given) => ({ controlBoardRiseC: numberOf(given, "riseC") }),
  },
  controlBoardResets: {
    strikes: "machine",
    meaning: "The control board loses its supply for a moment: its outputs fall back, once.",
    parameters: {},
    apply: () => ({ hasControlBoardReset: true }),
  },
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
