import {
  chainsFind,
  chainsNotGivenUp,
  controllersAnswer,
  hashHasPower,
  powerHasWork,
} from "./rules/boards.js";
import {
  clockSteady,
  controlBoardNotHot,
  diskHasSpace,
  guardFed,
  loopRuns,
} from "./rules/controller.js";
import { fansTellTheTruth, fansTurn } from "./rules/fans.js";
import type { SafetyRule } from "./rules/rule.js";
import {
  boardsMeasured,
  sensorMoves,
  sensorsAgree,
  temperatureFresh,
  temperaturePlausible,
} from "./rules/sensors.js";
import {
  currentWithinRating,
  outputNotTooHigh,
  outputNotTooLow,
  powerWithinRating,
  setpointVerified,
  setpointWithinLimits,
  supplyAnswers,
  supplyNotHot,
} from "./rules/supply.js";
import {
  boardNotHotAlone,
  temperatureBelowCut,
  temperatureRisesSlowly,
} from "./rules/temperatures.js";

export { fanFinding } from "./rules/fans.js";

/** Everything that must hold for power; what is found first of several is what is told. */
export const RAIL_RULES: readonly SafetyRule[] = [
  guardFed,
  loopRuns,
  temperatureBelowCut,
  temperatureRisesSlowly,
  temperatureFresh,
  temperaturePlausible,
  boardsMeasured,
  sensorMoves,
  sensorsAgree,
  boardNotHotAlone,
  fansTurn,
  fansTellTheTruth,
  setpointVerified,
  setpointWithinLimits,
  outputNotTooLow,
  outputNotTooHigh,
  supplyAnswers,
  powerWithinRating,
  currentWithinRating,
  supplyNotHot,
  controllersAnswer,
  chainsFind,
  chainsNotGivenUp,
  hashHasPower,
  controlBoardNotHot,
  powerHasWork,
  clockSteady,
  diskHasSpace,
];
