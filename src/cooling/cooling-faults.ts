import type { Finding } from "../lib/finding.js";
import type { FanFact, TemperatureFact } from "../safety/rail-facts.js";
import type { CoolingInputs, CoolingMemory } from "./cooling-inputs.js";
import type { CoolingPlan } from "./cooling-plan.js";

/** Sensors are read each second; fans are full before the interlock cuts the power, after five. Inferred. */
const MAX_AGE_S = 4;
/** Readings outside are faults and no temperatures. Documented: fact sheet power, section 3.1. */
const PLAUSIBLE_C = { above: 0, upTo: 120 };
/** A decision that comes later than this was held up by something. Inferred: twice its period. */
const MAX_LATE_MS = 2000;
/**
 * A tach that told too much so often in a row is not believed any more. Later than the interlock judges it, after five
 * seconds: full duty makes the lie look true. Inferred: one wrong count is an accident.
 */
export const LIES_TO_DOUBT = 8;

type Judged = Pick<CoolingInputs, "lateMs" | "slots" | "temperatures" | "fans">;

/** The first thing that keeps the fans from being slowed down; undefined when all is proven. */
export function coolingFault(
  inputs: Judged,
  plan: CoolingPlan,
  lies: CoolingMemory["lies"],
): Finding | undefined {
  const { lateMs, slots, temperatures } = inputs;
  if (!(lateMs <= MAX_LATE_MS)) return { code: "COOLING_LATE", context: { lateMs } };
  if (slots.length === 0) return { code: "BOARD_MISSING", context: { powered: 0 } };
  const unmeasured = slots.find((slot) => !temperatures.some((fact) => fact.slot === slot));
  if (unmeasured !== undefined)
    return { code: "SENSOR_SILENT", context: { slot: unmeasured, sensors: 0 } };
  return first(temperatures, sensorFault) ?? fansFault(inputs, plan, lies);
}

/** Counts anew how often each tach has told too much; one that is not believed stays so. */
export function countLies(
  fans: readonly FanFact[],
  lies: CoolingMemory["lies"],
): CoolingMemory["lies"] {
  const counts = fans.map(({ fan, rpm, expectedRpm }) => {
    const before = lies[fan] ?? 0;
    const isLie = rpm !== undefined && rpm > (expectedRpm.mostRpm ?? Infinity);
    if (before >= LIES_TO_DOUBT) return [fan, before] as const;
    return [fan, isLie ? before + 1 : 0] as const;
  });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function sensorFault(fact: TemperatureFact): Finding | undefined {
  const { slot, place, tempC, ageS, trouble } = fact;
  if (tempC !== undefined && !(tempC > PLAUSIBLE_C.above && tempC <= PLAUSIBLE_C.upTo))
    return { code: "SENSOR_IMPLAUSIBLE", context: { slot, place, tempC } };
  if (tempC !== undefined && trouble === undefined && ageS <= MAX_AGE_S) return undefined;
  const code = trouble === "SENSOR_IMPLAUSIBLE" ? trouble : "SENSOR_SILENT";
  const knownAgeS = tempC === undefined ? null : ageS;
  return { code, context: { slot, place, ageS: knownAgeS, trouble: trouble ?? null } };
}

function fansFault(
  { fans }: Judged,
  { neededFans }: CoolingPlan,
  lies: CoolingMemory["lies"],
): Finding | undefined {
  const bad = fans.filter(
    ({ fan, rpm = 0, expectedRpm }) =>
      rpm < expectedRpm.leastRpm || (lies[fan] ?? 0) >= LIES_TO_DOUBT,
  );
  if (fans.length - bad.length >= neededFans) return undefined;
  // Where there are more tachs than fans, one that turned before is missed, not the empty socket.
  const lost = bad.find(({ goodAgeS }) => Number.isFinite(goodAgeS)) ?? bad[0];
  if (lost === undefined) return { code: "FAN_MISSING", context: { needed: neededFans } };
  const { fan, rpm, expectedRpm } = lost;
  if (rpm === undefined || rpm === 0)
    return { code: "FAN_MISSING", context: { fan, rpm: rpm ?? null } };
  const { leastRpm, mostRpm = null } = expectedRpm;
  if (rpm < leastRpm) return { code: "FAN_SLOW", context: { fan, rpm, minRpm: leastRpm } };
  return { code: "FAN_LYING", context: { fan, rpm, mostRpm } };
}

function first<Item, Found>(
  items: readonly Item[],
  find: (item: Item) => Found | undefined,
): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
