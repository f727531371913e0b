import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Event, Info, Receipt, Result, Row, Status, Tele } from "../../src/api/mqtt/payloads.js";
import { vectors } from "../unit/api/mqtt/vectors.js";
import { Mosquitto, type Heard } from "./mosquitto.js";
import { assertBuilt } from "./program.js";
import { type Rig, rigs } from "./rig.js";
import { until } from "./until.js";

const DEVICE = "02005e100001";
const OTHER = "02005e100002";
const OWN = `miners/v1/${DEVICE}`;
const KEEP_ALIVE_S = 5;
/** docs/mqtt.md. */
const POWER_OFF_MS = 1000;
/** scripts/soak may ask for more. */
const CURTAILMENTS = Number(process.env["MQTT_CURTAILMENTS"] ?? 3);

describe("a controller at a real MQTT broker", function () {
  this.timeout(300_000);
  before(assertBuilt);
  const rig = rigs();
  let broker: Mosquitto;
  let folder: string;
  let ids = 0;

  beforeEach(async () => {
    const { acl } = vectors("mqtt-acl") as unknown as { acl: string };
    folder = mkdtempSync(join(tmpdir(), "headframe-mqtt-"));
    broker = await Mosquitto.start(acl);
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
      await mine.untilMining();
    }
    const rssMb = (await mine.status())?.process.rssMb ?? 0;
    const measured = { tookMs, rssMb, beforeMb: before.rssMb };
    process.stderr.write(`mqtt curtail to power off: ${JSON.stringify(measured)}\n`);
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

  it("is kept apart from another device by the rules of the broker", async () => {
    const all = await broker.listen("fleet-ingest", "miners/v1/#");
    const foreign = await broker.listen(OTHER, "miners/v1/#");
    const mine = await start();
    await mine.untilMining();
    const id = await order("mining.pause", OTHER);
    // The same link, after it: whatever came of the first would be there.
    await answer(all, await order("mining.resume"));
    deepEqual(
      at(all, "res/ops").filter((value) => (value as Result).id === id),
      [],
    );
    equal((await mine.status())?.state.order, "mine");
    deepEqual(
      foreign.filter(({ topic }) => topic.startsWith(OWN)),
      [],
    );
  });

  it("loses no event and no minute when the broker hangs and is killed", async () => {
    const heard = await broker.listen("fleet-ingest", "miners/v1/#");
    const mine = await start();
    await mine.untilMining();
    await until(() => at(heard, "tele").at(-1), { what: "telemetry" });
    broker.freeze();
    const fromUnixMs = Date.now();
    // Nobody answers pings, and nothing closes the link.
    await until(() => mine.controller.stderr.includes("no link to the MQTT broker") || undefined, {
      what: "the link is known to be dead",
      withinS: 4 * KEEP_ALIVE_S,
    });
    await broker.kill();
    for (const command of ["pause", "resume", "pause", "resume"]) await mine.command(command);
    // A minute is over once.
    await until(() => Date.now() - fromUnixMs > 70_000 || undefined, {
      what: "a minute",
      withinS: 90,
    });
    await broker.run();
    const rows = await until(
      () => {
        const found = at(heard, "tele/backfill").flatMap((value) =>
          (value as { rows: unknown[] }).rows.map((each) => Row.parse(each)),
        );
        return found.length > 0 ? found : undefined;
      },
      { what: "minutes of the outage", withinS: 150 },
    );
    ok(rows.every(({ ts, hr }) => ts >= fromUnixMs - 60_000 && hr > 0));
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
