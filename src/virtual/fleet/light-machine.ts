import type { Clock } from "../../lib/clock.js";
import type {
  MachineStateName,
  OrderName,
  StateSnapshot,
} from "../../telemetry/machine-snapshot.js";
import { Approach } from "./approach.js";
import type { LightSpec } from "./light-spec.js";

/** From the order to the enable line, and from `resume` to work: docs/bench.md, of a virtual S19k Pro. */
const SWITCH_OFF_MS = 22;
const START_MS = 27_000;
/** The control board and fans alone. Inferred: port notes name 10 to 20 W for the board. */
const IDLE_W = 20;
/** Chips without work are still clocked. Inferred: leakage and clock tree are about a third. */
const CLOCKED_SHARE = 0.3;
/** A board follows its power within minutes. Inferred. */
const HEAT_TAU_MS = 90_000;
/** A hot board above the air at full power. Inferred: 25 °C of air make 60 °C, the target of the S19k Pro. */
const RISE_C = 35;
/** Two machines of a kind differ so much at most, and one from moment to moment. Inferred. */
const SPREAD = 0.03;
const RIPPLE = 0.01;
const RIPPLE_MS = 7000;

export const WINDOWS_S = { "5s": 5, "1m": 60, "15m": 900, "24h": 86_400 } as const;
export type WindowName = keyof typeof WINDOWS_S;

type Curtailment = NonNullable<StateSnapshot["curtailment"]>;

export interface LightMachineOptions {
  readonly spec: LightSpec;
  /** Tells one machine from the others; 0 to 1. */
  readonly seed: number;
  readonly clock: Clock;
  /** Something that a picture shows has changed otherwise than by the passing of time. */
  readonly onChange: () => void;
  readonly onState: (state: MachineStateName, before: MachineStateName) => void;
}

/** How hot, how fast and at how many watts a machine is, as simple as telemetry can show it. */
export class LightMachine {
  readonly startMs: number;
  readonly ambientC: number;
  readonly #options: LightMachineOptions;
  readonly #rates: Readonly<Record<WindowName, Approach>>;
  readonly #riseC: Approach;
  #state: MachineStateName = "hashing";
  #stateSinceMs: number;
  #order: OrderName = "mine";
  #orderedUnixMs: number | null = null;
  #curtailment: Curtailment | null = null;
  /** TH up to the last change. */
  #hashedTh = 0;
  #cancelNext: () => void = () => undefined;

  constructor(options: LightMachineOptions) {
    this.#options = options;
    const { clock, seed } = options;
    const nowMs = clock.nowMs();
    this.startMs = nowMs;
    this.#stateSinceMs = nowMs;
    this.ambientC = 20 + 10 * seed;
    const rate = (seconds: number): Approach =>
      new Approach((seconds * 1000) / 3, this.#goalThs(), nowMs);
    this.#rates = {
      ...{ "5s": rate(WINDOWS_S["5s"]), "1m": rate(WINDOWS_S["1m"]) },
      ...{ "15m": rate(WINDOWS_S["15m"]), "24h": rate(WINDOWS_S["24h"]) },
    };
    this.#riseC = new Approach(HEAT_TAU_MS, RISE_C, nowMs);
  }

  get state(): MachineStateName {
    return this.#state;
  }

  get stateSinceMs(): number {
    return this.#stateSinceMs;
  }

  get order(): OrderName {
    return this.#order;
  }

  get orderedUnixMs(): number | null {
    return this.#orderedUnixMs;
  }

  get curtailment(): Curtailment | null {
    return this.#curtailment;
  }

  get isPowered(): boolean {
    return this.#state !== "curtailed";
  }

  rateThs(window: WindowName): number {
    return this.#rates[window].at(this.#nowMs) * this.#ripple();
  }

  boardC(): number {
    return this.ambientC + this.#riseC.at(this.#nowMs) * this.#ripple();
  }

  /** TH since the start. */
  hashedTh(): number {
    return this.#hashedTh + (this.#goalThs() * (this.#nowMs - this.#stateSinceMs)) / 1000;
  }

  /** Null while the supply has not looked since it was switched off. */
  watts(): number | null {
    const isUnknown = this.#state === "curtailed" && this.#curtailment?.confirmedBy !== "readback";
    return isUnknown ? null : this.#drawnW() * this.#ripple();
  }

  /** To any state but curtailed. */
  obey(order: Exclude<OrderName, "curtailed">): void {
    const wasOff = !this.isPowered;
    this.#note(order, this.#options.clock.unixMs());
    if (order === "mine" && wasOff) {
      this.#enter("bringUp");
      this.#cancelNext = this.#options.clock.after(START_MS, () => {
        this.#enter("hashing");
      });
    } else this.#enter(order === "mine" ? "hashing" : order);
  }

  /** Resolves when the enable line is off. */
  async curtail(): Promise<void> {
    const { clock, spec } = this.#options;
    const receivedUnixMs = clock.unixMs();
    const receivedMs = clock.nowMs();
    this.#note("curtailed", receivedUnixMs);
    await clock.sleep(SWITCH_OFF_MS);
    // Another order came meanwhile.
    if (this.#order !== "curtailed") return;
    const tookMs = clock.nowMs() - receivedMs;
    this.#curtailment = {
      ...{ receivedUnixMs, powerOffUnixMs: receivedUnixMs + tookMs, tookMs },
      ...{ confirmedBy: spec.confirmMs === null ? "none" : null, confirmedUnixMs: null },
    };
    this.#enter("curtailed");
    if (spec.confirmMs === null) return;
    this.#cancelNext = clock.after(spec.confirmMs, () => {
      const confirmedUnixMs = clock.unixMs();
      if (this.#curtailment)
        this.#curtailment = { ...this.#curtailment, confirmedBy: "readback", confirmedUnixMs };
      this.#options.onChange();
    });
  }

  stop(): void {
    this.#cancelNext();
  }

  get #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  #note(order: OrderName, unixMs: number): void {
    this.#cancelNext();
    this.#order = order;
    this.#orderedUnixMs = unixMs;
    if (order !== "curtailed") this.#curtailment = null;
  }

  #enter(state: MachineStateName): void {
    const nowMs = this.#nowMs;
    const before = this.#state;
    this.#hashedTh = this.hashedTh();
    this.#state = state;
    this.#stateSinceMs = nowMs;
    for (const rate of Object.values(this.#rates)) rate.head(this.#goalThs(), nowMs);
    this.#riseC.head((RISE_C * this.#drawnW()) / this.#options.spec.powerW, nowMs);
    this.#options.onChange();
    if (before !== state) this.#options.onState(state, before);
  }

  #goalThs(): number {
    const { spec, seed } = this.#options;
    return this.#state === "hashing" ? spec.hashrateThs * (1 + SPREAD * (seed - 0.5)) : 0;
  }

  #drawnW(): number {
    const { spec, seed } = this.#options;
    const fullW = spec.powerW * (1 + SPREAD * (0.5 - seed));
    if (this.#state === "hashing") return fullW;
    return this.isPowered ? Math.max(IDLE_W, fullW * CLOCKED_SHARE) : IDLE_W;
  }

  #ripple(): number {
    const { seed } = this.#options;
    return 1 + RIPPLE * Math.sin(this.#nowMs / RIPPLE_MS + seed * 1000);
  }
}
