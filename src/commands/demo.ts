import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { askController } from "../api/control/control-client.js";
import { loadDrivenMachine } from "../boards/load-machine.js";
import { machineHashrateThs, type DrivenMachine } from "../boards/machine-spec.js";
import { type AllowableValue, inferredNames } from "../boards/obstacles.js";
import { virtualNetwork } from "../bitcoin/network.js";
import { isMinerError, MinerError } from "../lib/errors.js";
import type { Snapshot } from "../telemetry/snapshot.js";
import type { TestPool } from "../virtual/pool/test-pool.js";
import { Child } from "./demo-child.js";
import { DemoMqtt, type DemoMqttFlags } from "./demo-mqtt.js";
import { demoSummary, summaryText } from "./demo-summary.js";
import { addBrokerOptions } from "./fleet-broker.js";
import { hottestText, powerText } from "./machine-text.js";
import { print, type JsonOption } from "./output.js";

/** Chips report this often in the demo, so that half a minute gives a hash rate to a percent. */
const DEMO_NONCES_PER_S = 400;
const DEMO_SHARES_PER_S = 10;
const STOCK_TICKET_DIFFICULTY = 256;
/** All chains have to mine this long after the start at the latest. */
const START_LIMIT_S = 120;
const POLL_MS = 1000;

interface DemoFlags extends JsonOption, DemoMqttFlags {
  readonly machine: string;
  readonly for?: number;
  readonly tools?: string;
}

