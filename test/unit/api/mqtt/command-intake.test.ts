import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import * as z from "zod/mini";
import { CommandIntake } from "../../../../src/api/mqtt/command-intake.js";
import type { Message, Outgoing } from "../../../../src/api/mqtt/mqtt-link.js";
import { FilePart, Result } from "../../../../src/api/mqtt/payloads.js";
import { Topics } from "../../../../src/api/mqtt/topics.js";
import { AnswerBook } from "../../../../src/app/commands/answer-book.js";
import { CommandDesk, type CommandRequest } from "../../../../src/app/commands/command-desk.js";
import { command, onceCommand } from "../../../../src/app/commands/command-entry.js";
import { MQTT_COMMANDS, type MqttCommand } from "../../../../src/app/mqtt-config.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { chain, pool, snapshot } from "../../commands/watch-snapshot.js";
import { DEVICE, NOW_UNIX_MS, PREFIX, vectors } from "./vectors.js";

interface Step {
  readonly publish?: {
    readonly topic: string;
    readonly payload: unknown;
    readonly responseTopic?: string;
  };
  readonly device?: "restarts";
  readonly delivered_with_retain_flag?: boolean;
  readonly expect?: Readonly<Record<string, unknown>>;
  readonly expect_on?: string;
  readonly effects?: Readonly<Record<string, number>>;
  readonly [field: string]: unknown;
}

const MOST_W = 5000;
const BUNDLE = Buffer.alloc(100_000, "x");
const Any = z.record(z.string(), z.unknown());

/** The real desk over a machine that only counts what it did. */
class Machine {
  readonly effects: Record<string, number> = {};
  readonly requests: CommandRequest[] = [];
  readonly clock: ManualClock;
  readonly #path: string;
  #order = "resume";
  #revision = 17;
  #desk: CommandDesk | undefined;

  constructor(path: string, clock: ManualClock) {
    this.#path = path;
    this.clock = clock;
  }

