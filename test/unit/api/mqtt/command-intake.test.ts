import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { CommandIntake } from "../../../../src/api/mqtt/command-intake.js";
import type { MqttAnswer, MqttRequest } from "../../../../src/api/mqtt/desk.js";
import type { Message, Outgoing } from "../../../../src/api/mqtt/mqtt-link.js";
import { Result } from "../../../../src/api/mqtt/payloads.js";
import { Topics } from "../../../../src/api/mqtt/topics.js";
import { MQTT_COMMANDS, type MqttCommand } from "../../../../src/app/mqtt-config.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { chain, pool, snapshot } from "../../commands/watch-snapshot.js";
import { DEVICE, NOW_UNIX_MS, PREFIX, vectors } from "./vectors.js";

interface Step {
  readonly publish?: {
    readonly topic: string;
    readonly payload: unknown;
    readonly responseTopic?: string;
  };
  readonly delivered_with_retain_flag?: boolean;
  readonly expect?: Readonly<Record<string, unknown>>;
  readonly expect_on?: string;
  readonly effects?: Readonly<Record<string, number>>;
  readonly [field: string]: unknown;
}

/** They set a power target, which this program does not have, or restart the computer. */
const NOT_HERE = ["if-rev-ok", "out-of-range", "reboot-survives"];

/** A desk that counts effects, as the machine would have them. */
class CountingDesk {
  readonly effects: Record<string, number> = {};
  readonly requests: MqttRequest[] = [];
  #order = "machine.resume";

  give = (request: MqttRequest): Promise<MqttAnswer> => {
    const { id, name } = request;
    this.requests.push(request);
    const isUnchanged = name === this.#order;
    const effect = name.replace("machine.", "");
    if (!isUnchanged) this.effects[effect] = (this.effects[effect] ?? 0) + 1;
    this.#order = name;
    return Promise.resolve({ id, is: "done", result: { isUnchanged } });
  };
}

function setUp(allowed: readonly MqttCommand[] = MQTT_COMMANDS, unixMs = NOW_UNIX_MS) {
  const sent: Outgoing[] = [];
  const desk = new CountingDesk();
  const clock = new ManualClock(unixMs);
  const intake = new CommandIntake({
    ...{ device: DEVICE, boot: "b7c1", allowed, desk, clock, log: createLogger("silent") },
    topics: new Topics(PREFIX, DEVICE, ["rack-7"]),
    key: { id: "k", sign: () => "s" },
    snapshot: () => snapshot([chain(0, [1])], [pool("first")]),
    revision: () => "17",
    sendChips: () => undefined,
    publish: (message) => {
      sent.push(message);
    },
  });
  const last = (): Record<string, unknown> =>
    JSON.parse(sent.at(-1)?.payload ?? "null") as Record<string, unknown>;
  return { intake, sent, desk, clock, last };
}

function message(topic: string, payload: unknown, more: Partial<Message> = {}): Message {
  return {
    ...{ topic, payload: Buffer.from(JSON.stringify(payload)), isRetained: false },
    ...{ responseTopic: undefined, correlationData: undefined, actor: undefined },
    ...more,
  };
}

const PAUSE = `${PREFIX}/${DEVICE}/cmd/mining.pause`;

