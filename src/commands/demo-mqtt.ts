import { randomBytes } from "node:crypto";
import type { MinerWatch, WatchedCurtailment } from "../api/mqtt/miner-watch.js";
import type { MqttConfig } from "../app/mqtt-config.js";
import { systemClock } from "../lib/clock.js";
import type { TestBroker } from "../virtual/test-broker.js";
import { mqttOf, type BrokerFlags } from "./fleet-broker.js";

/** Often enough that half a minute shows some. */
const PERIOD_S = 10;
const CURTAIL_LIMIT_MS = 5000;

export type DemoMqttFlags = Partial<BrokerFlags>;

export interface MqttSummary {
  readonly broker: string;
  /** Messages by the first level of their topic below the miner's. */
  readonly messages: Readonly<Record<string, number>>;
  /** The last thing that the demo does. Null: not asked for; not answered with a good receipt in time. */
  readonly curtailment: WatchedCurtailment | null;
}

/** The demo's miner at a broker, and somebody there who watches it. */
export class DemoMqtt {
  /** Of the controller's configuration. */
  readonly config: MqttConfig;
  readonly #broker: TestBroker | undefined;
  readonly #watch: MinerWatch;

  private constructor(config: MqttConfig, broker: TestBroker | undefined, watch: MinerWatch) {
    this.config = config;
    this.#broker = broker;
    this.#watch = watch;
  }

  /**
   * Undefined where nobody named a broker and none can be had here.
   * Rejects with USAGE, and what MinerWatch.open rejects with
   */
  static async start(flags: DemoMqttFlags): Promise<DemoMqtt | undefined> {
    const { TestBroker } = await import("../virtual/test-broker.js");
    const own = flags.broker === undefined ? await TestBroker.start() : undefined;
    const broker = flags.broker ?? own?.url;
    if (broker === undefined) return undefined;
    const deviceId = `demo-${randomBytes(4).toString("hex")}`;
    const commands = ["mining.curtail", "mining.resume"];
    const config = mqttOf({ ...flags, broker }, { deviceId, commands, periodS: PERIOD_S });
    const { MinerWatch } = await import("../api/mqtt/miner-watch.js");
    const [at] = config.brokers;
    if (at === undefined) return undefined;
    const watch = await MinerWatch.open(at, config.prefix, deviceId, systemClock);
    return new DemoMqtt(config, own, watch);
  }

  /** `mqtt://host:port/prefix/device`, for people. */
  get place(): string {
    return `${this.#url}, ${this.config.prefix}/${this.config.deviceId ?? ""}`;
  }

  async summary(curtails: boolean): Promise<MqttSummary> {
    const curtailment = curtails ? await this.#watch.curtail(CURTAIL_LIMIT_MS) : undefined;
    return {
      broker: this.#url,
      messages: this.#watch.counts,
      curtailment: curtailment ?? null,
    };
  }

  async stop(): Promise<void> {
    await this.#watch.close();
    await this.#broker?.stop();
  }

  get #url(): string {
    return this.config.brokers[0]?.url ?? "";
  }
}

export function mqttText({ broker, messages, curtailment }: MqttSummary): readonly string[] {
  const counts = Object.entries(messages).map(([kind, count]) => `${String(count)} ${kind}`);
  const told = `MQTT at ${broker}: ${counts.join(", ")}`;
  if (curtailment === null) return [told];
  const { offAfterMs, confirmedAfterMs, wattsBefore } = curtailment;
  const parts = [
    `power off ${String(offAfterMs)} ms after the order`,
    confirmedAfterMs !== null && `measured as off after ${String(confirmedAfterMs)} ms`,
    wattsBefore !== null && `${String(wattsBefore)} W before`,
    "receipt verified",
  ];
  return [told, `curtailed by MQTT: ${parts.filter((part) => part !== false).join(", ")}`];
}
