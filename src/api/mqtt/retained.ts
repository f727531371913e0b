import type { MqttConfig } from "../../app/mqtt-config.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import type { DeviceKey } from "./device-key.js";
import { discovery, discoveryTopic } from "./home-assistant.js";
import { infoMessage, settingsMessage, type ShownConfig } from "./info.js";
import type { NetworkFacts } from "./network-facts.js";
import type { Info } from "./payloads.js";
import type { Topics } from "./topics.js";

export const PROGRAM = "headframe";

export interface RetainedOptions {
  readonly id: string;
  readonly mqtt: MqttConfig;
  readonly topics: Topics;
  readonly key: Pick<DeviceKey, "id" | "publicPem">;
  readonly net: NetworkFacts;
  readonly config: () => ShownConfig;
  readonly revision: () => string;
  readonly snapshot: () => Snapshot;
  /** To the broker, which keeps it. */
  readonly tell: (topic: string, message: object) => void;
}

/** What somebody who connects to the broker is to find there: what the miner is and what is set. */
export class Retained {
  readonly #options: RetainedOptions;
  /** What this broker has, by topic. */
  readonly #told = new Map<string, string>();
  #seen: { readonly picture: Snapshot; readonly revision: string } | undefined;

  constructor(options: RetainedOptions) {
    this.#options = options;
  }

  /** To a broker that knows nothing. */
  tellAll(): void {
    this.#told.clear();
    this.#seen = undefined;
    this.tell();
  }

  /** What is new. */
  tell(): void {
    const { mqtt, topics, snapshot, config, revision } = this.#options;
    const now = snapshot();
    if (now === this.#seen?.picture && revision() === this.#seen.revision) return;
    this.#seen = { picture: now, revision: revision() };
    this.#tellOne(topics.info, this.#info(now));
    this.#tellOne(topics.config, settingsMessage(now, config(), revision()));
    if (mqtt.homeAssistant) this.tellDiscovery(now, false);
  }

  /** Also when the broker has it: Home Assistant has started. */
  tellDiscovery(now = this.#options.snapshot(), isAgain = true): void {
    const { id, mqtt, topics } = this.#options;
    const { periodS, commands } = mqtt;
    const message = discovery({
      ...{ info: this.#info(now), topics, periodS, commands },
      fans: now.fans.fans.length,
      hasDieTemperature: now.temperatures.some(({ isDie }) => isDie),
    });
    if (isAgain) this.#told.delete(discoveryTopic(id));
    this.#tellOne(discoveryTopic(id), message);
  }

  #tellOne(topic: string, message: object): void {
    const text = JSON.stringify(message);
    if (this.#told.get(topic) === text) return;
    this.#told.set(topic, text);
    this.#options.tell(topic, message);
  }

  #info(snapshot: Snapshot): Info {
    const { id, key, net, mqtt, revision } = this.#options;
    return infoMessage(snapshot, {
      ...{ id, key, net, program: PROGRAM, revision: revision() },
      ...{ place: mqtt.place, groups: mqtt.groups, commands: mqtt.commands },
    });
  }
}
