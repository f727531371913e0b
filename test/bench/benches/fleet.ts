import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync, type MqttClient } from "mqtt";
import type { FleetOutcome } from "../../../src/api/fleet/fleet-outcome.js";
import { projectRoot } from "../../../src/lib/project-root.js";
import { PlainBroker } from "../../plain-broker.js";
import { cpuSharePct, usageOf, type Usage } from "../process-usage.js";
import { atMost, type Bench, type BenchOptions, type Row } from "../rows.js";
import { memoryOfOne, RunningFleet } from "../running-fleet.js";

const MINERS = 10_000;
/** As many as this machine can be for the miners and the broker at once. */
const FEW_MINERS = 1000;
const QUICK_MINERS = 300;
const GROUP = "bench";
const CURTAILMENTS = 3;
/** Of 95 % of a curtailment's answers. */
const LIMIT_MS = 2000;
const STEADY_S = 60;
const QUICK_STEADY_S = 12;
/** After the last one connected, what they retain is still under way. */
const REST_MS = 8000;
/** The supply says so after that long, or never. The answer of a miner waits for it, up to 1.2 s. */
const CONFIRM = { quick: 400, slow: 5000 } as const;
/** A broker's own limits, which have to be wider for who listens to 10,000: docs/fleet/scale.md. */
const BROKER_LINES = ["max_queued_messages 100000", "max_inflight_messages 1000", "sys_interval 1"];

/** How many miners one broker of this machine serves, and how fast they all obey. */
export const fleet: Bench = {
  name: "fleet",
  run: async (options) => [
    ...(await withFleet(FEW_MINERS, "quick", options, curtailments)),
    ...(await withFleet(FEW_MINERS, "slow", options, curtailments)),
    ...(await withFleet(MINERS, "quick", options, whole)),
  ],
};

interface Scene {
  readonly broker: PlainBroker;
  readonly fleet: RunningFleet;
  readonly confirm: keyof typeof CONFIRM;
  readonly options: BenchOptions;
  readonly miners: number;
  /** From the start until all are connected. */
  readonly rampS: number;
}

async function withFleet(
  wanted: number,
  confirm: keyof typeof CONFIRM,
  options: BenchOptions,
  measure: (scene: Scene) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const miners = options.isQuick ? QUICK_MINERS : wanted;
  const broker = await PlainBroker.start(BROKER_LINES);
  // Somebody takes all in, as a back end would.
  const port = ["-p", String(broker.port), "-t", "miners/v1/#"];
  const ingest = spawn("mosquitto_sub", ["-V", "mqttv5", ...port], { stdio: "ignore" });
  const confirmMs = String(CONFIRM[confirm]);
  const running = new RunningFleet(broker.url, miners, ["--confirm", confirmMs, "--group", GROUP]);
  try {
    options.say(`fleet: ${String(miners)} miners connect`);
    const rampS = await running.until(({ connected }) => connected === miners);
    await sleep(REST_MS);
    return await measure({ broker, fleet: running, confirm, options, miners, rampS });
  } finally {
    await running.stop();
    ingest.kill();
    await broker.stop();
  }
}

async function whole(scene: Scene): Promise<readonly Row[]> {
  const { miners, rampS, fleet: running } = scene;
  const aloneMb = await memoryOfOne(scene.broker.url);
  const { rssMb, processes } = running.report;
  const eachKb = ((rssMb - aloneMb * processes) / miners) * 1024;
  const note = `${String(miners)} miners in ${String(processes)} processes, one of them alone ${aloneMb.toFixed(0)} MB`;
  return [
    { name: "fleet.connect", figure: rampS, unit: "s", note: "first start, 500 a second" },
    { name: "fleet.memory-a-miner", figure: eachKb, unit: "KB", note },
    ...(await steady(scene)),
    ...(await curtailments(scene)),
    ...(await restart(scene)),
  ];
}

/** Telemetry once a minute each, and nothing else. */
async function steady(scene: Scene): Promise<readonly Row[]> {
  const { broker, options, fleet: running, miners } = scene;
  const seconds = options.isQuick ? QUICK_STEADY_S : STEADY_S;
  options.say(`fleet: ${String(seconds)} s of ordinary life`);
  const counters = await BrokerCounters.open(broker.url);
  await sleep(2000);
  const [before, from, cpuS] = [counters.read(), usageOf(broker.pid), running.report.cpuS];
  await sleep(seconds * 1000);
  const [after, to] = [counters.read(), usageOf(broker.pid)];
  const fleetPct = ((running.report.cpuS - cpuS) / seconds) * 100;
  counters.close();
  const perS = (name: string): number => ((after[name] ?? 0) - (before[name] ?? 0)) / seconds;
  const note = `${String(miners)} miners and one that takes all in, ${String(seconds)} s`;
  return [
    {
      name: "fleet.steady.received",
      figure: perS("publish/messages/received"),
      unit: "messages/s",
      note,
    },
    { name: "fleet.steady.bytes", figure: perS("bytes/received"), unit: "bytes/s", note },
    { name: "fleet.steady.broker", figure: cpuSharePct(from, to), unit: "% of a core", note },
    { name: "fleet.steady.broker-memory", figure: to.rssMb, unit: "MB", note },
    { name: "fleet.steady.miners", figure: fleetPct, unit: "% of a core", note },
  ];
}

