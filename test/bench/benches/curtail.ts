import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { projectRoot } from "../../../src/lib/project-root.js";
import { monotonicUs } from "../monotonic.js";
import { PlainBroker } from "../../plain-broker.js";
import { Rig, type RigOptions } from "../rig.js";
import { atMost, type Bench, type BenchOptions, type Row } from "../rows.js";
import { maximum, percentile } from "../statistics.js";
import { TruthWatch } from "../truth-watch.js";
import { type CurtailAnswer, MqttOrders, mqttField } from "./mqtt-orders.js";

const LIMIT_MS = 1000;
const TRIES = 200;
const MQTT_TRIES = 100;
const MQTT_HASHING_EVERY = 20;
/** Of them with chips that hash: the rail then takes twelve seconds to empty, which the next start waits for. */
const HASHING_EVERY = 40;
const ENOUGH_FOR_P99 = 100;
const BY_COMMAND = 5;
const WHOLE_MACHINE = 3;
/** The enable line is on so long before the output rises: a curtailment by then leaves no rail to empty. */
const BEFORE_RISE_MS = 300;
/** Chips without voltage. */
const DARK_W = 1;
const TICKET_DIFFICULTY = 64;
const SHARE_DIFFICULTY = 256;
const LOW_MHZ = 100;
const POOL = { startDifficulty: SHARE_DIFFICULTY, jobIntervalS: 5, blockIntervalS: 0 };

/** One curtailment. */
interface Try {
  /** From the command until the virtual machine was known to have its enable line off. */
  readonly lineMs: number;
  /** The same until its chips took no power any more. */
  readonly darkMs: number;
}

/** Resolves when who curtails has heard that it is done. */
type Curtailing = (rig: Rig) => Promise<unknown>;

/** How long hash power stays on after somebody ordered it off. */
export const curtail: Bench = {
  name: "curtail",
  run: async (options) => {
    const broker = await PlainBroker.start();
    const many = await observe(oneChain(broker.url), options, async (rig, watch) => ({
      ...(await manyTries(rig, watch, options)),
      mqtt: await mqttTries(rig, watch, options, broker.url),
    })).finally(() => broker.stop());
    const whole = await observe(wholeMachine(options), options, wholeTries);
    const { mqtt } = many;
    return [
      ...rowsOf("curtail.line-off", many.orders, `${String(many.hashing.length)} of them hashing`),
      ...rowsOf("curtail.by-mqtt", mqtt.orders, `${String(mqtt.hashing.length)} of them hashing`),
      ...receiptRows(mqtt),
      ...rowsOf("curtail.by-command", many.commands, "by `headframe curtail`, its start included"),
      ...rowsOf("curtail.whole-machine", whole, "three chains that hash"),
      darkRow([...many.hashing, ...mqtt.hashing, ...whole]),
    ];
  },
};

function oneChain(broker: string): RigOptions {
  return {
    ticketDifficulty: TICKET_DIFFICULTY,
    chains: [0],
    hasQuickParts: true,
    config: { freqMHz: LOW_MHZ, mqtt: mqttField(broker) },
    pool: POOL,
  };
}

function wholeMachine({ isQuick }: BenchOptions): RigOptions {
  return {
    ticketDifficulty: TICKET_DIFFICULTY,
    hasControllers: true,
    hasQuickParts: isQuick,
    pool: POOL,
  };
}

async function observe<Result>(
  rigOptions: RigOptions,
  options: BenchOptions,
  tries: (rig: Rig, watch: TruthWatch, options: BenchOptions) => Promise<Result>,
): Promise<Result> {
  options.say("curtail: a machine comes up");
  const rig = await Rig.start(rigOptions);
  const watch = new TruthWatch(rig.virtualSocket);
  try {
    await rig.untilMining();
    return await tries(rig, watch, options);
  } finally {
    watch.close();
    await rig.stop();
  }
}

async function manyTries(
  rig: Rig,
  watch: TruthWatch,
  { isQuick, say }: BenchOptions,
): Promise<Tries & { readonly commands: readonly Try[] }> {
  const commands: Try[] = [];
  say("curtail: many times");
  const count = isQuick ? TRIES / 10 : TRIES;
  const tries = await repeated(rig, watch, { count, hashingEvery: HASHING_EVERY }, byOrder);
  say("curtail: by command");
  for (let number = 0; number < (isQuick ? 1 : BY_COMMAND); number++) {
    await rig.untilMining();
    commands.push(await curtailOnce(rig, watch, byCommand));
    await resume(rig, watch);
  }
  return { ...tries, commands };
}

interface MqttTries extends Tries {
  readonly answerMs: readonly number[];
  readonly verified: number;
}

