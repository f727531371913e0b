import type {
  ChainFact,
  SupplyFact,
  ExpectedRpm,
  RailFacts,
  RailLimits,
  TemperatureFact,
} from "../../../src/safety/rail-facts.js";

export const LIMITS: RailLimits = {
  boardCutC: 75,
  chipCutC: 95,
  minMv: 12_000,
  maxMv: 15_000,
  minRpm: 5000,
  supplyCutC: 95,
  controlBoardCutC: 85,
  sensorMaxAgeS: 5,
  maxPowerW: undefined,
};

/** At full duty. */
export const FULL: ExpectedRpm = { leastRpm: 5000, mostRpm: 8000 };

/** One sensor of slot 0. */
export function outlet(changes: Partial<TemperatureFact> = {}): TemperatureFact {
  return {
    ...{ slot: 0, place: "outlet", isDie: false, tempC: 40, ageS: 0.5, trouble: undefined },
    ...changes,
  };
}

/** A machine with one board and two fans of which all is well. */
export function goodFacts(changes: Partial<RailFacts> = {}): RailFacts {
  return {
    poweredSlots: [0],
    temperatures: [outlet()],
    neededFans: 2,
    fans: [
      { fan: 1, rpm: 6000, expectedRpm: FULL, goodAgeS: 0.5 },
      { fan: 2, rpm: 6000, expectedRpm: FULL, goodAgeS: 0.5 },
    ],
    setpoint: { is: "verified", railMv: 13_200, ageS: 2 },
    supply: goodSupply(),
    controllers: [],
    chains: [],
    clockJumpS: 0,
    isDiskFull: false,
    controlBoard: undefined,
    guard: { is: "armed" },
    loopLagMs: 0,
    railSinceS: 600,
    ...changes,
  };
}

export function goodSupply(changes: Partial<SupplyFact> = {}): SupplyFact {
  return {
    ...{ answerAgeS: 2, wrongOutput: undefined, powerW: 2700, currentA: 200 },
    ...{ temperaturesC: [50], ratedW: 3600, ratedA: 300 },
    ...changes,
  };
}

/** A chain of slot 0 that hashes. */
export function goodChain(changes: Partial<ChainFact> = {}): ChainFact {
  return {
    ...{ slot: 0, isWorking: true, sinceS: 500, isWanted: true, nonceAgeS: 0.1 },
    givenUp: undefined,
    ...changes,
  };
}
