import type { Clock } from "../lib/clock.js";
import type { Finding } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";
import type { WrongOutput } from "../safety/rail-facts.js";
import type { RailInterlock } from "../safety/rail-interlock.js";

/** Between setpoint and measured output. Inferred: a supply of an S19k Pro measured 0.14 V more than was asked. */
const TOLERANCE_MV = 500;
/** The same for the low voltage of a regulator. Inferred. */
const TOLERANCE_SHARE = 0.1;
/** A rail counts as empty below. Inferred: less than 0.1 V for each of the voltage domains of a hashboard. */
const LOW_MV = 1000;
const LOW_SHARE = 0.2;

/** What a measured output may be for a setpoint, and below which it counts as nothing. */
export function outputLimits(setpointMv: number): {
  readonly fromMv: number;
  readonly toMv: number;
  readonly lowMv: number;
} {
  const toleranceMv = Math.min(TOLERANCE_MV, setpointMv * TOLERANCE_SHARE);
  return {
    fromMv: setpointMv - toleranceMv,
    toMv: setpointMv + toleranceMv,
    lowMv: Math.min(LOW_MV, setpointMv * LOW_SHARE),
  };
}

export interface OutputWatchOptions {
  readonly interlock: Pick<RailInterlock, "state">;
  readonly clock: Clock;
  readonly log: Logger;
  /** From switching off until nothing may be left. */
  readonly dischargeMs: number;
}

/** Compares what comes out of the supply with what should. */
export class OutputWatch {
  readonly #options: OutputWatchOptions;
  #wrong: WrongOutput | undefined;
  #trouble: Finding | undefined;

  constructor(options: OutputWatchOptions) {
    this.#options = options;
  }

  /** The output is not off although it should be. */
  get trouble(): Finding | undefined {
    return this.#trouble;
  }

  /** The output that is on is another than was set; for the interlock, which is not to be asked from here. */
  get wrongOutput(): WrongOutput | undefined {
    return this.#wrong;
  }

  /** One measurement; `setpointMv` where it is known, `fedMv`: above this the output is still fed. */
  judge(outputMv: number, setpointMv: number | undefined, fedMv: number): void {
    const { state } = this.#options.interlock;
    if (state.is === "on") this.#judgeOn(outputMv, setpointMv);
    else this.#wrong = undefined;
    if (state.is === "off") this.#judgeOff(outputMv, state.sinceMs, fedMv);
    else this.#trouble = undefined;
  }

  #judgeOn(outputMv: number, setpointMv: number | undefined): void {
    if (setpointMv === undefined) return;
    const { fromMv, toMv } = outputLimits(setpointMv);
    const isRight = outputMv >= fromMv && outputMv <= toMv;
    const times = (this.#wrong?.times ?? 0) + 1;
    this.#wrong = isRight ? undefined : { setpointMv, outputMv, times };
  }

  #judgeOff(outputMv: number, sinceMs: number, fedMv: number): void {
    const { clock, dischargeMs, log } = this.#options;
    const isFed = outputMv > fedMv && clock.nowMs() - sinceMs > dischargeMs;
    if (!isFed) {
      this.#trouble = undefined;
      return;
    }
    const finding: Finding = { code: "PSU_NOT_OFF", context: { outputMv } };
    if (this.#trouble === undefined)
      log.error({ code: finding.code, ...finding.context }, "the output is off and has voltage");
    this.#trouble = finding;
  }
}
