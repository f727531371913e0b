import type { Finding } from "../../lib/finding.js";
import type { FanFact } from "../rail-facts.js";
import { ALL_WELL, CLEARS_BY_ITSELF, POWERED, type SafetyRule } from "./rule.js";

/** Since a fan was last seen to turn fast enough; one wrong count of edges is an accident. Inferred. */
const FAN_MAX_AGE_S = 5;

/** A fan that does not do what it must: it stands, or its speed cannot be read, or it is slow. */
export function fanFinding({ fan, rpm }: FanFact, minRpm: number): Finding {
  if (rpm === undefined || rpm === 0)
    return { code: "FAN_MISSING", context: { fan, rpm: rpm ?? null } };
  return { code: "FAN_SLOW", context: { fan, rpm, minRpm } };
}

const isGood = ({ goodAgeS }: FanFact): boolean => goodAgeS <= FAN_MAX_AGE_S;

export const fansTurn: SafetyRule = {
  name: "fans turn",
  code: "FAN_MISSING",
  limit: `as many fans as the machine has, each fast enough for its duty within ${FAN_MAX_AGE_S} s; fans.minRpm of the machine at full duty`,
  limitOf: ({ minRpm }) => `${minRpm} rpm at full duty, in the last ${FAN_MAX_AGE_S} s`,
  source: "boards/machines, of vendors' board tests; the time: one wrong count is an accident",
  evidence: "inferred",
  action: "cut",
  clears: CLEARS_BY_ITSELF,
  moments: POWERED,
  check: ({ fans, neededFans }) => {
    if (neededFans === 0) return ALL_WELL;
    const bad = fans.filter((fan) => !isGood(fan));
    const lacking = neededFans - (fans.length - bad.length);
    if (lacking <= 0) return ALL_WELL;
    if (bad.length === 0) return [{ code: "FAN_MISSING", context: { needed: neededFans } }];
    // Where more tachs than fans are wired, those that turned before are the ones that are missed.
    const lost = bad.filter(({ goodAgeS }) => Number.isFinite(goodAgeS));
    return (lost.length > 0 ? lost : bad).map((fan) => fanFinding(fan, fan.expectedRpm.leastRpm));
  },
};

export const fansTellTheTruth: SafetyRule = {
  name: "fans tell the truth",
  code: "FAN_LYING",
  limit: `${FAN_MAX_AGE_S} s above the fastest that a fan turns at its duty`,
  source: "speeds at full duty in boards/machines, scaled by the duty",
  evidence: "inferred",
  action: "cut",
  clears: CLEARS_BY_ITSELF,
  moments: POWERED,
  check: ({ fans, neededFans }) => {
    if (neededFans === 0) return ALL_WELL;
    const lying = fans.filter(({ liesS = 0 }) => liesS > FAN_MAX_AGE_S);
    // One that lies proves no air: it is missed where no other stands in for it.
    const proving = fans.filter((fan) => isGood(fan) && !lying.includes(fan));
    if (lying.length === 0 || proving.length >= neededFans) return ALL_WELL;
    return lying.map(({ fan, rpm = null, expectedRpm }) => ({
      code: "FAN_LYING",
      context: { fan, rpm, mostRpm: expectedRpm.mostRpm ?? null },
    }));
  },
};
