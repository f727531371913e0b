import { deepEqual, equal, ok } from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { gunzipSync } from "node:zlib";
import { FilePart, Result } from "../../src/api/mqtt/payloads.js";
import { MQTT_COMMANDS } from "../../src/app/mqtt-config.js";
import { PlainBroker } from "../plain-broker.js";
import { assertBuilt, headframe } from "./program.js";
import { type Rig, rigs } from "./rig.js";
import { until } from "./until.js";

const DEVICE = "02005e100001";
const OWN = `miners/v1/${DEVICE}`;
const CLOCK_MHZ = 200;
const LOWER_MHZ = 150;
const LOWER_MV = 13_000;
/** The supply expresses voltages in steps. */
const NEAR_MV = 100;
/** Its lowest clock takes 267 W, the one that is set 700 W. */
const TO_W = 450;
/** What the estimate leaves out does not follow the clock. */
const LEAK_SHARE = 0.08;
const QUIET_PCT = 90;

describe("commands by mosquitto_pub to a machine with three chains", function () {
  this.timeout(180_000);
  before(assertBuilt);
  const rig = rigs();
  let broker: PlainBroker;
  let listener: ChildProcess;
  let answers: Readonly<Record<string, unknown>>[];
  let ids = 0;

  beforeEach(async () => {
    broker = await PlainBroker.start();
    answers = [];
    const all = ["-t", `${OWN}/res/ops`, "-F", "%p"];
    listener = spawn("mosquitto_sub", [...at(), "-q", "1", ...all]);
    createInterface({ input: listener.stdout! }).on("line", (line) => {
      answers.push(JSON.parse(line) as (typeof answers)[number]);
    });
  });

  afterEach(async () => {
    listener.kill();
    await broker.stop();
  });

  function at(): string[] {
    return ["-V", "mqttv5", "-h", "127.0.0.1", "-p", String(broker.port)];
  }

  /** As docs/mqtt.md shows it. */
  async function ask(name: string, args: object = {}, id = `c${++ids}`): Promise<Result> {
    const before = answers.length;
    const body = JSON.stringify({ v: 1, id, exp: Date.now() + 60_000, args });
    execFileSync("mosquitto_pub", [
      ...[...at(), "-q", "1", "-t", `${OWN}/cmd/${name}`, "-m", body],
      ...["-D", "publish", "response-topic", `${OWN}/res/ops`],
      ...["-D", "publish", "user-property", "actor", "alice"],
    ]);
    return until(
      () => {
        const found = answers.slice(before).find((each) => each["id"] === id && "code" in each);
        return found && Result.parse(found);
      },
      { what: `answer to ${name}`, facts: () => answers.slice(before) },
    );
  }

  async function done(name: string, args: object = {}): Promise<Record<string, unknown>> {
    const result = await ask(name, args);
    equal(result.code, "done", JSON.stringify(result));
    return result.data ?? {};
  }

  const chipsW = async (mine: Rig): Promise<number> =>
    (await mine.truth()).boards.reduce((sum, { powerW }) => sum + powerW, 0);
  const cooling = (mine: Rig): unknown =>
    (JSON.parse(readFileSync(mine.configFile, "utf8")) as Record<string, unknown>)["cooling"];

  it("does what each says, on the machine and not only in the answer", async () => {
    const mine = await rig.start({
      machine: "s19k-pro",
      config: {
        freqMHz: CLOCK_MHZ,
        mqtt: { brokers: [{ url: broker.url }], deviceId: DEVICE, commands: MQTT_COMMANDS },
      },
      backups: [{}],
    });
    await mine.untilMining();

    equal((await done("locate", { on: true, s: 60 }))["on"], true);
    const levels = new Set<number | undefined>();
    await until(
      async () => levels.add((await mine.truth()).lines["led-red"]).size === 2 || undefined,
      { what: "the light blinks" },
    );
    equal((await done("locate", { on: false }))["on"], false);

    const { duty_pct, ...quiet } = await done("cooling.set", { max_duty_pct: QUIET_PCT });
    deepEqual(quiet, { target_c: 60, min_duty_pct: 30, max_duty_pct: QUIET_PCT });
    ok(Number(duty_pct) >= 30, String(duty_pct));
    deepEqual(cooling(mine), { maxDutyPct: QUIET_PCT });
    await until(
      async () => (await mine.truth()).fans.every((fan) => fan.dutyPct <= QUIET_PCT) || undefined,
      { what: "the fans are quiet" },
    );
    const hot = await ask("cooling.set", { target_c: 90 });
    deepEqual([hot.code, hot.err], ["out_of_range", "CONFIG_INVALID"]);
    await mine.command("cooling", "maxDutyPct=default");
    deepEqual([cooling(mine), (await mine.status())?.cooling.quietCapPct], [{}, null]);

    const points = await done("config.set", { freq_mhz: LOWER_MHZ, rail_mv: LOWER_MV });
    deepEqual([points["freq_mhz"], points["rail_mv"]], [LOWER_MHZ, LOWER_MV]);
    const { supply } = await mine.truth();
    ok(Math.abs(supply.railMv - LOWER_MV) <= NEAR_MV, JSON.stringify(supply));
    const areLower = (chains: readonly { readonly freqMHz: number }[]): true | undefined =>
      chains.every(({ freqMHz }) => freqMHz === LOWER_MHZ) || undefined;
    await until(async () => areLower(await mine.virtualChains()), { what: "the chips are slower" });

    equal((await done("power.set", { w: 2000 }))["power_limit_w"], 2000);
    deepEqual((await mine.status())?.powerTarget?.targetW, 2000);
    equal((await ask("power.set", { w: 5 })).code, "out_of_range");
    equal((await done("power.set", { w: null }))["power_limit_w"], null);

    const fullW = await chipsW(mine);
    const held = await done("mining.curtail", { to_w: TO_W, wait_s: 60 });
    deepEqual([held["target_w"], held["reached"]], [TO_W, true]);
    deepEqual([held["w_before_is"], held["w_after_is"]], ["estimated", "estimated"]);
    ok(Number(held["w_before"]) > TO_W && Number(held["w_after"]) <= TO_W, JSON.stringify(held));
    const heldW = await chipsW(mine);
    const share = TO_W / Number(held["w_before"]);
    ok(heldW < fullW * (share + LEAK_SHARE), `${heldW} of ${fullW} W`);
    await done("mining.resume");

    await done("mining.sleep");
    await mine.until("it sleeps", ({ state }) => state.is === "asleep");
    await done("mining.wake");
    await mine.untilMining();

    const [other] = mine.backups;
    await done("pools.set", { pools: [{ url: other!.url, user: "by.mqtt" }] });
    await until(() => other!.stats().accepted > 0 || undefined, { what: "the other pool's share" });

    equal(((await done("system.logs", { last: 5 }))["lines"] as unknown[]).length, 5);
    await assertSupported();

    const { process: before } = (await mine.status()) ?? {};
    const id = "restart-1";
    deepEqual((await ask("system.restart", {}, id)).code, "accepted");
    equal(await mine.controller.ended, 0);
    mine.startController();
    await mine.until("another one mines", (seen) => {
      const isOther = seen.process.pid !== before?.pid;
      return isOther && seen.chains.every(({ state }) => state === "hashing");
    });
    // A broker that was away gives it a second time.
    equal((await ask("system.restart", {}, id)).dup, true);
    const { stdout } = await headframe(["events", "--data", mine.dataDir, "--json"]);
    ok(stdout.includes('"by":"mqtt alice"'), stdout);
  });

  /** The parts that came before the answer are the file that it names. */
  async function assertSupported(): Promise<void> {
    const { sha256, parts: count } = await done("system.support", { max_bytes: 131_072 });
    const parts = answers.flatMap((each) => ("part" in each ? [FilePart.parse(each)] : []));
    equal(parts.length, count);
    const file = Buffer.concat(parts.map(({ base64 }) => Buffer.from(base64, "base64")));
    equal(createHash("sha256").update(file).digest("hex"), sha256);
    ok(gunzipSync(file).toString("latin1").includes("snapshot.json"));
  }
});
