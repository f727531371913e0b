import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { MqttService } from "../../src/api/mqtt/mqtt-service.js";
import { Backfill, Event } from "../../src/api/mqtt/payloads.js";
import type { JournalEvent } from "../../src/app/kept/journal.js";
import { heapCollector } from "../../src/app/memory-keeper.js";
import { Mqtt } from "../../src/app/mqtt-config.js";
import { systemClock } from "../../src/lib/clock.js";
import { TypedEmitter } from "../../src/lib/events.js";
import { createLogger } from "../../src/lib/logger.js";
import type { History } from "../../src/telemetry/history.js";
import { Minute } from "../../src/telemetry/minute.js";
import { vectors } from "../unit/api/mqtt/vectors.js";
import { chain, pool, snapshot } from "../unit/commands/watch-snapshot.js";
import { Mosquitto } from "./mosquitto.js";
import { measureFor, until } from "./until.js";

const DEVICE = "02005e100001";
const OWN = `miners/v1/${DEVICE}`;
const FLEET_ACL = readFileSync(
  new URL("../../docs/fleet/stack/mosquitto/acl", import.meta.url),
  "utf8",
);
/** Who may do all, to find out what others hear. */
const ROOT_ACL = "user test-root\ntopic readwrite #\n\n";
/** A minute of the machine, shortened. */
const ROW_MS = 100;
const OUTAGE_S = 4;
const LARGE_BYTES = 10_000_000;
/** What may be left of thirty megabytes when they were dropped. */
const LARGE_KEPT_MB = 8;

const NOT_AUTHORIZED = 135;
const EVENT: JournalEvent = {
  ...{ atUnixMs: 1, uptimeS: 1, kind: "command", what: "machine.pause", code: null },
  context: { by: "socket" },
};

interface AclCase {
  readonly client: string;
  readonly action: "publish" | "receive";
  readonly topic: string;
  readonly result: "allow" | "deny";
}