describe("commands over MQTT", () => {
  for (const { id, steps } of vectors<{ id: string; steps?: readonly Step[] }>("mqtt-commands")
    .cases) {
    if (NOT_HERE.includes(id)) continue;
    it(`vector ${id}`, async () => {
      const { intake, sent, desk, last } = setUp();
      for (const { publish, expect, expect_on: on, effects, ...step } of steps ?? []) {
        if (publish) {
          const { topic, payload, responseTopic } = publish;
          const isRetained = step.delivered_with_retain_flag === true;
          await intake.take(message(topic, payload, { isRetained, responseTopic }));
        }
        const wanted = expect ?? (on !== undefined ? { id: step["id"], code: step["code"] } : {});
        for (const [name, value] of Object.entries(wanted))
          equal(name === "rev" ? Number(last()[name]) : last()[name], value, name);
        if (on !== undefined) equal(sent.at(-1)?.topic, on);
        for (const [name, count] of Object.entries(effects ?? {}))
          equal(desk.effects[name] ?? 0, count, name);
      }
      for (const { payload } of sent) ok(Result.safeParse(JSON.parse(payload)).success, payload);
    });
  }

  it("answers on the topic that was asked for, with what correlates", async () => {
    const { intake, sent } = setUp();
    const responseTopic = `${PREFIX}/${DEVICE}/res/fleet-ops`;
    const correlationData = Buffer.from("c01");
    await intake.take(message(PAUSE, { v: 1, id: "c1" }, { responseTopic, correlationData }));
    const [{ topic, correlationData: back, qos, expiryS } = {}] = sent;
    deepEqual([topic, back, qos, expiryS], [responseTopic, correlationData, 1, 300]);
  });

  it("takes topic and expiry from the body, for MQTT 3.1.1", async () => {
    const { intake, sent, desk } = setUp();
    const res = `${PREFIX}/${DEVICE}/res/old`;
    await intake.take(message(PAUSE, { v: 1, id: "c1", res, exp: NOW_UNIX_MS + 1000 }));
    equal(sent[0]?.topic, res);
    equal(desk.requests[0]?.expiresUnixMs, NOW_UNIX_MS + 1000);
  });

  it("does nothing that the configuration does not allow", async () => {
    const { intake, desk, last } = setUp(["mining.resume"]);
    await intake.take(message(PAUSE, { v: 1, id: "c1" }));
    deepEqual([last()["code"], desk.requests.length], ["denied", 0]);
  });

  it("does not judge expiry by a clock that was never set", async () => {
    const { intake, desk } = setUp(MQTT_COMMANDS, 60_000);
    await intake.take(message(PAUSE, { v: 1, id: "c1", exp: 1 }));
    equal(desk.requests[0]?.expiresUnixMs, null);
  });

  it("waits its share of a broadcast, and answers only a failure", async () => {
    const { intake, sent, desk, clock } = setUp();
    const all = `${PREFIX}/_all/cmd/mining.pause`;
    const taken = intake.take(message(all, { v: 1, id: "c3", spread_s: 60 }));
    equal(desk.requests.length, 0);
    await clock.advance(60_000);
    await taken;
    deepEqual([desk.requests.length, sent.length], [1, 0]);
    await intake.take(message(`${PREFIX}/_g/rack-7/cmd/no.such`, { v: 1, id: "c4" }));
    equal(sent.length, 1);
  });

  it("tells the desk who asked", async () => {
    const { intake, desk } = setUp();
    await intake.take(message(PAUSE, { v: 1, id: "c1" }, { actor: "alice" }));
    deepEqual(desk.requests[0]?.by, { way: "mqtt", who: "alice" });
  });

  it("takes hostile input without a crash or an effect", async () => {
    const { intake, desk } = setUp();
    const topics = [PAUSE, `${PREFIX}/_all/cmd/pools.set`, `${PREFIX}/02005e100002/cmd/x`, "", "a"];
    const payloads = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record(
          {
            v: fc.constantFrom(1, 2, "1", null),
            id: fc.oneof(fc.string(), fc.constant(7), fc.string({ minLength: 65 })),
            exp: fc.constantFrom(1, -1, "soon", NOW_UNIX_MS - 1),
            args: fc.anything(),
            spread_s: fc.constantFrom(-1, 1e99, "1"),
          },
          { requiredKeys: ["v", "id", "exp"] },
        )
        .map((value) => Buffer.from(JSON.stringify(value))),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...topics), payloads, async (topic, payload) => {
        await intake.take({ ...message(topic, null), payload });
      }),
      { numRuns: 500 },
    );
    await intake.take({ ...message(PAUSE, null), payload: Buffer.alloc(10_000_000, "[") });
    equal(desk.requests.length, 0);
  });
});