async function curtailments(scene: Scene): Promise<readonly Row[]> {
  const { broker, fleet: running, confirm, options, miners } = scene;
  const rows: Row[] = [];
  const count = options.isQuick ? 1 : CURTAILMENTS;
  for (let number = 1; number <= count; number++) {
    options.say(`fleet: curtailment ${String(number)}, supplies that are ${confirm}`);
    await running.until(({ states }) => states.hashing === miners);
    await sleep(REST_MS);
    const from = usageOf(broker.pid);
    const fleetFromS = running.report.cpuS;
    const outcome = await order("curtail", broker.url);
    await running.until(({ states }) => states.curtailed === miners);
    const to = usageOf(broker.pid);
    await sleep(2000);
    const cpu = { broker: cpuBetween(from, to), miners: running.report.cpuS - fleetFromS };
    const name = `fleet.curtail.${String(miners)}.${confirm}.${String(number)}`;
    rows.push(...curtailRows(name, outcome, cpu));
    options.say(JSON.stringify(rows.slice(-5)));
    await order("resume", broker.url);
  }
  return rows;
}

function curtailRows(
  name: string,
  { acknowledged, known, answerMs, powerOffMs, receipts, askedAgain }: FleetOutcome,
  cpu: { readonly broker: number; readonly miners: number },
): readonly Row[] {
  const note =
    `${String(acknowledged)} of ${String(known)}, ${String(receipts.verified)} receipts verified, ` +
    `${String(askedAgain)} asked again; CPU ${cpu.broker.toFixed(1)} s broker, ${cpu.miners.toFixed(1)} s miners`;
  const [answers, off] = [answerMs ?? NEVER, powerOffMs ?? NEVER];
  return [
    { name: `${name}.p50`, figure: answers.p50, unit: "ms", note },
    { name: `${name}.p95`, figure: answers.p95, unit: "ms", limit: atMost(LIMIT_MS) },
    { name: `${name}.last`, figure: answers.last, unit: "ms" },
    { name: `${name}.power-off.p95`, figure: off.p95, unit: "ms", note: "by the miners' clocks" },
    { name: `${name}.power-off.last`, figure: off.last, unit: "ms" },
  ];
}

const NEVER = { p50: NaN, p95: NaN, p99: NaN, last: NaN };

/** The broker dies and is there again at once, and has forgotten everything. */
async function restart({
  broker,
  fleet: running,
  miners,
  options,
}: Scene): Promise<readonly Row[]> {
  options.say("fleet: the broker is killed");
  const cpuFromS = running.report.cpuS;
  await broker.kill();
  await running.until(({ connected }) => connected === 0);
  await broker.run();
  const from = performance.now();
  const shareS = async (share: number): Promise<number> => {
    await running.until(({ connected }) => connected >= miners * share);
    return (performance.now() - from) / 1000;
  };
  const [mostS, allS] = [await shareS(0.95), await shareS(1)];
  const usage = usageOf(broker.pid);
  const cpu = `CPU ${(Number(usage.cpuNs) / 1e9).toFixed(1)} s broker, ${(running.report.cpuS - cpuFromS).toFixed(1)} s miners`;
  return [
    { name: "fleet.recovery.95", figure: mostS, unit: "s", note: "from the broker's start" },
    { name: "fleet.recovery.all", figure: allS, unit: "s", note: cpu },
  ];
}

function cpuBetween(from: Usage, to: Usage): number {
  return Number(to.cpuNs - from.cpuNs) / 1e9;
}

const CLI = join(projectRoot(), "dist/cli.js");

async function order(name: string, url: string): Promise<FleetOutcome> {
  const args = [CLI, name, "--fleet", GROUP, "--broker", url, "--wait", "30", "--json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.on("data", (bytes) => (text += String(bytes)));
  await once(child, "close");
  if (text === "") throw new Error(`${name} of the fleet failed`);
  return JSON.parse(text) as FleetOutcome;
}

/** What Mosquitto counts, each second. */
class BrokerCounters {
  readonly #client: MqttClient;
  readonly #values: Record<string, number> = {};

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on("message", (topic, payload) => {
      this.#values[topic.replace("$SYS/broker/", "")] = Number(payload.toString());
    });
  }

  static async open(url: string): Promise<BrokerCounters> {
    const client = await connectAsync(url, { protocolVersion: 5 });
    const counters = new BrokerCounters(client);
    await client.subscribeAsync(["$SYS/broker/bytes/#", "$SYS/broker/publish/#"]);
    return counters;
  }

  read(): Readonly<Record<string, number>> {
    return { ...this.#values };
  }

  close(): void {
    this.#client.end(true);
  }
}