describe("a real MQTT broker", function () {
  this.timeout(120_000);
  let broker: Mosquitto;
  let folder: string;
  let running: MqttService[];
  let journal: { readonly events: TypedEmitter<{ added: [JournalEvent] }> };
  let history: { readonly events: History["events"] };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "headframe-mqtt-"));
    broker = await Mosquitto.start(ROOT_ACL + FLEET_ACL);
    running = [];
    journal = { events: new TypedEmitter() };
    history = { events: new TypedEmitter() };
  });

  afterEach(async () => {
    for (const service of running) await service.stop();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The product's own side, without a machine. */
  async function start(
    more: object = {},
    preferred: readonly object[] = [],
    log = createLogger("silent"),
  ): Promise<MqttService> {
    const files = await broker.clientFiles(DEVICE);
    const mqtt = Mqtt.parse({
      brokers: [...preferred, { url: broker.url, ...files, ...more }],
      ...{ deviceId: DEVICE, backfillWaitS: 0, commands: ["tele.chips"] },
    });
    const service = await MqttService.start({
      ...{
        mqtt,
        dataDir: folder,
        clock: systemClock,
        log,
        history,
        journal: { ...journal, takeUnheard: () => [] },
      },
      ...{ config: () => ({ pools: [] }), revision: () => "r" },
      snapshot: () => snapshot([chain(0, [1])], [pool("first")]),
      desk: { give: () => Promise.reject(new Error("nobody asks")) },
      onTrouble: (error) => {
        throw error;
      },
    });
    running.push(service);
    await until(() => service.isUp || undefined, { what: "the link is up", withinS: 20 });
    return service;
  }

  it("decides by the rules that operators are told to use as it should", async () => {
    const { cases } = vectors<AclCase>("mqtt-acl");
    const root = await broker.client("test-root");
    const received: string[] = [];
    const wrong: unknown[] = [];
    for (const name of new Set(cases.map(({ client }) => client))) {
      const client = await broker.client(name);
      client.on("message", (topic) => received.push(`${name} ${topic}`));
      await client.subscribeAsync(["miners/#", "homeassistant/#"], { qos: 1 });
      const published = cases.filter((each) => each.client === name && each.action === "publish");
      for (const { topic, result } of published) {
        const code = await codeOf(client.publishAsync(topic, "x", { qos: 1 }));
        if (code !== (result === "allow" ? 0 : NOT_AUTHORIZED)) wrong.push({ name, topic, code });
      }
    }
    received.length = 0;
    for (const topic of [...new Set(cases.map(({ topic }) => topic)), "miners/last"])
      await root.publishAsync(topic, "x", { qos: 1 });
    // Not all may hear the last one; who may, has heard all before it.
    await until(() => (received.length > 0 ? true : undefined), { what: "messages" });
    await measureFor(0.5);
    for (const { client, topic, result } of cases.filter(({ action }) => action === "receive")) {
      const isThere = received.includes(`${client} ${topic}`);
      if (isThere !== (result === "allow")) wrong.push({ client, topic, isThere });
    }
    deepEqual(wrong, []);
    ok(cases.length > 50);
  });

  it("has nobody who cannot verify it, or whom it cannot verify", async () => {
    const files = await broker.clientFiles(DEVICE);
    const { caFile } = files;
    const named = (host: string): string => broker.url.replace("127.0.0.1", host);
    const reasons: Record<string, string> = {};
    const log = createLogger("silent");
    log.warn = (facts: { readonly broker?: string; readonly reason?: string }) => {
      reasons[facts.broker ?? ""] ??= facts.reason ?? "";
    };
    // Nobody vouches for it; its certificate is of another name; nobody vouches for the miner; all is well.
    const unknown = { url: broker.url };
    const misnamed = { url: named("localhost"), ...files };
    const nameless = { url: `${broker.url}/`, caFile };
    const service = await start({}, [unknown, misnamed, nameless], log);
    equal(service.isUp, true);
    match(reasons[unknown.url] ?? "", /self.signed|unable to verify/);
    match(reasons[misnamed.url] ?? "", /does not match/);
    ok(nameless.url in reasons);
  });

  it("gets every minute and event of an outage, each minute in its order", async () => {
    const heard = await broker.listen("fleet-ingest", "miners/v1/#");
    const service = await start();
    let minute = 0;
    const ticking = setInterval(() => {
      endMinute(++minute);
      if (minute % 10 === 0) journal.events.emit("added", EVENT);
    }, ROW_MS);
    await measureFor(1);
    await broker.kill();
    await until(() => (service.isUp ? undefined : true), { what: "the link is down" });
    const first = minute + 1;
    await measureFor(OUTAGE_S);
    const last = minute;
    await broker.run();
    const minutesOf = (): readonly number[] =>
      heard.flatMap(({ topic, text }) =>
        topic === `${OWN}/tele/backfill`
          ? Backfill.parse(JSON.parse(text)).rows.map(({ acc }) => acc ?? 0)
          : [],
      );
    const told = await until(() => (minutesOf().includes(last) ? minutesOf() : undefined), {
      what: "the last minute of the outage",
    });
    clearInterval(ticking);
    deepEqual(
      told.filter((each) => each >= first && each <= last),
      Array.from({ length: last - first + 1 }, (_, at) => first + at),
    );
    const missing = (): readonly number[] => {
      const seqs = heard.flatMap(({ topic, text }) =>
        topic.startsWith(`${OWN}/event/`) ? [Event.parse(JSON.parse(text)).seq] : [],
      );
      const all = Array.from({ length: Math.floor(last / 10) }, (_, at) => at + 1);
      return all.filter((seq) => !seqs.includes(seq));
    };
    await until(() => missing().length === 0 || undefined, { what: "all events", facts: missing });
    process.stderr.write(`mqtt outage of ${OUTAGE_S} s: ${last - first + 1} minutes, none lost\n`);
  });

  it("carries ten megabytes to a client of MQTT 3.1.1, which drops them and goes on", async () => {
    const heard = await broker.listen("fleet-ingest", `${OWN}/res/#`, `${OWN}/tele/#`);
    await start({ version: "3.1.1" });
    const root = await broker.client("test-root");
    const send = (name: string, text: string | Buffer): Promise<unknown> =>
      root.publishAsync(`${OWN}/cmd/${name}`, text, { qos: 1 });
    const large = Buffer.alloc(LARGE_BYTES, "[");
    const beforeMb = await externalMb();
    for (let round = 0; round < 3; round++) await send("tele.chips", large);
    const asked = JSON.stringify({ v: 1, id: "c1", res: `${OWN}/res/ops` });
    await send("tele.chips", asked);
    await until(() => heard.find(({ topic }) => topic === `${OWN}/res/ops`), { what: "answer" });
    const keptMb = (await externalMb()) - beforeMb;
    equal(heard.filter(({ topic }) => topic === `${OWN}/tele/chips`).length, 1);
    ok(keptMb < LARGE_KEPT_MB, String(keptMb));
  });

  /** As the history does it. */
  function endMinute(accepted: number): void {
    const figures = {
      ...{ hashrateThs: 100, powerW: 3000, efficiencyJPerTh: 30, hottestC: 60, fanDutyPct: 50 },
      ...{ slowestFanRpm: 5000, accepted, rejected: 0, stale: 0, uptimeS: 60 },
    };
    const last = { atUnixMs: Date.now(), state: "hashing", powerEvidence: "measured", figures };
    const minute = new Minute();
    minute.add(last);
    history.events.emit("minute", minute.end(last, null));
  }
});

/** What is left after what the collector frees at the end of a turn only. */
async function externalMb(): Promise<number> {
  const collect = heapCollector();
  for (let round = 0; round < 3; round++) {
    await collect();
    await setImmediate();
  }
  return process.memoryUsage().external / 1e6;
}

/** Of PUBACK. */
async function codeOf(published: Promise<unknown>): Promise<number | undefined> {
  try {
    await published;
    return 0;
  } catch (error) {
    return (error as { readonly code?: number }).code;
  }
}
