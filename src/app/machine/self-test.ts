import type { FanBank } from "../../cooling/fan-bank.js";
import type { Clock } from "../../lib/clock.js";
import { findingOf, type Finding } from "../../lib/finding.js";
import type { TemperatureFact } from "../../safety/rail-facts.js";
import {
  isolated,
  type FittedMachine,
  type FittedSlot,
  type SlotVerdict,
} from "./fitted-machine.js";
import type { MachineReadings } from "./readings.js";

/**
 * Sensors of a board at rest, with the fans blowing on it, differ less. Inferred: parts of this class are true to two or
 * three degrees, intake and outlet of a board without power to a few more; one that is stuck where a running board
 * was differs more.
 */
const MAX_SPREAD_C = 15;
/** A board that ran until now cools unevenly: its sensors get that long to come together. Inferred. */
const AGREE_LIMIT_MS = 30_000;
/** Five rounds of readings. */
const ANSWER_LIMIT_MS = 5000;
const LOOK_AGAIN_MS = 250;
/** Readings that old are of another round. */
const FRESH_S = 3;

export interface SelfTestOptions {
  readonly fitted: FittedMachine;
  readonly fans: FanBank;
  /** Must be running. */
  readonly readings: MachineReadings;
  /** False on a machine that runs: its sensors need not agree. */
  readonly isAtRest: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface SelfTestReport {
  /** Why nobody goes on; empty when all is well. */
  readonly machine: readonly Finding[];
  /** With what identification said of the slot, or what this test found beyond it. */
  readonly slots: readonly { readonly slot: number; readonly verdict: SlotVerdict }[];
}

/**
 * Fans turn, sensors answer and agree, the supply is known. Ends within half a minute. A slot that fails is isolated,
 * the others go on; without supply or fans nobody does.
 * @throws the reason of the signal
 */
export async function selfTest(options: SelfTestOptions): Promise<SelfTestReport> {
  const { fitted, signal } = options;
  const [fans, slots] = await Promise.all([
    testFans(options),
    Promise.all(
      fitted.slots.map(async (slot) => ({
        slot: slot.slot,
        verdict: await testSlot(options, slot),
      })),
    ),
  ]);
  signal.throwIfAborted();
  const { supply } = fitted;
  const refused: Finding[] =
    supply.is === "refused" ? [{ code: supply.code, context: supply.context }] : [];
  return { machine: [...refused, ...fans], slots };
}

async function testFans({ fans, signal }: SelfTestOptions): Promise<readonly Finding[]> {
  try {
    await fans.prove(signal);
    return [];
  } catch (error) {
    signal.throwIfAborted();
    return [findingOf(error, {}, "FAN_MISSING")];
  }
}

async function testSlot(options: SelfTestOptions, fitted: FittedSlot): Promise<SlotVerdict> {
  const { readings, isAtRest, clock, signal } = options;
  if (fitted.verdict.is === "isolated") return fitted.verdict;
  const startMs = clock.nowMs();
  for (;;) {
    signal.throwIfAborted();
    const facts = readings.temperatures([fitted.slot]);
    const silent = facts.find(({ tempC, ageS }) => tempC === undefined || ageS > FRESH_S);
    const apart = silent === undefined && isAtRest ? disagreement(facts) : undefined;
    if (silent === undefined && apart === undefined) return { is: "usable" };
    const waitedMs = clock.nowMs() - startMs;
    if (silent !== undefined && waitedMs >= ANSWER_LIMIT_MS) return isolated(noAnswer(silent));
    if (apart !== undefined && waitedMs >= AGREE_LIMIT_MS) return isolated(apart);
    await clock.sleep(LOOK_AGAIN_MS, signal);
  }
}

function noAnswer({ slot, place, trouble }: TemperatureFact): Finding {
  const code = trouble === "SENSOR_IMPLAUSIBLE" ? trouble : "SENSOR_SILENT";
  return { code, context: { slot, place, trouble: trouble ?? null } };
}

/** Coldest and hottest sensor of a board that is at rest, when they are too far apart. */
function disagreement(facts: readonly TemperatureFact[]): Finding | undefined {
  const known = facts.flatMap(({ slot, place, tempC }) =>
    tempC === undefined ? [] : [{ slot, place, tempC }],
  );
  const sorted = known.toSorted((one, other) => one.tempC - other.tempC);
  const coldest = sorted.at(0);
  const hottest = sorted.at(-1);
  if (coldest === undefined || hottest === undefined) return undefined;
  if (hottest.tempC - coldest.tempC <= MAX_SPREAD_C) return undefined;
  return {
    code: "SENSORS_DISAGREE",
    context: {
      slot: hottest.slot,
      coldest: coldest.place,
      coldestC: coldest.tempC,
      hottest: hottest.place,
      hottestC: hottest.tempC,
      maxSpreadC: MAX_SPREAD_C,
    },
  };
}
