import type { FanBank, FanBankSnapshot } from "../../cooling/fan-bank.js";
import type { Clock } from "../../lib/clock.js";
import type { PowerLoad } from "../../power/power-estimate.js";
import type { Rail } from "../../power/rail.js";
import type { RailSnapshot } from "../../power/rail-snapshot.js";
import type { ControllerFact, TemperatureFact } from "../../safety/rail-facts.js";
import { ControllerHeartbeat, type ControllerReading } from "./controller-heartbeat.js";
import type { FittedSlot } from "./fitted-machine.js";
import { Repeater } from "./repeater.js";
import { SensorPoller, type TemperatureReading } from "./sensor-poller.js";

const FANS_PERIOD_MS = 1000;
/** The slow bus is the pause by itself; a quick one is not flooded. */
const SUPPLY_PERIOD_MS = 250;

export interface MachineReadingsOptions {
  readonly slots: readonly FittedSlot[];
  readonly fans: FanBank;
  /** Undefined where no supply was found. */
  readonly rail: Rail | undefined;
  readonly clock: Clock;
  /** There are new facts for the interlock. */
  readonly onReading: () => void;
}

/** What the machine's parts say, each value with its age and how it is known. Plain JSON. */
export interface MachineReadingsSnapshot {
  readonly temperatures: readonly TemperatureReading[];
  /** Of all that answered, however old; null when none ever did. */
  readonly hottestC: number | null;
  readonly fans: FanBankSnapshot;
  readonly rail: RailSnapshot | null;
  readonly controllers: readonly ControllerReading[];
}

/**
 * Asks all parts again and again: sensors and fans once a second, the supply as fast as its bus goes, controllers at
 * their heartbeat. Nobody else reads them.
 */
export class MachineReadings {
  readonly #options: MachineReadingsOptions;
  readonly #sensors: readonly SensorPoller[];
  readonly #heartbeats: readonly ControllerHeartbeat[];
  readonly #loops: readonly Repeater[];

  constructor(options: MachineReadingsOptions) {
    const { slots, fans, rail, clock, onReading } = options;
    this.#options = options;
    this.#sensors = slots.map((slot) => new SensorPoller(slot, clock, onReading));
    this.#heartbeats = slots.flatMap(({ slot, controller, controllerVersion: version }) =>
      controller === undefined
        ? []
        : [new ControllerHeartbeat({ slot, controller, version, clock })],
    );
    const readFans = async (): Promise<void> => {
      await fans.readRpm();
      onReading();
    };
    const askSupply = async (): Promise<void> => {
      await rail?.poll();
      onReading();
    };
    this.#loops = [
      new Repeater({ clock, periodMs: FANS_PERIOD_MS, action: readFans }),
      new Repeater({ clock, periodMs: SUPPLY_PERIOD_MS, action: askSupply }),
    ];
  }

  start(): void {
    for (const each of this.#all()) each.start();
  }

  /** Resolves when nothing is being read any more; a round of the supply's bus takes seconds. */
  async stop(): Promise<void> {
    await Promise.all(this.#all().map((each) => each.stop()));
  }

  /** For the permit: every sensor of these slots, or of all. */
  temperatures(slots?: readonly number[]): readonly TemperatureFact[] {
    return this.#sensors.flatMap((sensor) =>
      slots === undefined || slots.includes(sensor.slot) ? sensor.facts() : [],
    );
  }

  /** For the permit: the controllers of all boards. */
  controllers(): readonly ControllerFact[] {
    return this.#heartbeats.map((each) => each.fact());
  }

  /** With `load` the power is estimated where the supply cannot measure it. */
  snapshot(load?: Omit<PowerLoad, "railMv">): MachineReadingsSnapshot {
    const { fans, rail } = this.#options;
    const temperatures = this.#sensors.flatMap((each) => each.snapshot());
    const known = temperatures.map(({ tempC }) => tempC).filter((tempC) => tempC !== null);
    return {
      temperatures,
      hottestC: known.length === 0 ? null : Math.max(...known),
      fans: fans.snapshot(),
      rail: rail?.snapshot(load) ?? null,
      controllers: this.#heartbeats.map((each) => each.snapshot()),
    };
  }

  #all(): readonly { start(): void; stop(): Promise<void> }[] {
    return [...this.#sensors, ...this.#heartbeats, ...this.#loops];
  }
}
