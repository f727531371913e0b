import { deepEqual, equal, ok } from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { IClientOptions, MqttClient } from "mqtt";
import { backOffMs } from "../../../../src/api/mqtt/back-off.js";
import { MqttLink } from "../../../../src/api/mqtt/mqtt-link.js";
import type { BrokerConfig } from "../../../../src/app/mqtt-config.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { createLogger } from "../../../../src/lib/logger.js";

/** A client of the library, as far as the link uses one. */
class FakeClient extends EventEmitter {
  readonly published: string[] = [];
  error: (Error & { code?: number }) | undefined;
  readonly url: string;
  readonly options: IClientOptions;

  constructor(url: string, options: IClientOptions) {
    super();
    this.url = url;
    this.options = options;
  }

  publish(topic: string, _payload: string, _how: object, done: (error?: Error) => void): void {
    this.published.push(topic);
    done(this.error);
  }

  subscribe(): void {
    return;
  }

  end(): void {
    return;
  }

  endAsync(): Promise<void> {
    return Promise.resolve();
  }
}

const A: BrokerConfig = { url: "mqtt://a" };
const B: BrokerConfig = { url: "mqtt://b", version: "5" };

function setUp(brokers: readonly BrokerConfig[] = [A, B]) {
  const clients: FakeClient[] = [];
  const clock = new ManualClock();
  const link = new MqttLink({
    config: { brokers: [...brokers], keepAliveS: 60 },
    identity: { clientId: "id", boot: "b7c1", statusTopic: "p/id/status" },
    subscriptions: ["p/id/cmd/+"],
    ...{ clock, log: createLogger("silent"), random: () => 1 },
    open: (url, options) => {
      const client = new FakeClient(url, options);
      clients.push(client);
      return client as unknown as MqttClient;
    },
  });
  link.start();
  const tried = (): readonly unknown[] =>
    clients.map(({ url, options }) => [url, options.protocolVersion]);
  const at = (index: number): FakeClient => {
    const client = clients.at(index);
    ok(client);
    return client;
  };
  return { link, clients, clock, tried, at };
}

const MESSAGE = { topic: "t", payload: "{}", qos: 1 } as const;

describe("MQTT link", () => {
  it("sends will, session and limits, and pings although it publishes", () => {
    const { options } = setUp().at(0);
    const { will, reschedulePings, reconnectPeriod, queueQoSZero, clean, properties } = options;
    equal(options.writeCache, false);
    deepEqual(JSON.parse(String(will?.payload)), {
      ...{ v: 1, state: "offline", reason: "lost", boot: "b7c1" },
    });
    deepEqual([will?.retain, will?.qos, will?.properties?.willDelayInterval], [true, 1, 20]);
    deepEqual([reschedulePings, reconnectPeriod, queueQoSZero, clean], [false, 0, false, false]);
    deepEqual(properties, {
      ...{ sessionExpiryInterval: 3600, receiveMaximum: 20, maximumPacketSize: 65_536 },
    });
  });

  it("tries 3.1.1 where 5 is not known, then the next broker, then waits", async () => {
    const { clock, tried, at } = setUp();
    at(0).emit("error", Object.assign(new Error("unsupported"), { code: 132 }));
    at(0).emit("close");
    at(1).emit("close");
    await clock.advance(0);
    at(2).emit("close");
    await clock.advance(999);
    const round = [
      ["mqtt://a", 5],
      ["mqtt://a", 4],
      ["mqtt://b", 5],
    ];
    deepEqual(tried(), round);
    await clock.advance(1);
    deepEqual(tried(), [...round, ["mqtt://a", 5]]);
  });

  it("does not take a refused connection for an old broker", async () => {
    const { clock, tried, at } = setUp();
    at(0).emit("error", new Error("connect ECONNREFUSED"));
    at(0).emit("close");
    await clock.advance(0);
    deepEqual(tried().at(-1), ["mqtt://b", 5]);
  });

  it("comes back to the preferred broker after a link is lost", async () => {
    const { link, clock, tried, at } = setUp();
    at(0).emit("error", new Error("no route"));
    at(0).emit("close");
    await clock.advance(0);
    at(1).emit("connect", {});
    ok(link.isUp);
    at(1).emit("close");
    equal(link.isUp, false);
    equal(await link.publish(MESSAGE), false);
    await clock.advance(2000);
    deepEqual(tried().at(-1), ["mqtt://a", 5]);
  });

  it("tells a topic that is forbidden once, and lets it rest", async () => {
    const { link, clock, at } = setUp();
    const client = at(0);
    client.emit("connect", {});
    client.error = Object.assign(new Error("Not authorized"), { code: 135 });
    equal(await link.publish(MESSAGE), false);
    equal(await link.publish(MESSAGE), false);
    equal(client.published.length, 1);
    client.error = undefined;
    await clock.advance(600_000);
    equal(await link.publish(MESSAGE), true);
  });

  it("passes on what fits, and drops what is too long", () => {
    const { link, at } = setUp();
    const heard: unknown[] = [];
    link.events.on("message", ({ topic, actor }) => heard.push([topic, actor]));
    at(0).emit("connect", {});
    const properties = { userProperties: { actor: "alice" } };
    at(0).emit("message", "t", Buffer.from("{}"), { retain: false, properties });
    at(0).emit("message", "t", Buffer.alloc(65_537), { retain: false });
    deepEqual(heard, [["t", "alice"]]);
  });

  it("backs off to two minutes, with full jitter", () => {
    const most = [0, 1, 6, 7, 100].map((failures) => backOffMs(failures, () => 1));
    deepEqual(most, [1000, 2000, 64_000, 120_000, 120_000]);
    equal(
      backOffMs(7, () => 0),
      0,
    );
  });
});
