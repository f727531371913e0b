import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Event, Info, Receipt, Result, Status, Tele } from "../../src/api/mqtt/payloads.js";
import { Mosquitto, type Heard } from "./mosquitto.js";
import { assertBuilt } from "./program.js";
import { type Rig, rigs } from "./rig.js";
import { until } from "./until.js";

const DEVICE = "02005e100001";
const OTHER = "02005e100002";
const OWN = `miners/v1/${DEVICE}`;
const KEEP_ALIVE_S = 5;
const LOST = "no link to the MQTT broker";
/** docs/mqtt.md. */
const POWER_OFF_MS = 1000;
/** scripts/soak may ask for more. */
const CURTAILED_AT_WORK = 3;
const CURTAILMENTS = Number(process.env["MQTT_CURTAILMENTS"] ?? 3);

/** What operators are told to use. */
const FLEET_ACL = readFileSync(
  new URL("../../docs/fleet/stack/mosquitto/acl", import.meta.url),
  "utf8",
);
/** More than the machine takes, and what it may cost. */
const LARGE_BYTES = 10_000_000;
const LARGE_COST_MB = 20;

describe("a controller at a real MQTT broker", function () {
  this.timeout(300_000);
  before(assertBuilt);
  const rig = rigs();
  let broker: Mosquitto;
  let folder: string;
  let ids = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "headframe-mqtt-"));
    broker = await Mosquitto.start(FLEET_ACL);
  });

  afterEach(async () => {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(): Promise<Rig> {
    const files = await broker.clientFiles(DEVICE);
    const mqtt = {
      // Nobody listens at the preferred one.
      brokers: [{ url: "mqtts://127.0.0.1:1" }, { url: broker.url, ...files }],
      deviceId: DEVICE,
      commands: ["mining.pause", "mining.resume", "mining.curtail"],
      ...{ periodS: 10, keepAliveS: KEEP_ALIVE_S, backfillWaitS: 0 },
    };
    return rig.start({ config: { mqtt } });
  }

  async function order(name: string, as = "fleet-ops"): Promise<string> {
    const id = `c${++ids}`;
    const body = JSON.stringify({ v: 1, id, exp: Date.now() + 60_000 });
    const wish = ["response-topic", `${OWN}/res/ops`, "correlation-data", id];
    const [topic = "", answerTo = "", correlation = "", value = ""] = wish;
    await broker.publish(as, `${OWN}/cmd/${name}`, body, [
      ...["-D", "publish", topic, answerTo],
      ...["-D", "publish", correlation, value],
    ]);
    return id;
  }

  function at(heard: readonly Heard[], topic: string): readonly unknown[] {
    return heard.flatMap((each) =>
      each.topic === `${OWN}/${topic}` ? [JSON.parse(each.text) as unknown] : [],
    );
  }

  function answer(heard: readonly Heard[], id: string): Promise<Result> {
    return until(
      () =>
        at(heard, "res/ops")
          .map((value) => Result.parse(value))
          .find((result) => result.id === id),
      { what: `answer to ${id}`, facts: () => heard.map(({ topic }) => topic) },
    );
  }

  function verified(receipt: string, signature: string, pem: string): string {
    const file = (name: string, content: string | Buffer): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const key = ["-pubin", "-inkey", file("pub.pem", pem)];
    const signed = ["-in", file("receipt", receipt)];
    const sig = ["-sigfile", file("sig", Buffer.from(signature, "base64"))];
    const args = ["pkeyutl", "-verify", ...key, "-rawin", ...signed, ...sig];
    return execFileSync("openssl", args, { encoding: "utf8" });
  }

  it("tells what it is, and cuts the power within a second, with a receipt", async () => {
    const heard = await broker.listen("fleet-ingest", "miners/v1/#");
    const mine = await start();
    const { process: before } = await mine.untilMining();
    await until(() => at(heard, "tele").at(-1), { what: "telemetry" });
    equal(Status.parse(at(heard, "status").at(-1)).state, "online");
    const told = await until(
      () =>
        at(heard, "tele")
          .map((value) => Tele.parse(value))
          .find(({ mode }) => mode === "mining"),
      { what: "telemetry of a machine that mines" },
    );
    ok(told.hr.s5 > 0 && told.bd[0]?.n === 1);
    const { key } = Info.parse(at(heard, "info").at(-1));
    const tookMs: number[] = [];
    await broker.clientFiles("fleet-ops");
    for (let round = 0; round < CURTAILMENTS; round++) {
      const sentUnixMs = Date.now();
      const id = await order("mining.curtail");
      const { code, receipt = "", sig = "" } = await answer(heard, id);
      equal(code, "done");
      match(verified(receipt, sig, key.pem), /Verified Successfully/);
      const { off, device, id: of } = Receipt.parse(JSON.parse(receipt));
      deepEqual([device, of], [DEVICE, id]);
      tookMs.push(off - sentUnixMs);
      equal((await mine.truth()).supply.isOn, false);
      equal((await answer(heard, await order("mining.resume"))).ok, true);
      // Where many are asked for, the power is enough.
      if (round < CURTAILED_AT_WORK) await mine.untilMining();
      else
        await until(async () => (await mine.truth()).supply.isOn || undefined, { what: "power" });
    }
    const rssMb = (await mine.status())?.process.rssMb ?? 0;
    const measured = { tookMs, rssMb, beforeMb: before.rssMb };
    process.stderr.write(`mqtt curtail to power off: ${JSON.stringify(measured)}\n`);
    if (tookMs.length >= 100) process.stderr.write(`${percentiles(tookMs)}\n`);
    ok(Math.max(...tookMs) <= POWER_OFF_MS, String(tookMs));
    equal(await mine.controller.stop(), 0);
    const last = await until(
      () =>
        at(heard, "status")
          .map((value) => Status.parse(value))
          .find(({ state }) => state === "offline"),
      { what: "it says that it stops" },
    );
    equal(last.reason, "shutdown");
  });

  it("does nothing that a hostile client or a foreign device wants, and stays as it is", async () => {
    const heard = await broker.listen("fleet-ingest", "miners/v1/#");
    const foreign = await broker.listen(OTHER, "miners/v1/#");
    const mine = await start();
    await mine.untilMining();
    const before = (await mine.status())?.process;
    await order("mining.pause", OTHER);
    const ops = await broker.client("fleet-ops");
    const send = (name: string, payload: string | Buffer): Promise<unknown> =>
      ops.publishAsync(name, payload, { qos: 1 });
    const pause = `${OWN}/cmd/mining.pause`;
    const paused = { v: 1, id: "h1", exp: Date.now() + 60_000 };
    const resumed = JSON.stringify({ ...paused, id: "h2" });
    await send(pause, JSON.stringify(paused));
    await send(`${OWN}/cmd/mining.resume`, resumed);
    for (const payload of [
      // The one that was obeyed, again, and another with its id; too late; to nobody; wrong types; not JSON.
      JSON.stringify(paused),
      JSON.stringify({ ...paused, args: { to_w: 1 } }),
      resumed,
      JSON.stringify({ v: 1, id: "h3", exp: Date.now() - 1 }),
      JSON.stringify({ v: 2, id: "h4" }),
      JSON.stringify({ v: 1 }),
      ...fc.sample(fc.json(), { numRuns: 150, seed: 7 }),
      ...fc
        .sample(fc.uint8Array({ maxLength: 300 }), { numRuns: 50, seed: 7 })
        .map((bytes) => Buffer.from(bytes)),
      Buffer.alloc(LARGE_BYTES, "["),
    ])
      await send(pause, payload);
    await send(`miners/v1/${OTHER}/cmd/mining.pause`, JSON.stringify({ v: 1, id: "h5" }));
    await send(`${OWN}/cmd/mining.pause/more`, JSON.stringify({ v: 1, id: "h6" }));
    await send(`${OWN}/cmd/system.reboot`, JSON.stringify({ v: 1, id: "h7" }));
    ops.end(true);
    // The same link, after them: whatever came of them would be there with the event of this one, or before it.
    const { id: last } = await answer(heard, await order("mining.resume"));
    const audit = (): readonly Event[] =>
      at(heard, "event/audit").map((value) => Event.parse(value));
    const told = await until(
      () => (audit().some(({ data }) => data["commandId"] === last) ? audit() : undefined),
      { what: "the event of the last order" },
    );
    const done = told.filter(({ data }) => data["result"] !== "refused");
    deepEqual(
      done.map(({ code, data }) => [code, data["commandId"]]).filter(([, id]) => id !== "c1"),
      [
        ["command.machine.pause", "h1"],
        ["command.machine.resume", "h2"],
        ["command.machine.resume", `c${ids}`],
      ],
    );
    const { state, process: after } = (await mine.status()) ?? {};
    deepEqual([state?.order, after?.pid], ["mine", before?.pid]);
    ok((after?.rssMb ?? Infinity) - (before?.rssMb ?? 0) < LARGE_COST_MB, JSON.stringify(after));
    deepEqual(
      foreign.filter(({ topic }) => topic.startsWith(OWN)),
      [],
    );
  });

  it("loses no event when the broker hangs, is killed and comes back", async () => {
    const heard = await broker.listen("fleet-ingest", "miners/v1/#");
    const mine = await start();
    await until(() => at(heard, "tele").at(-1), { what: "telemetry" });
    const losses = (): number => mine.controller.stderr.split(LOST).length;
    // The preferred broker was never there.
    const before = losses();
    broker.freeze();
    // Nobody answers pings, and nothing closes the link.
    await until(() => losses() > before || undefined, {
      what: "the link is known to be dead",
      withinS: 4 * KEEP_ALIVE_S,
    });
    await broker.kill();
    for (const command of ["pause", "resume", "pause", "resume"]) await mine.command(command);
    await broker.run();
    const seqs = await until(
      () => {
        const found = heard
          .filter(({ topic }) => topic.startsWith(`${OWN}/event/`))
          .map(({ text }) => Event.parse(JSON.parse(text)));
        const ordered = found.filter(({ code }) => code.startsWith("command.machine")).length;
        return ordered >= 4 ? new Set(found.map(({ seq }) => seq)) : undefined;
      },
      { what: "events of the outage" },
    );
    deepEqual(
      [...seqs].sort((a, b) => a - b),
      Array.from({ length: seqs.size }, (_, index) => index + Math.min(...seqs)),
    );
  });
});

/** Nearest rank. */
function percentiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number | undefined => sorted[Math.ceil(share * sorted.length) - 1];
  return JSON.stringify({ count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) });
}
