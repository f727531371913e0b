import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import { WRONG_IN_A_ROW } from "../safety/rules/supply.js";
import { outputLimits } from "./output-watch.js";
import type { SupplyReadings } from "./supply-readings.js";

/** Added to the time a supply needs, where the output is measured: rounds of the slow bus take seconds. Inferred. */
const READY_GRACE_MS = 10_000;
/** Between two measurements of the output; on the slow bus the round itself is the pause. */
const MEASURE_PAUSE_MS = 100;

interface Waiting {
  readonly readings: SupplyReadings;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface EmptyOptions extends Waiting {
  /** At or below it the output counts as empty. */
  readonly lowMv: number;
  /** On the clock: nobody measures longer. */
  readonly endMs: number;
}

/** What the output was measured at last; undefined when the supply cannot tell or did not answer. */
export interface EmptyOutcome {
  readonly isEmpty: boolean;
  readonly outputMv: number | undefined;
}

/** Waits until the output is measured as empty, or the time is over. Waits it out where it cannot be measured. */
export async function untilEmpty(options: EmptyOptions): Promise<EmptyOutcome> {
  const { readings, clock, signal, lowMv, endMs } = options;
  if (!readings.can("outputMv")) {
    await clock.sleep(Math.max(0, endMs - clock.nowMs()), signal);
    return { isEmpty: false, outputMv: undefined };
  }
  for (;;) {
    const outputMv = await outputNow(readings);
    signal.throwIfAborted();
    const isEmpty = outputMv !== undefined && outputMv <= lowMv;
    if (isEmpty || clock.nowMs() >= endMs) return { isEmpty, outputMv };
    await clock.sleep(MEASURE_PAUSE_MS, signal);
  }
}

export interface ReadyOptions extends Waiting {
  readonly setpointMv: number;
  /** What the supply needs. */
  readonly readyMs: number;
  /** The output was on before, and may come from above. */
  readonly isMove: boolean;
  /** What a move begins with; undefined where nobody knows, or nothing was on. */
  readonly beforeMv?: number | undefined;
}

/**
 * Waits until the output is measured as what it was set to; as long as the supply needs where it cannot be measured.
 * @throws PSU_OUTPUT_WRONG when it is too high, outside of both ends of a move, or not there in time; the reason of the signal
 */
export async function untilReady(options: ReadyOptions): Promise<void> {
  const { readings, clock, signal, setpointMv, readyMs, isMove, beforeMv } = options;
  if (!readings.can("outputMv")) {
    await clock.sleep(readyMs, signal);
    return;
  }
  const { fromMv, toMv } = outputLimits(setpointMv);
  const passes = beforeMv === undefined ? undefined : outputLimits(beforeMv);
  // On the way from one voltage to another there is none outside of both.
  const isAstray = (outputMv: number): boolean =>
    passes !== undefined &&
    (outputMv < Math.min(fromMv, passes.fromMv) || outputMv > Math.max(toMv, passes.toMv));
  const endMs = clock.nowMs() + readyMs + READY_GRACE_MS;
  let timesAstray = 0;
  for (;;) {
    const outputMv = await outputNow(readings);
    signal.throwIfAborted();
    if (outputMv !== undefined && outputMv >= fromMv && outputMv <= toMv) return;
    const isTooHigh = outputMv !== undefined && outputMv > toMv;
    if (outputMv !== undefined) timesAstray = isAstray(outputMv) ? timesAstray + 1 : 0;
    const isWrong = (isTooHigh && !isMove) || timesAstray >= WRONG_IN_A_ROW;
    if (isWrong || clock.nowMs() >= endMs)
      throw new MinerError("PSU_OUTPUT_WRONG", { setpointMv, outputMv: outputMv ?? null });
    await clock.sleep(MEASURE_PAUSE_MS, signal);
  }
}

/** Undefined when the supply did not answer; whoever waits asks again. */
async function outputNow(readings: SupplyReadings): Promise<number | undefined> {
  try {
    return await readings.read("outputMv");
  } catch {
    return undefined; // counted by the readings
  }
}
