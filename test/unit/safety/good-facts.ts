import type {
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
    ...changes,
  };
}
