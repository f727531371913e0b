import type { MqttServiceOptions } from "../../api/mqtt/mqtt-service.js";
import type { Clock } from "../../lib/clock.js";
import type { Logger } from "../../lib/logger.js";
import type { MachineStateName } from "../../telemetry/machine-snapshot.js";
import { LightMiner } from "./light-miner.js";
import type { LightSpec } from "./light-spec.js";

/** Ids are MAC addresses that nobody sells: the second bit of the first byte says so. */
const MAC_START = "02f1ee";
const NUMBER_DIGITS = 6;
const TICK_MS = 20;
/** Stands for the id in user names and paths of certificates. */
const ID_MARK = "{id}";

export interface FleetOptions {
  readonly spec: LightSpec;
  readonly mqtt: MqttServiceOptions["mqtt"];
  readonly miners: number;
  /** Number of the first one, from 1: several fleets may share a broker. */
  readonly first: number;
  /** Miners that begin to connect each second. */
  readonly perS: number;
  readonly clock: Clock;
  /** Of the first miner; the others meet the same. */
  readonly log: Logger;
  readonly quiet: Logger;
}

export interface FleetCounts {
  readonly miners: number;
  readonly connected: number;
  readonly states: Readonly<Partial<Record<MachineStateName, number>>>;
}

/** Light miners in one process, each with a key and a connection of its own. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #miners: LightMiner[] = [];
  #isStopped = false;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Resolves when all have begun to connect. */
  async start(): Promise<void> {
    const { miners, perS, clock } = this.#options;
    const startMs = clock.nowMs();
    while (this.#miners.length < miners && !this.#isStopped) {
      const due = Math.ceil(((clock.nowMs() - startMs + TICK_MS) / 1000) * perS);
      while (this.#miners.length < Math.min(miners, due)) this.#miners.push(this.#next());
      await clock.sleep(TICK_MS);
    }
  }

  counts(): FleetCounts {
    const states: Partial<Record<MachineStateName, number>> = {};
    for (const { state } of this.#miners) states[state] = (states[state] ?? 0) + 1;
    const connected = this.#miners.filter(({ isUp }) => isUp).length;
    return { miners: this.#miners.length, connected, states };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#miners.map((miner) => miner.stop()));
  }

  #next(): LightMiner {
    const { spec, mqtt, first, clock, log, quiet } = this.#options;
    const index = this.#miners.length;
    const id = lightId(first + index);
    const brokers = mqtt.brokers.map((broker) => withId(broker, id));
    return new LightMiner({
      ...{ id, spec, clock, mqtt: { ...mqtt, brokers } },
      log: index === 0 ? log : quiet,
    });
  }
}

function lightId(number: number): string {
  return MAC_START + number.toString(16).padStart(NUMBER_DIGITS, "0");
}

function withId<Broker extends object>(broker: Broker, id: string): Broker {
  const fields = Object.entries(broker).map(([name, value]) => [
    name,
    typeof value === "string" && name !== "password"
      ? value.replaceAll(ID_MARK, id)
      : (value as unknown),
  ]);
  return Object.fromEntries(fields) as Broker;
}
