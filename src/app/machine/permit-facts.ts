import type { FanBank } from "../../cooling/fan-bank.js";
import type { Clock } from "../../lib/clock.js";
import type { Finding } from "../../lib/finding.js";
import type { Rail } from "../../power/rail.js";
import type {
  ChainFact,
  ControlBoardFact,
  FanFact,
  GatheredFacts,
  TemperatureFact,
} from "../../safety/rail-facts.js";
import { ClockWatch } from "./clock-watch.js";
import type { MachineReadings } from "./readings.js";

/**
 * Gathers what the rail's permit depends on. As long as parts are missing here, nothing is permitted. Asked fifty times a
 * second while the rail is on: nothing here may wait or read a part.
 */
export class PermitFacts {
  readonly #fans: FanBank;
  readonly #clock: Clock;
  readonly #clockWatch: ClockWatch;
  /** Clock times since which fans have told more than they can do. */
  readonly #lyingSinceMs = new Map<number, number>();
  /** Slots whose boards count: those that are powered or are to be. */
  poweredSlots: readonly number[] = [];
  /** Why the other slots are not used. */
  isolated: ReadonlyMap<number, Finding> = new Map();
  readings: MachineReadings | undefined;
  rail: Rail | undefined;
  chains: () => readonly ChainFact[] = () => [];
  isDiskFull: () => boolean | undefined = () => undefined;
  controlBoard: () => ControlBoardFact | undefined = () => undefined;

  constructor(fans: FanBank, clock: Clock) {
    this.#fans = fans;
    this.#clock = clock;
    this.#clockWatch = new ClockWatch(clock);
  }

  now(): GatheredFacts {
    const { poweredSlots, readings, rail } = this;
    return {
      poweredSlots,
      temperatures: this.#temperatures(),
      neededFans: this.#fans.needed,
      fans: this.#fans.facts().map((fan) => this.#withLies(fan)),
      setpoint: rail?.setpoint ?? { is: "unread" },
      supply: rail?.supplyFact,
      controllers: readings?.controllers() ?? [],
      chains: this.chains(),
      clockJumpS: this.#clockWatch.jumpS(),
      isDiskFull: this.isDiskFull(),
      controlBoard: this.controlBoard(),
    };
  }

  /** Boards that are isolated may be fed all the same: what trusted sensors say of them counts too. */
  #temperatures(): readonly TemperatureFact[] {
    const all = this.readings?.temperatures() ?? [];
    if (this.isolated.size === 0) return all;
    return all.filter(
      (fact) => this.poweredSlots.includes(fact.slot) || !isAccused(fact, this.isolated),
    );
  }

  #withLies(fan: FanFact): FanFact {
    const { rpm = 0, expectedRpm } = fan;
    const nowMs = this.#clock.nowMs();
    if (rpm <= (expectedRpm.mostRpm ?? Infinity)) {
      this.#lyingSinceMs.delete(fan.fan);
      return fan;
    }
    const sinceMs = this.#lyingSinceMs.get(fan.fan) ?? nowMs;
    this.#lyingSinceMs.set(fan.fan, sinceMs);
    return { ...fan, liesS: (nowMs - sinceMs) / 1000 };
  }
}

/** A sensor that is the reason why its board is not used says nothing about others. */
function isAccused(
  { slot, place }: TemperatureFact,
  isolated: ReadonlyMap<number, Finding>,
): boolean {
  const finding = isolated.get(slot);
  if (finding === undefined) return false;
  const { code, context } = finding;
  if (code === "SENSORS_DISAGREE")
    return context["coldest"] === place || context["hottest"] === place;
  return code.startsWith("SENSOR_") && (context["place"] ?? place) === place;
}
