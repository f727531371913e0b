import { randomBytes } from "node:crypto";
import { connectAsync, type MqttClient } from "mqtt";
import type { BrokerConfig } from "../../app/mqtt-config.js";
import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import { checkReceipt } from "../fleet/receipt-check.js";
import { credentials } from "./broker-options.js";
import { Info, LAYOUT, Result } from "./payloads.js";

/** Every broker speaks it; what MQTT 5 says beside a message stands in it, too. */
const PROTOCOL_LEVEL = 4;
const CONNECT_LIMIT_MS = 15_000;
const RECONNECT_MS = 500;
const LOOK_MS = 20;

/** What a miner answered to a curtailment. */
export interface WatchedCurtailment {
  /** From the order at our side to the enable line of the supply. */
  readonly offAfterMs: number;
  /** To its measured empty output; null: not measured when it answered. */
  readonly confirmedAfterMs: number | null;
  readonly wattsBefore: number | null;
  readonly wattsAfter: number | null;
}

/** One miner as somebody at its broker sees it. */
export class MinerWatch {
  readonly #own: string;
  readonly #device: string;
  readonly #client: MqttClient;
  readonly #clock: Clock;
  readonly #counts = new Map<string, number>();
  readonly #results = new Map<string, Result>();
  #keyPem: string | undefined;

  private constructor(own: string, device: string, client: MqttClient, clock: Clock) {
    this.#own = own;
    this.#device = device;
    this.#client = client;
    this.#clock = clock;
  }

  /** @throws MQTT_FILE_UNREADABLE, FLEET_BROKER_UNREACHABLE */
  static async open(
    broker: BrokerConfig,
    prefix: string,
    device: string,
    clock: Clock,
  ): Promise<MinerWatch> {
    const options = {
      ...{ ...credentials(broker), clientId: `watch-${randomBytes(6).toString("hex")}` },
      ...({ protocolVersion: PROTOCOL_LEVEL, clean: true, reconnectPeriod: RECONNECT_MS } as const),
      connectTimeout: CONNECT_LIMIT_MS,
    };
    const own = `${prefix}/${device}/`;
    try {
      const client = await connectAsync(broker.url, options, false);
      const watch = new MinerWatch(own, device, client, clock);
      client.on("error", () => undefined); // it is tried again
      client.on("message", (topic, payload) => {
        watch.#take(topic.slice(own.length), payload.toString("utf8"));
      });
      await client.subscribeAsync(`${own}#`, { qos: 1 });
      return watch;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MinerError("FLEET_BROKER_UNREACHABLE", { broker: broker.url, reason }, { cause });
    }
  }

  /** Messages by the first level of their topic below the miner's. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** Undefined without an answer in time whose signature is the miner's. */
  async curtail(withinMs: number): Promise<WatchedCurtailment | undefined> {
    const clock = this.#clock;
    const id = `watch-${randomBytes(6).toString("hex")}`;
    const sentUnixMs = clock.unixMs();
    const endMs = clock.nowMs() + withinMs;
    const order = {
      v: LAYOUT,
      id,
      exp: Math.round(sentUnixMs + withinMs),
      res: `${this.#own}res/watch`,
    };
    await this.#client.publishAsync(`${this.#own}cmd/mining.curtail`, JSON.stringify(order), {
      qos: 1,
    });
    while (!this.#results.has(id) && clock.nowMs() < endMs) await clock.sleep(LOOK_MS);
    const asked = { device: this.#device, id };
    const checked = checkReceipt(this.#results.get(id) ?? {}, asked, this.#keyPem);
    if (checked.is !== "good") return undefined;
    const { off, confirmed, w_before: wattsBefore, w_after: wattsAfter } = checked.receipt;
    const confirmedAfterMs = confirmed === null ? null : confirmed - sentUnixMs;
    return { offAfterMs: off - sentUnixMs, confirmedAfterMs, wattsBefore, wattsAfter };
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #take(topic: string, text: string): void {
    const [kind = ""] = topic.split("/");
    if (kind === "cmd") return; // our own
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    if (kind === "info") this.#keyPem = Info.safeParse(parsed(text)).data?.key.pem;
    const result = kind === "res" ? Result.safeParse(parsed(text)).data : undefined;
    if (typeof result?.id === "string") this.#results.set(result.id, result);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