export function registerDemoCommand(program: Command): void {
  const command = program
    .command("demo")
    .description(
      "mine without hardware: a test pool, virtual hashboards and the controller, each as it would run alone; an MQTT broker sees it, and ends it with a curtailment",
    )
    .option("--machine <name>", "machine (headframe boards list)", "s19k-pro")
    .option(
      "--for <time>",
      "mine for this long once all chains hash (30s, 10m), then stop and print a summary",
      parseSeconds,
    )
    .option("--broker <url>", "use this MQTT broker in place of one of the demo's own")
    .option(
      "--tools <address>",
      "answer the tools of operators at this address of the computer, as 127.0.0.1: the API of cgminer on port 4028",
    )
    .option("--json", "the summary as one JSON document");
  addBrokerOptions(command).action(async (flags: DemoFlags) => {
    const folder = mkdtempSync(join(tmpdir(), "headframe-demo-"));
    try {
      await demo(flags, folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** `30s`, `10m`, `1h` or plain seconds. */
function parseSeconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  const unit = { s: 1, m: 60, h: 3600 }[match?.[2] ?? "s"] ?? 1;
  const seconds = Number(match?.[1]) * unit;
  if (!(seconds > 0)) throw new InvalidArgumentError("expected a time like 30s, 10m or 1h");
  return seconds;
}

async function demo(flags: DemoFlags, folder: string): Promise<void> {
  const machine = loadDrivenMachine(flags.machine);
  const nominalThs = machineHashrateThs(machine, machine.freqMHz.nominal);
  const { TestPool } = await import("../virtual/pool/test-pool.js");
  const sharesPerS = (nominalThs * 1e12) / 2 ** 32;
  const pool = await TestPool.start({
    difficulty1Target: virtualNetwork().difficulty1Target,
    startDifficulty: powerOfTwo(sharesPerS / DEMO_SHARES_PER_S),
    vardiff: {
      sharesPerMinute: DEMO_SHARES_PER_S * 60,
      retargetIntervalS: 10,
      min: 1,
      max: 2 ** 30,
    },
    jobIntervalS: 5,
    blockIntervalS: 17,
  });
  const wires = join(folder, "wires");
  const data = join(folder, "data");
  const config = join(folder, "config.json");
  const allowInferred = inferredOnVirtual(machine);
  const settings = demoConfig(machine, pool.url, wires, sharesPerS, allowInferred);
  const children: Child[] = [];
  let mqtt: DemoMqtt | undefined;
  try {
    mqtt = await DemoMqtt.start(flags);
    const cgminer = flags.tools === undefined ? undefined : { listen: flags.tools };
    writeFileSync(config, JSON.stringify({ ...settings, mqtt: mqtt?.config, cgminer }, null, 2));
    say(`test pool on ${pool.url}, virtual ${machine.title}, controller; files in ${folder}`);
    if (mqtt !== undefined) say(`MQTT at ${mqtt.place}`);
    if (allowInferred.length > 0)
      say(`inferred values of the ${machine.title} are allowed here: ${allowInferred.join(", ")}`);
    const wiring = ["virtual", "--machine", machine.name, "--listen", wires, "--json"];
    const virtual = new Child("virtual", wiring, { isHardware: true });
    children.unshift(virtual);
    await virtual.firstLine();
    const controller = new Child("run", ["run", "--config", config, "--data", data]);
    children.unshift(controller);
    const last = await mine(flags.for, data, controller, pool);
    const stats = pool.stats();
    const seen = (await mqtt?.summary(!last.isInterrupted)) ?? null;
    const summary = demoSummary(machine.name, last.seconds, last.snapshot, stats, seen);
    print(summary, flags, () => summaryText(summary));
    if (summary.pool.accepted === 0) process.exitCode = 1;
  } finally {
    for (const child of children) await child.stop();
    await mqtt?.stop();
    await pool.stop();
  }
}

/** What the owner of such a machine would have to allow; nothing can break here. */
function inferredOnVirtual(machine: DrivenMachine): AllowableValue[] {
  return machine.controlBoards
    .filter((board) => board.virtual)
    .flatMap((board) => inferredNames(machine, board));
}

function demoConfig(
  machine: DrivenMachine,
  url: string,
  deviceDir: string,
  sharesPerS: number,
  allowInferred: readonly AllowableValue[],
): object {
  return {
    machine: machine.name,
    controlBoard: "virtual",
    allowInferred,
    deviceDir,
    network: "virtual",
    // The pool's own difficulty: half a minute is to show hundreds of shares.
    pools: [{ url, user: "demo.worker", password: "x", suggestDifficulty: 0 }],
    ticketDifficulty: Math.min(STOCK_TICKET_DIFFICULTY, powerOfTwo(sharesPerS / DEMO_NONCES_PER_S)),
    logLevel: "warn",
  };
}

/** The power of two at or below, at least 1. */
function powerOfTwo(value: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(value)));
}

/** Watches until the time is over, the user interrupts or something dies. */
async function mine(
  limitS: number | undefined,
  data: string,
  controller: Child,
  pool: TestPool,
): Promise<{ snapshot: Snapshot; seconds: number; isInterrupted: boolean }> {
  const startMs = performance.now();
  let miningSinceMs: number | undefined;
  const interruption = new AbortController();
  const interrupted = interruption.signal;
  process.once("SIGINT", () => {
    interruption.abort();
  });
  process.once("SIGTERM", () => {
    interruption.abort();
  });
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    controller.assertAlive();
    const snapshot = await statusOf(data);
    const nowMs = performance.now();
    const elapsedS = (nowMs - startMs) / 1000;
    if (snapshot !== undefined) {
      if (snapshot.chains.every(({ state }) => state === "hashing")) miningSinceMs ??= nowMs;
      say(progressText(elapsedS, snapshot, pool));
    }
    const seconds = miningSinceMs === undefined ? 0 : (nowMs - miningSinceMs) / 1000;
    const isOver = limitS !== undefined && miningSinceMs !== undefined && seconds >= limitS;
    const isInterrupted = interrupted.aborted;
    if (snapshot !== undefined && (isOver || isInterrupted))
      return { snapshot, seconds, isInterrupted };
    const isLate = miningSinceMs === undefined && elapsedS > START_LIMIT_S;
    if (isInterrupted || isLate) throw lateError(snapshot);
  }
}

async function statusOf(data: string): Promise<Snapshot | undefined> {
  try {
    return (await askController(data, "status")) as Snapshot;
  } catch (error) {
    if (isMinerError(error, "CONTROL_UNREACHABLE")) return undefined; // still starting
    throw error;
  }
}

function lateError(snapshot: Snapshot | undefined): MinerError {
  const failed =
    snapshot?.state.error ?? snapshot?.chains.find(({ error }) => error !== null)?.error;
  return failed === null || failed === undefined
    ? new MinerError("DEMO_NOT_MINING", { afterS: START_LIMIT_S })
    : new MinerError(failed.code, failed.context);
}

function progressText(elapsedS: number, snapshot: Snapshot, pool: TestPool): string {
  const { state, chains, hashrateThs, nominalThs } = snapshot;
  const states = chains.map((chain) => `${chain.state} ${String(chain.chips)}`).join(", ");
  const seconds = elapsedS.toFixed(0).padStart(4);
  if (nominalThs === 0)
    return `${seconds} s  ${state.is}  [${states}]  ${powerText(snapshot)}; ${hottestText(snapshot)}`;
  const { accepted, rejected, stale, difficulty } = pool.stats();
  return (
    `${seconds} s  [${states}]  ${hashrateThs.toFixed(1)} of ${nominalThs.toFixed(1)} TH/s  ` +
    `${powerText(snapshot)}; ${hottestText(snapshot)}  accepted ${String(accepted)} rejected ` +
    `${String(rejected)} stale ${String(stale)} difficulty ${String(difficulty)}`
  );
}

function say(text: string): void {
  process.stderr.write(`demo: ${text}\n`);
}
