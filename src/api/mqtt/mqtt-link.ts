import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import type { BrokerConfig, MqttConfig } from "../../app/mqtt-config.js";
import type { Clock } from "../../lib/clock.js";
import { TypedEmitter } from "../../lib/events.js";
import { findingOf } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import { backOffMs } from "./back-off.js";
import {
  brokerOptions,
  MAX_PACKET_BYTES,
  type LinkIdentity,
  type ProtocolLevel,
} from "./broker-options.js";

/** PUBACK: not authorized. Sheet management.md, 8.2: told once, the topic then rests. */
const NOT_AUTHORIZED = 135;
const REST_MS = 600_000;
/** CONNACK: unsupported version, of MQTT 5 and of 3.1.1. */
const UNSUPPORTED: readonly unknown[] = [132, 1];
const PUBLISH_LIMIT_MS = 20_000;
const GOODBYE_MS = 1000;
/** A link that lived so long was a good one. */
const PROVEN_MS = 30_000;

export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly isRetained: boolean;
  readonly responseTopic: string | undefined;
  readonly correlationData: Buffer | undefined;
  readonly actor: string | undefined;
}

export interface Outgoing {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain?: boolean;
  readonly expiryS?: number;
  readonly correlationData?: Buffer | undefined;
}

export interface MqttLinkOptions {
  readonly config: Pick<MqttConfig, "brokers" | "keepAliveS">;
  readonly identity: LinkIdentity;
  readonly subscriptions: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly random?: () => number;
  /** The library's, but for tests. */
  readonly open?: (url: string, options: IClientOptions) => MqttClient;
}

/** The connection to whichever broker takes us. It is always on its way to one until it is stopped. */
export class MqttLink {
  readonly events = new TypedEmitter<{
    up: [];
    down: [];
    message: [message: Message];
    /** The broker said something: what was sent before is with it. */
    alive: [];
  }>();
  readonly #options: MqttLinkOptions;
  readonly #random: () => number;
  /** By broker; 5 until a broker does not speak it. */
  readonly #levels = new Map<BrokerConfig, ProtocolLevel>();
  readonly #restsUntilMs = new Map<string, number>();
  #client: MqttClient | undefined;
  #isUp = false;
  #upSinceMs = 0;
  #isStopped = false;
  #index = 0;
  #failures = 0;
  #cancelRetry: () => void = () => undefined;

