import { loadDrivenMachine } from "../../../src/boards/load-machine.js";
import type { DrivenMachine } from "../../../src/boards/machine-spec.js";
import { virtualBody } from "../../../src/commands/virtual-body.js";
import { CoolingControl } from "../../../src/cooling/cooling-control.js";
import type { CoolingReason } from "../../../src/cooling/cooling-inputs.js";
import {
  coolingPlan,
  type CoolingPlan,
  type CoolingWish,
} from "../../../src/cooling/cooling-plan.js";
import { ALIVE_RPM, FanBank } from "../../../src/cooling/fan-bank.js";
import type { PwmOutput, Tach } from "../../../src/hal/fan-hardware.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { createLogger } from "../../../src/lib/logger.js";
import type { TemperatureFact } from "../../../src/safety/rail-facts.js";
import { BodyFaultSet } from "../../../src/virtual/body/faults/body-fault-set.js";
import type { BodyChain } from "../../../src/virtual/body/virtual-board.js";
import { VirtualBody } from "../../../src/virtual/body/virtual-body.js";
import { SeededRandom } from "../../../src/virtual/random.js";

/** What a step of the sensors is, and how much a reading trembles. */
const SENSOR_STEP_C = 1 / 16;
const NOISE_C = 0.06;
/** The clock goes up by 6.25 MHz each 100 ms. */
const RAMP_MHZ_PER_S = 62.5;
const PERIOD_NS = 100_000;

/** One second of a run. */
export interface WarmSecond {
  readonly second: number;
  /** Of all boards, as it is and not as it is read. */
  readonly hottestC: number;
  readonly dutyPct: number;
  readonly powerSharePct: number;
  readonly reason: CoolingReason;
}

export interface WarmOptions {
  readonly machine?: string;
  readonly wish?: CoolingWish;
  readonly ambientC?: number;
  readonly seed?: number;
}

/**
 * The cooling on the heat of the virtual machine, in virtual seconds: its boards, fans and chips are the model's, what
 * drives and reads them is handed over without a bus between.
 */
export class WarmMachine {
  readonly clock = new ManualClock();
  readonly plan: CoolingPlan;
  readonly control: CoolingControl;
  readonly bank: FanBank;
  readonly body: VirtualBody;
  readonly trace: WarmSecond[] = [];
  readonly #machine: DrivenMachine;
  readonly #faults: BodyFaultSet;
  readonly #random: SeededRandom;
  #isPowered = false;
  #temperatures: readonly TemperatureFact[] = [];
  #readAtMs = 0;
  #clockShare = 0;

  constructor({ machine = "s19k-pro", wish = {}, ambientC = 25, seed = 1 }: WarmOptions = {}) {
    const { clock } = this;
    this.#machine = loadDrivenMachine(machine);
    this.#random = new SeededRandom(seed);
    this.plan = coolingPlan(this.#machine, wish);
    const spec = virtualBody(this.#machine, seed, "auto");
    this.body = new VirtualBody({
      ...{ spec, clock, seed, hasQuickParts: true, onControlBoardReset: () => undefined },
      chains: spec.boards.map(() => this.#chain()),
    });
    this.body.setAmbientC(ambientC);
    this.#faults = new BodyFaultSet(spec.boards.length, spec.slots, this.body.fans.length);
    const { neededFans: needed } = this.plan;
    const { minRpm = ALIVE_RPM, maxRpm } = this.#machine.fans ?? {};
    this.bank = new FanBank({
      groups: ["front", "rear"].map((name) => ({ name, output: this.#pwm(name), fans: [1] })),
      tachs: this.body.fans.map((_, index) => ({ fan: index + 1, tach: this.#tach(index) })),
      ...{ needed, minRpm, maxRpm, clock },
    });
    this.control = new CoolingControl({
      ...{ plan: this.plan, fans: this.bank, clock, log: createLogger("silent") },
      facts: () => ({
        isPowered: this.#isPowered,
        slots: this.body.boards.map((_, slot) => slot),
        temperatures: this.#temperatures.map((fact) => ({
          ...fact,
          ageS: (clock.nowMs() - this.#readAtMs) / 1000,
        })),
      }),
    });
    this.control.connect({
      powerW: () => (this.#machine.rated.powerW ?? 0) * this.#clockShare,
      onPowerShare: () => undefined,
    });
  }

  /** Fans prove themselves with the power off, as long as a start takes. */
  async start(): Promise<this> {
    this.#read();
    await this.bank.setAll(100);
    this.control.start();
    await this.run(20);
    this.#isPowered = true;
    this.body.powerUp();
    return this;
  }

  powerOff(): void {
    this.#isPowered = false;
    this.#clockShare = 0;
    this.body.setEnableLine(1);
  }

  async run(seconds: number): Promise<readonly WarmSecond[]> {
    for (let second = 0; second < seconds; second++) {
      this.#walkClock();
      this.#read();
      await this.bank.readRpm();
      await this.clock.advance(1000);
      const { dutyPct, powerSharePct, reason } = this.control.snapshot();
      const hottestC = Math.max(
        ...this.body.boards.flatMap(({ sensors }) => sensors.map(({ trueC }) => trueC)),
      );
      this.trace.push({ second: this.trace.length, hottestC, dutyPct, powerSharePct, reason });
    }
    return this.trace.slice(-seconds);
  }

  fault(name: string, given: Record<string, unknown>): void {
    this.#faults.set(name, undefined, given);
    this.body.setEffects(this.#faults.effects());
  }

  #walkClock(): void {
    const share = this.#isPowered ? this.control.snapshot().powerSharePct / 100 : 0;
    const step = RAMP_MHZ_PER_S / this.#machine.freqMHz.nominal;
    this.#clockShare = Math.min(share, this.#clockShare + step);
  }

  #read(): void {
    this.body.step();
    this.#readAtMs = this.clock.nowMs();
    this.#temperatures = this.body.boards.flatMap(({ sensors }, slot) =>
      sensors.map(({ spec, trueC }) => ({
        ...{ slot, place: spec.place, isDie: spec.at === "die", ageS: 0, trouble: undefined },
        ...{ riseCPerS: undefined, unchangedS: 0, othersMovedC: 0 },
        tempC: this.#told(trueC),
      })),
    );
  }

  #told(trueC: number): number {
    const tempC = trueC + NOISE_C * this.#random.normal();
    return Math.round(tempC / SENSOR_STEP_C) * SENSOR_STEP_C;
  }

  #chain(): BodyChain {
    return {
      chips: this.#machine.hashboard.chain.chips,
      activity: () => ({ freqShare: this.#clockShare, hashingShare: 1 }),
      setRail: () => undefined,
    };
  }

  #pwm(name: string): PwmOutput {
    let last = 0;
    return {
      name,
      setDutyPct: (dutyPct) => {
        last = dutyPct;
        this.body.step();
        this.body.lines.setPwm(`fan-${name}`, PERIOD_NS, (PERIOD_NS * dutyPct) / 100);
        return Promise.resolve();
      },
      readDutyPct: () => Promise.resolve(last),
      close: () => Promise.resolve(),
    };
  }

  #tach(index: number): Tach {
    return {
      name: `fan-${String(index + 1)}`,
      readRpm: () => {
        const periodNs = this.body.fans[index]?.tachPeriodNs ?? null;
        return Promise.resolve(periodNs === null ? 0 : 60e9 / (periodNs * 2));
      },
      close: () => Promise.resolve(),
    };
  }
}
