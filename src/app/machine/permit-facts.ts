import type { FanBank } from "../../cooling/fan-bank.js";
import type { Rail } from "../../power/rail.js";
import type { RailFacts } from "../../safety/rail-facts.js";
import type { MachineReadings } from "./readings.js";

/** Gathers what the rail's permit depends on. As long as parts are missing here, nothing is permitted. */
export class PermitFacts {
  readonly #fans: FanBank;
  /** Slots whose boards count: those that are powered or are to be. */
  poweredSlots: readonly number[] = [];
  readings: MachineReadings | undefined;
  rail: Rail | undefined;

  constructor(fans: FanBank) {
    this.#fans = fans;
  }

  now(): RailFacts {
    const { poweredSlots, readings, rail } = this;
    return {
      poweredSlots,
      temperatures: readings?.temperatures(poweredSlots) ?? [],
      neededFans: this.#fans.needed,
      fans: this.#fans.facts(),
      setpoint: rail?.setpoint ?? { is: "unread" },
    };
  }
}
