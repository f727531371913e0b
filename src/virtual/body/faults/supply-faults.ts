import type { FaultParameters, ParameterSpec } from "../../fault-parameters.js";
import type { ApwTrouble } from "../../parts/apw-supply.js";
import type { OutputTrouble } from "../output-stage.js";
import type { BodyEffects } from "./body-effects.js";
import { numberOf, type BodyFault, type BodyFaultTable } from "./body-fault.js";

const STEPS: ParameterSpec = {
  meaning: "Steps of its converter; more is a lower voltage.",
  minimum: -255,
  maximum: 255,
};

function ofProcessor(
  meaning: string,
  trouble: (given: FaultParameters) => Partial<ApwTrouble>,
  parameters: BodyFault["parameters"] = {},
): BodyFault {
  const apply = (before: BodyEffects, given: FaultParameters): Partial<BodyEffects> => ({
    apw: { ...before.apw, ...trouble(given) },
  });
  return { strikes: "machine", meaning, parameters, apply };
}

function ofOutput(
  meaning: string,
  trouble: (given: FaultParameters) => Partial<OutputTrouble>,
  parameters: BodyFault["parameters"] = {},
): BodyFault {
  const apply = (before: BodyEffects, given: FaultParameters): Partial<BodyEffects> => ({
    output: { ...before.output, ...trouble(given) },
  });
  return { strikes: "machine", meaning, parameters, apply };
}

/** Faults of the supply and of what feeds it. */
export const SUPPLY_FAULTS: BodyFaultTable = {
  psuSilent: ofProcessor("The supply does not answer on its bus.", () => ({ isSilent: true })),
  psuBusy: ofProcessor("The supply answers every command with F5.", () => ({ isBusy: true })),
  psuTypeUnknown: ofProcessor(
    "The supply gives another type code than its own.",
    (given) => ({ typeCode: numberOf(given, "typeCode") }),
    {
      typeCode: { meaning: "Type code.", minimum: 0, maximum: 255, fallback: 0x5a },
    },
  ),
  psuRefusesYetApplies: ofProcessor(
    "The supply answers a voltage with F5, and applies it all the same.",
    () => ({ refusesYetApplies: true }),
  ),
  psuAppliesNot: ofProcessor(
    "The supply repeats a voltage that it was told, and stays where it is.",
    () => ({ appliesNot: true }),
  ),
  psuSlow: ofProcessor(
    "Every reply of the supply is late.",
    (given) => ({ delayMs: numberOf(given, "delayMs") }),
    { delayMs: { meaning: "Milliseconds.", minimum: 0, maximum: 60_000, fallback: 1000 } },
  ),
  psuSetpointSlips: ofProcessor(
    "The setpoint moves by itself; the output follows, and who asks is told so.",
    (given) => ({ setpointSlip: numberOf(given, "steps") }),
    { steps: { ...STEPS, fallback: 20 } },
  ),
  psuTellsWrongSetpoint: ofProcessor(
    "The supply tells another setpoint than the one that it has.",
    (given) => ({ toldSlip: numberOf(given, "steps") }),
    { steps: { ...STEPS, fallback: 20 } },
  ),
  psuTellsWrongOutput: ofProcessor(
    "The supply tells another output than the one that it gives.",
    (given) => ({ toldOffsetMv: numberOf(given, "offsetMv") }),
    { offsetMv: { meaning: "Millivolts.", minimum: -20_000, maximum: 5000, fallback: -2000 } },
  ),
  psuBadSum: ofProcessor(
    "A share of the supply's replies has a wrong sum.",
    (given) => ({ badSumShare: numberOf(given, "share") }),
    { share: { meaning: "Share, 0 to 1.", minimum: 0, maximum: 1, fallback: 1 } },
  ),
  psuHot: ofProcessor(
    "The supply is hotter than its load makes it; only late types tell it.",
    (given) => ({ hotterByC: numberOf(given, "riseC") }),
    { riseC: { meaning: "Degrees.", minimum: 0, maximum: 200, fallback: 70 } },
  ),
  psuFlags: ofProcessor(
    "The supply raises flags of its status.",
    (given) => ({ flags: numberOf(given, "flags") }),
    { flags: { meaning: "Bits of its first byte.", minimum: 1, maximum: 255, fallback: 1 } },
  ),
  psuShutsDown: ofOutput(
    "The supply protects itself: no output until it is switched off and on again.",
    () => ({ hasShutDown: true }),
  ),
  psuDrifts: ofOutput(
    "The output walks away from its setpoint.",
    (given) => ({ driftMvPerS: numberOf(given, "mvPerS") }),
    {
      mvPerS: { meaning: "Millivolts a second.", minimum: -10_000, maximum: 10_000, fallback: 50 },
    },
  ),
  psuWrongVoltage: ofOutput(
    "The output is off what the setpoint means.",
    (given) => ({ offsetMv: numberOf(given, "offsetMv") }),
    { offsetMv: { meaning: "Millivolts.", minimum: -10_000, maximum: 5000, fallback: -700 } },
  ),
  psuStuckOn: ofOutput("The output is on whatever the enable line says.", () => ({
    isStuckOn: true,
  })),
  psuNoOutput: ofOutput("The output stays dead whatever the enable line says.", () => ({
    isDead: true,
  })),
  psuWeak: ofOutput(
    "The supply cuts its output at a lower current.",
    (given) => ({ tripA: numberOf(given, "tripA") }),
    { tripA: { meaning: "Ampere.", minimum: 1, maximum: 1000, fallback: 50 } },
  ),
  enableLineDead: {
    strikes: "machine",
    meaning: "The enable line no longer moves: the supply stays as it is.",
    parameters: {},
    apply: () => ({ isEnableLineDead: true }),
  },
  watchdogBites: {
    strikes: "machine",
    meaning: "The watchdog of the supply runs unasked and cuts the output without commands.",
    parameters: {
      afterS: { meaning: "Seconds without a command.", minimum: 1, maximum: 3600, fallback: 30 },
    },
    apply: (_before, given) => ({ watchdogAfterMs: numberOf(given, "afterS") * 1000 }),
  },
  acBrownOut: {
    strikes: "machine",
    meaning: "The mains voltage sags as long as the fault lasts.",
    parameters: { inputV: { meaning: "Volts.", minimum: 0, maximum: 300, fallback: 70 } },
    apply: (_before, given) => ({ inputV: numberOf(given, "inputV") }),
  },
};