/** Orders of somebody at a broker, and what their receipts are worth. */
async function mqttTries(
  rig: Rig,
  watch: TruthWatch,
  { isQuick, say }: BenchOptions,
  url: string,
): Promise<MqttTries> {
  say("curtail: by MQTT");
  const orders = await MqttOrders.open(url);
  const answers: CurtailAnswer[] = [];
  const answerMs: number[] = [];
  const byMqtt = async (): Promise<void> => {
    const fromUs = monotonicUs();
    answers.push(await orders.curtail());
    answerMs.push((monotonicUs() - fromUs) / 1000);
  };
  try {
    const count = isQuick ? MQTT_TRIES / 10 : MQTT_TRIES;
    const tries = await repeated(rig, watch, { count, hashingEvery: MQTT_HASHING_EVERY }, byMqtt);
    return { ...tries, answerMs, verified: orders.verified(answers) };
  } finally {
    await orders.close();
  }
}

interface Tries {
  readonly orders: readonly Try[];
  readonly hashing: readonly Try[];
}

/** The first try and some later ones find chips that hash, the others a supply that has just been switched on. */
async function repeated(
  rig: Rig,
  watch: TruthWatch,
  { count, hashingEvery }: { readonly count: number; readonly hashingEvery: number },
  curtailing: Curtailing,
): Promise<Tries> {
  const orders: Try[] = [];
  const hashing: Try[] = [];
  for (let number = 0; number < count; number++) {
    const isHashing = number % hashingEvery === 0;
    if (isHashing) await rig.untilMining();
    else await sleep(Math.random() * BEFORE_RISE_MS);
    const one = await curtailOnce(rig, watch, curtailing);
    orders.push(one);
    if (isHashing) hashing.push(one);
    await resume(rig, watch);
  }
  return { orders, hashing };
}

async function wholeTries(
  rig: Rig,
  watch: TruthWatch,
  { isQuick, say }: BenchOptions,
): Promise<readonly Try[]> {
  const tries: Try[] = [];
  for (let number = 0; number < (isQuick ? 1 : WHOLE_MACHINE); number++) {
    say("curtail: the whole machine");
    if (number > 0) await resume(rig, watch);
    await rig.untilMining();
    tries.push(await curtailOnce(rig, watch, byOrder));
  }
  return tries;
}

/** The virtual machine is asked without a pause: its answer is at least as old as its way. */
async function curtailOnce(rig: Rig, watch: TruthWatch, curtailing: Curtailing): Promise<Try> {
  const { isEnabled } = await watch.now();
  if (!isEnabled) throw new Error("the machine is off before it is curtailed");
  const fromUs = monotonicUs();
  const told = curtailing(rig);
  const off = await watch.until("enable line off", (truth) => !truth.isEnabled);
  const dark = await watch.until("chips without power", ({ chipsW }) => chipsW < DARK_W);
  await told;
  return { lineMs: (off.atUs - fromUs) / 1000, darkMs: (dark.atUs - fromUs) / 1000 };
}

function byOrder(rig: Rig): Promise<unknown> {
  return rig.order("curtail");
}

function byCommand(rig: Rig): Promise<unknown> {
  const program = join(projectRoot(), "dist/cli.js");
  const args = [program, "curtail", "--data", rig.dataFolder];
  return once(spawn(process.execPath, args, { stdio: "ignore" }), "exit");
}

/** Resolves when the enable line is on again. */
async function resume(rig: Rig, watch: TruthWatch): Promise<void> {
  await rig.order("resume");
  await watch.until("enable line on", ({ isEnabled }) => isEnabled);
}

/** Of a few tries the 99th percentile would be the worst by another name. */
function rowsOf(name: string, tries: readonly Try[], of: string): readonly Row[] {
  const samplesMs = tries.map(({ lineMs }) => lineMs);
  const note = `${String(tries.length)} tries; ${of}`;
  const limit = atMost(LIMIT_MS);
  const p99 = { name: `${name}.p99`, figure: percentile(samplesMs, 99), unit: "ms", limit, note };
  return [
    { name: `${name}.p50`, figure: percentile(samplesMs, 50), unit: "ms", note },
    ...(tries.length < ENOUGH_FOR_P99 ? [] : [p99]),
    { name: `${name}.worst`, figure: maximum(samplesMs), unit: "ms", limit, note },
  ];
}

function receiptRows({ orders, answerMs, verified }: MqttTries): readonly Row[] {
  const note = "signature by openssl, miner and order by what it says";
  const limit = { is: "atLeast", value: orders.length } as const;
  const p95 = percentile(answerMs, 95);
  return [
    { name: "curtail.by-mqtt.answer.p95", figure: p95, unit: "ms", note: "with its receipt" },
    { name: "curtail.by-mqtt.receipts", figure: verified, unit: "verified", limit, note },
  ];
}

/** The capacitors of the rail feed the chips a little longer. */
function darkRow(tries: readonly Try[]): Row {
  return {
    name: "curtail.chips-dark.worst",
    figure: maximum(tries.map(({ darkMs }) => darkMs)),
    unit: "ms",
    limit: atMost(LIMIT_MS),
    note: `${String(tries.length)} tries with chips that hashed, until they took no power`,
  };
}
