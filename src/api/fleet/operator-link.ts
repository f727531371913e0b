import { connectAsync, type MqttClient } from "mqtt";
import type { BrokerConfig } from "../../app/mqtt-config.js";
import { MinerError } from "../../lib/errors.js";
import { credentials } from "../mqtt/broker-options.js";

const CONNECT_LIMIT_MS = 15_000;
const KEEP_ALIVE_S = 30;
const RECONNECT_MS = 500;
/** All that a fleet may say at one moment; the broker may allow less. */
const RECEIVE_MAXIMUM = 65_535;

export interface OperatorMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** Undefined without any. */
  readonly correlation: string | undefined;
}

export interface OperatorCommand {
  readonly topic: string;
  readonly payload: string;
  readonly responseTopic: string;
  readonly correlation: string;
  readonly actor: string;
  readonly expiryS: number;
}

/** Somebody who orders, at a broker. */
export class OperatorLink {
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
  }

  /**
   * A link that is lost later is made again, with what was subscribed.
   * @throws MQTT_FILE_UNREADABLE, FLEET_BROKER_UNREACHABLE
   */
  static async open(
    broker: BrokerConfig,
    clientId: string,
    onMessage: (message: OperatorMessage) => void,
  ): Promise<OperatorLink> {
    const options = {
      ...credentials(broker),
      ...{ clientId, protocolVersion: 5 as const, clean: true, keepalive: KEEP_ALIVE_S },
      ...{ connectTimeout: CONNECT_LIMIT_MS, reconnectPeriod: RECONNECT_MS },
      properties: { receiveMaximum: RECEIVE_MAXIMUM },
    };
    try {
      const client = await connectAsync(broker.url, options, false);
      client.on("error", () => undefined); // it is tried again
      client.on("message", (topic, payload, { properties }) => {
        const data = properties?.correlationData;
        onMessage({ topic, payload, correlation: data && Buffer.from(data).toString("utf8") });
      });
      return new OperatorLink(client);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MinerError("FLEET_BROKER_UNREACHABLE", { broker: broker.url, reason }, { cause });
    }
  }

  async subscribe(topics: readonly string[]): Promise<void> {
    await this.#client.subscribeAsync([...topics], { qos: 1 });
  }

  async unsubscribe(topics: readonly string[]): Promise<void> {
    await this.#client.unsubscribeAsync([...topics]);
  }

  /** Resolves when the broker has it. */
  async publish(command: OperatorCommand): Promise<void> {
    const { topic, payload, responseTopic, correlation, actor, expiryS } = command;
    await this.#client.publishAsync(topic, payload, {
      qos: 1,
      properties: {
        ...{ responseTopic, correlationData: Buffer.from(correlation), userProperties: { actor } },
        ...{ messageExpiryInterval: expiryS, contentType: "application/json" },
      },
    });
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