  get revision(): string {
    return String(this.#revision);
  }

  async start(): Promise<void> {
    const onTrouble = (error: unknown): void => {
      throw error;
    };
    const book = await AnswerBook.open({ path: this.#path, clock: this.clock, onTrouble });
    const orders = ["pause", "resume", "sleep", "wake", "curtail"].map((name) => [
      `machine.${name}`,
      command("operate", Any, "", () => this.#give(name)),
    ]);
    this.#desk = new CommandDesk({
      commands: {
        ...(Object.fromEntries(orders) as object),
        "machine.set": command("configure", Any, "", (wish) => this.#set(wish)),
        "pools.set": command("configure", Any, "", () => this.#count("pools")),
        "machine.locate": command("operate", Any, "", () => {
          return { isOn: true, endsUnixMs: null, lines: ["led"], evidence: "documented" };
        }),
        "system.reboot": onceCommand("operate", () => this.#count("reboot")),
        logs: command("read", Any, "", () => {
          return {
            lines: Array.from({ length: 1000 }, (_, at) => ({ at, text: "y".repeat(100) })),
          };
        }),
        "support.bundle": command("read", Any, "", () => {
          const base64 = BUNDLE.toString("base64");
          return { name: "a.tar.gz", bytes: BUNDLE.length, sha256: "00", base64, entries: [] };
        }),
      },
      scopes: { mqtt: ["read", "operate", "configure"] },
      ...{ journal: { command: () => undefined }, book, clock: this.clock },
      revision: () => this.revision,
    });
  }

  give = (request: CommandRequest): ReturnType<CommandDesk["give"]> => {
    this.requests.push(request);
    ok(this.#desk);
    return this.#desk.give(request);
  };

  #give(name: string): object {
    const isUnchanged = name === this.#order;
    if (!isUnchanged) this.#count(name);
    this.#order = name;
    return { isUnchanged };
  }

  #set({ powerW }: Readonly<Record<string, unknown>>): object {
    if (Number(powerW) > MOST_W)
      throw new MinerError("CONFIG_INVALID", { path: "powerW", value: Number(powerW) });
    this.#count("config");
    this.#revision += 1;
    return { freqMHz: 500, railMv: null, powerW };
  }

  #count(name: string): object {
    this.effects[name] = (this.effects[name] ?? 0) + 1;
    return {};
  }
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
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-intake-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function setUp(allowed: readonly MqttCommand[] = MQTT_COMMANDS, unixMs = NOW_UNIX_MS) {
    const sent: Outgoing[] = [];
    const clock = new ManualClock(unixMs);
    const desk = new Machine(join(folder, "answers.json"), clock);
    await desk.start();
    const intake = new CommandIntake({
      ...{ device: DEVICE, boot: "b7c1", allowed, desk, clock, log: createLogger("silent") },
      topics: new Topics(PREFIX, DEVICE, ["rack-7"]),
      key: { id: "k", sign: () => "s" },
      snapshot: () => snapshot([chain(0, [1])], [pool("first")]),
      revision: () => desk.revision,
      sendChips: () => undefined,
      publish: (message) => {
        sent.push(message);
        return Promise.resolve(true);
      },
    });
    const last = (): Record<string, unknown> =>
      JSON.parse(sent.at(-1)?.payload ?? "null") as Record<string, unknown>;
    return { intake, sent, desk, clock, last };
  }

  for (const { id, steps } of vectors<{ id: string; steps?: readonly Step[] }>("mqtt-commands")
    .cases) {
    it(`vector ${id}`, async () => {
      const { intake, sent, desk, last } = await setUp();
      for (const { publish, expect, expect_on: on, effects, ...step } of steps ?? []) {
        if (step.device === "restarts") await desk.start();
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
    const { intake, sent } = await setUp();
    const responseTopic = `${PREFIX}/${DEVICE}/res/fleet-ops`;
    const correlationData = Buffer.from("c01");
    await intake.take(message(PAUSE, { v: 1, id: "c1" }, { responseTopic, correlationData }));
    const [{ topic, correlationData: back, qos, expiryS } = {}] = sent;
    deepEqual([topic, back, qos, expiryS], [responseTopic, correlationData, 1, 300]);
  });

  it("takes topic and expiry from the body, for MQTT 3.1.1", async () => {
    const { intake, sent, desk } = await setUp();
    const res = `${PREFIX}/${DEVICE}/res/old`;
    await intake.take(message(PAUSE, { v: 1, id: "c1", res, exp: NOW_UNIX_MS + 1000 }));
    equal(sent[0]?.topic, res);
    equal(desk.requests[0]?.expiresUnixMs, NOW_UNIX_MS + 1000);
  });

  it("does nothing that the configuration does not allow", async () => {
    const { intake, desk, last } = await setUp(["mining.resume"]);
    await intake.take(message(PAUSE, { v: 1, id: "c1" }));
    deepEqual([last()["code"], desk.requests.length], ["denied", 0]);
  });

  it("does not judge expiry by a clock that was never set", async () => {
    const { intake, desk } = await setUp(MQTT_COMMANDS, 60_000);
    await intake.take(message(PAUSE, { v: 1, id: "c1", exp: 1 }));
    equal(desk.effects["pause"], 1);
  });

  it("waits its share of a broadcast, and answers only a failure", async () => {
    const { intake, sent, desk, clock } = await setUp();
    const all = `${PREFIX}/_all/cmd/mining.pause`;
    const taken = intake.take(message(all, { v: 1, id: "c3", spread_s: 60 }));
    equal(desk.requests.length, 0);
    await clock.advance(60_000);
    await taken;
    deepEqual([desk.effects, sent.length], [{ pause: 1 }, 0]);
    await intake.take(message(`${PREFIX}/_g/rack-7/cmd/no.such`, { v: 1, id: "c4" }));
    equal(sent.length, 1);
  });

  it("tells the desk who asked", async () => {
    const { intake, desk } = await setUp();
    await intake.take(message(PAUSE, { v: 1, id: "c1" }, { actor: "alice" }));
    deepEqual(desk.requests[0]?.by, { way: "mqtt", who: "alice" });
  });

  it("answers a repeat with what it said, also when the configuration has changed since", async () => {
    const { intake, desk, last } = await setUp();
    const set = message(`${PREFIX}/${DEVICE}/cmd/config.set`, {
      ...{ v: 1, id: "c1", if_rev: 17, args: { power_limit_w: 3000 } },
    });
    await intake.take(set);
    const { rev, data } = last();
    deepEqual([rev, data], ["18", { freq_mhz: 500, rail_mv: null, power_limit_w: 3000 }]);
    await intake.take(set);
    deepEqual([last()["code"], last()["dup"], desk.effects], ["done", true, { config: 1 }]);
  });

  it("does not remember what came without an id", async () => {
    const { intake, desk } = await setUp();
    for (const on of [false, true, false])
      await intake.take(message(`${PREFIX}/${DEVICE}/cmd/mining.set`, { v: 1, args: { on } }));
    deepEqual(desk.effects, { pause: 2, resume: 1 });
    ok(desk.requests.every(({ isRepeatable }) => isRepeatable === false));
  });

  it("tells the desk only what was said", async () => {
    const { intake, desk } = await setUp();
    const asked = {
      "mining.curtail": { to_w: 1500, wait_s: 5 },
      "power.set": { w: null, now: true },
      "cooling.set": { max_duty_pct: 60, target_c: null },
      locate: { on: true, s: 60 },
      "system.logs": { last: 10, since: 5, level: "warn" },
      "system.reboot": {},
    };
    for (const [name, args] of Object.entries(asked))
      await intake.take(message(`${PREFIX}/${DEVICE}/cmd/${name}`, { v: 1, id: name, args }));
    deepEqual(
      desk.requests.map(({ name, params }) => [name, params]),
      [
        ["machine.curtail", { toW: 1500, waitS: 5 }],
        ["machine.set", { powerW: null, now: true }],
        ["cooling.set", { targetC: null, maxDutyPct: 60 }],
        ["machine.locate", { on: true, seconds: 60 }],
        ["logs", { last: 10, sinceUnixMs: 5, level: "warn" }],
        ["system.reboot", {}],
      ],
    );
  });

  it("cuts a log that is too long for a broker, and says so", async () => {
    const { intake, sent, last } = await setUp();
    await intake.take(message(`${PREFIX}/${DEVICE}/cmd/system.logs`, { v: 1, id: "c1" }));
    const { lines, cut } = last()["data"] as { lines: { at: number }[]; cut: boolean };
    deepEqual([lines.at(-1)?.at, cut], [999, true]);
    ok(Buffer.byteLength(sent[0]?.payload ?? "") < 64 * 1024);
  });

  it("sends a support bundle in parts, and refuses one that is too large for the link", async () => {
    const { intake, sent, last } = await setUp();
    const topic = `${PREFIX}/${DEVICE}/cmd/system.support`;
    await intake.take(message(topic, { v: 1, id: "c1" }));
    const parts = sent.slice(0, -1).map(({ payload }) => FilePart.parse(JSON.parse(payload)));
    deepEqual(Buffer.concat(parts.map(({ base64 }) => Buffer.from(base64, "base64"))), BUNDLE);
    ok(sent.every(({ payload }) => Buffer.byteLength(payload) < 64 * 1024));
    deepEqual(last()["data"], { name: "a.tar.gz", bytes: BUNDLE.length, sha256: "00", parts: 3 });
    await intake.take(message(topic, { v: 1, id: "c2", args: { max_bytes: 4_000_000 } }));
    equal(last()["code"], "bad_request");
  });

  it("takes hostile input without a crash or an effect", async () => {
    const { intake, desk } = await setUp();
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
    // What is a command but for its time goes to the desk, which refuses what is past.
    const past = desk.requests.filter(
      ({ expiresUnixMs }) => (expiresUnixMs ?? Infinity) < NOW_UNIX_MS,
    );
    deepEqual(past, desk.requests);
  });
});
