import type { DrivenMachine } from "../boards/machine-spec.js";
import { MinerError } from "../lib/errors.js";
import type { PowerControl, PowerSight } from "../power/power-control.js";
import { estimatePowerW } from "../power/power-estimate.js";
import type { Reading } from "../power/rail-snapshot.js";
import type { PowerTargetSnapshot } from "../telemetry/machine-snapshot.js";
import type { ChainOrder } from "./chain-state.js";
import type { OrderKeeper } from "./life-cycle/order-keeper.js";
import type { SetPointPlan } from "./life-cycle/set-points.js";
import { enoughWatts, leastPowerW } from "./power-config.js";

export interface PowerTargetOptions {
  readonly machine: Pick<DrivenMachine, "rated" | "railMv" | "freqMHz">;
  readonly control: PowerControl;
  readonly orders: Pick<OrderKeeper, "record" | "curtailTo">;
  readonly setPoints: () => SetPointPlan;
  /** As configured. */
  readonly setPointW: number | undefined;
  readonly lastPowerW: () => Reading<number>;
}

/** Which watts the machine is held to: the owner's set-point or a curtailment, whichever is less. */
export class PowerTarget {
  readonly #options: PowerTargetOptions;
  #setPointW: number | undefined;

  constructor(options: PowerTargetOptions) {
    this.#options = options;
    this.#setPointW = options.setPointW;
  }

  /** What is kept holds from now on. */
  start(): void {
    this.#hold();
  }

  stop(): void {
    this.#options.control.stop();
  }

  get setPointW(): number | undefined {
    return this.#setPointW;
  }

  /** A curtailment to watts is in force. */
  get isCurtailed(): boolean {
    return this.#curtailedW !== undefined;
  }

  get powerW(): Reading<number> {
    return this.#options.control.powerW;
  }

  /** What the target was judged by last. */
  get judgedW(): Reading<number> {
    return this.#options.control.judgedW;
  }

  /** As somebody looked last, within a second or so. */
  get lastPowerW(): Reading<number> {
    return this.#options.lastPowerW();
  }

  /** What the machine takes at its lowest clock at least: by its data, or by what it takes now; undefined: nobody knows. */
  get leastW(): number | undefined {
    const { machine, control, setPoints } = this.#options;
    return leastPowerW(machine, setPoints().railMv) ?? control.leastW;
  }

  /** @throws POWER_TARGET_REFUSED naming the field and what is possible */
  assertPossible(field: string, value: number): void {
    const { leastW } = this;
    const isBlind = leastW === undefined && this.powerW.value === null;
    if (!isBlind && value >= (leastW ?? 1)) return;
    const expected = isBlind
      ? "nothing: nobody knows the watts of this machine"
      : enoughWatts(leastW ?? 1);
    throw new MinerError("POWER_TARGET_REFUSED", { field, value, expected });
  }

  /** The owner's; undefined: none. */
  setPoint(powerW: number | undefined): void {
    this.#setPointW = powerW;
    this.#hold();
  }

  /** Holds at once; undefined ends it. Resolves with whether a restart would know of it. */
  curtailTo(toW: number | undefined): Promise<boolean> {
    const isKept = this.#options.orders.curtailTo(toW);
    this.#hold();
    return isKept;
  }

  /** Resolves with whether the watts are at or below the target, at the latest after `waitMs`. */
  reached(waitMs: number): Promise<boolean> {
    return this.#options.control.reached(waitMs);
  }

  snapshot(): PowerTargetSnapshot | null {
    const held = this.#options.control.snapshot();
    if (held === undefined) return null;
    return { ...held, by: held.targetW === this.#curtailedW ? "curtail" : "setPoint" };
  }

  get trouble(): PowerControl["trouble"] {
    return this.#options.control.trouble;
  }

  get #curtailedW(): number | undefined {
    return this.#options.orders.record.toW;
  }

  #hold(): void {
    const targets = [this.#setPointW, this.#curtailedW].filter((each) => each !== undefined);
    this.#options.control.hold(targets.length === 0 ? undefined : Math.min(...targets));
  }
}

/** What the power control sees of the machine. */
export function powerSight(parts: {
  readonly machine: PowerTargetOptions["machine"];
  readonly setPoints: SetPointPlan;
  readonly powerW: Reading<number>;
  /** What the chains are told; undefined unless all that are up do it, and hash. */
  readonly order: ChainOrder | undefined;
}): PowerSight {
  const { machine, powerW, order } = parts;
  const { freqMHz, railMv, sleepMHz } = parts.setPoints;
  return {
    powerW,
    settledMHz: order?.freqMHz,
    orderedMHz: freqMHz,
    leastMHz: sleepMHz,
    fullW:
      railMv === undefined
        ? undefined
        : estimatePowerW(machine, { railMv, freqMHz, hashingShare: 1 }),
  };
}
