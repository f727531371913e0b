import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { projectRoot } from "../../../src/lib/project-root.js";
import { monotonicUs } from "../monotonic.js";
import { Rig, type RigOptions } from "../rig.js";
import { atMost, type Bench, type BenchOptions, type Row } from "../rows.js";
import { maximum, percentile } from "../statistics.js";
import { TruthWatch } from "../truth-watch.js";

const LIMIT_MS = 1000;
const TRIES = 200;
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
    const many = await observe(oneChain(), options, manyTries);
    const whole = await observe(wholeMachine(options), options, wholeTries);
    return [
      ...rowsOf("curtail.line-off", many.orders, `${String(many.hashing.length)} of them hashing`),
      ...rowsOf("curtail.by-command", many.commands, "by `headframe curtail`, its start included"),
      ...rowsOf("curtail.whole-machine", whole, "three chains that hash"),
      darkRow([...many.hashing, ...whole]),
    ];
  },
};

function oneChain(): RigOptions {
  return {
    ticketDifficulty: TICKET_DIFFICULTY,
    chains: [0],
    hasQuickParts: true,
    config: { freqMHz: LOW_MHZ },
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
): Promise<{
  readonly orders: readonly Try[];
  readonly hashing: readonly Try[];
  readonly commands: readonly Try[];
}> {
  const orders: Try[] = [];
  const hashing: Try[] = [];
  const commands: Try[] = [];
  say("curtail: many times");
  const count = isQuick ? TRIES / 10 : TRIES;
  for (let number = 0; number < count; number++) {
    const isHashing = number % HASHING_EVERY === 0;
    if (isHashing) await rig.untilMining();
    else await sleep(Math.random() * BEFORE_RISE_MS);
    const one = await curtailOnce(rig, watch, byOrder);
    orders.push(one);
    if (isHashing) hashing.push(one);
    await resume(rig, watch);
  }
  say("curtail: by command");
  for (let number = 0; number < (isQuick ? 1 : BY_COMMAND); number++) {
    await rig.untilMining();
    commands.push(await curtailOnce(rig, watch, byCommand));
    await resume(rig, watch);
  }
  return { orders, hashing, commands };
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

function rowsOf(name: string, tries: readonly Try[], of: string): readonly Row[] {
  const samplesMs = tries.map(({ lineMs }) => lineMs);
  const note = `${String(tries.length)} tries; ${of}`;
  return [
    { name: `${name}.p50`, figure: percentile(samplesMs, 50), unit: "ms", note },
    {
      // Of a few tries the 99th percentile would be the worst by another name.
      ...(tries.length < ENOUGH_FOR_P99
        ? { name: `${name}.worst`, figure: maximum(samplesMs) }
        : { name: `${name}.p99`, figure: percentile(samplesMs, 99) }),
      ...{ unit: "ms", limit: atMost(LIMIT_MS) },
      note: `${note}; worst ${maximum(samplesMs).toFixed(1)} ms`,
    },
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