  constructor(options: MqttLinkOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  start(): void {
    this.#connect();
  }

  /** Resolves with whether the broker has it (QoS 1), or it went out (QoS 0). Never rejects. */
  publish({ topic, payload, qos, retain = false, ...more }: Outgoing): Promise<boolean> {
    const client = this.#client;
    const { clock, log } = this.#options;
    const restsUntilMs = this.#restsUntilMs.get(topic) ?? -Infinity;
    if (client === undefined || !this.#isUp || clock.nowMs() < restsUntilMs)
      return Promise.resolve(false);
    const { expiryS, correlationData } = more;
    const properties = {
      contentType: "application/json",
      ...(expiryS !== undefined && { messageExpiryInterval: expiryS }),
      ...(correlationData && { correlationData }),
    };
    const is5 = client.options.protocolVersion === 5;
    return new Promise((resolve) => {
      // The library never answers for what was under way when a link broke.
      const cancel = clock.after(PUBLISH_LIMIT_MS, () => {
        resolve(false);
      });
      client.publish(topic, payload, { qos, retain, ...(is5 && { properties }) }, (error) => {
        cancel();
        if (error && (error as { code?: unknown }).code === NOT_AUTHORIZED) {
          this.#restsUntilMs.set(topic, clock.nowMs() + REST_MS);
          log.warn({ topic }, "the broker does not let us publish there; it rests for 10 min");
        }
        resolve(!error);
      });
    });
  }

  /** Says `goodbye` first. */
  async stop(goodbye: Outgoing): Promise<void> {
    this.#isStopped = true;
    this.#cancelRetry();
    const client = this.#client;
    if (client === undefined) return;
    const { clock } = this.#options;
    await Promise.race([this.publish(goodbye), clock.sleep(GOODBYE_MS)]);
    await Promise.race([client.endAsync(), clock.sleep(GOODBYE_MS)]);
    this.#drop(client);
  }

  #connect(): void {
    const { config, identity, log, open = connect } = this.#options;
    const broker = config.brokers[this.#index % config.brokers.length];
    if (broker === undefined) return;
    const level = this.#levelOf(broker);
    let client: MqttClient;
    try {
      const options = brokerOptions(broker, config, identity, level);
      client = open(broker.url, options);
    } catch (error) {
      log.error({ broker: broker.url, ...findingOf(error) }, "MQTT broker");
      this.#next();
      return;
    }
    this.#client = client;
    let isRefused = false;
    let reason = "closed";
    client.on("error", (error) => {
      reason = error.message;
      isRefused ||= UNSUPPORTED.includes((error as { code?: unknown }).code);
    });
    client.on("connect", () => {
      this.#connected(client, broker);
    });
    client.on("message", (topic, payload, packet) => {
      this.#received(topic, payload, packet);
    });
    client.on("packetreceive", () => {
      this.events.emit("alive");
    });
    client.on("close", () => {
      if (this.#client !== client) return;
      const wasUp = this.#isUp;
      this.#drop(client);
      if (this.#isStopped) return;
      log.warn({ broker: broker.url, version: level, reason }, "no link to the MQTT broker");
      if (wasUp) {
        // Who is thrown out again at once waits longer and longer, too.
        if (this.#options.clock.nowMs() - this.#upSinceMs >= PROVEN_MS) this.#failures = 0;
        this.events.emit("down");
        this.#retry();
      } else this.#failed(broker, level, isRefused, reason);
    });
  }

  #levelOf(broker: BrokerConfig): ProtocolLevel {
    if (broker.version !== undefined) return broker.version === "5" ? 5 : 4;
    return this.#levels.get(broker) ?? 5;
  }

  #connected(client: MqttClient, broker: BrokerConfig): void {
    const { subscriptions, log } = this.#options;
    log.info({ broker: broker.url, version: client.options.protocolVersion }, "MQTT link is up");
    this.#isUp = true;
    this.#upSinceMs = this.#options.clock.nowMs();
    client.subscribe([...subscriptions], { qos: 1 }, (error) => {
      if (error) log.warn({ reason: error.message }, "MQTT subscription was refused");
    });
    this.events.emit("up");
  }

  #received(topic: string, payload: Buffer, { retain, properties }: IPublishPacket): void {
    if (payload.length > MAX_PACKET_BYTES) return;
    const actor = properties?.userProperties?.["actor"];
    const correlationData = properties?.correlationData;
    this.events.emit("message", {
      ...{ topic, payload, isRetained: retain },
      responseTopic: properties?.responseTopic,
      correlationData: Buffer.isBuffer(correlationData) ? correlationData : undefined,
      actor: typeof actor === "string" ? actor.slice(0, 64) : undefined,
    });
  }

  /** The same broker with the older version where it may not know the newer one, else the next broker. */
  #failed(broker: BrokerConfig, level: ProtocolLevel, isRefused: boolean, reason: string): void {
    // Some that know 3.1.1 only close the connection without a word.
    const mayBeOld = broker.version === undefined && (isRefused || reason === "closed");
    this.#levels.set(broker, level === 5 && mayBeOld ? 4 : 5);
    if (level === 5 && mayBeOld) this.#connect();
    else this.#next();
  }

  #next(): void {
    this.#index += 1;
    const { length } = this.#options.config.brokers;
    // The others are tried at once, and all again after a pause.
    if (this.#index % length === 0) this.#retry();
    else this.#again(0);
  }

  /** From the preferred one on. */
  #retry(): void {
    this.#index = 0;
    this.#again(backOffMs(this.#failures, this.#random));
    this.#failures += 1;
  }

  #again(ms: number): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#options.clock.after(ms, () => {
      this.#connect();
    });
  }

  #drop(client: MqttClient): void {
    this.#isUp = false;
    this.#client = undefined;
    client.removeAllListeners();
    client.on("error", () => undefined); // nobody hears it any more
    client.end(true);
  }
}
