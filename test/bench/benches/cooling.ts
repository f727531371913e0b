import { setTimeout as sleep } from "node:timers/promises";
import { WarmMachine, type WarmOptions, type WarmSecond } from "../../unit/cooling/warm-machine.js";
import { Rig } from "../rig.js";
import { atMost, type Bench, type Limit, type Row } from "../rows.js";
import { maximum } from "../statistics.js";

/** From the first clock to a machine that stands still, by far. */
const SETTLED_S = 600;
/** Settled: it does not leave this band around its target any more. */
const BAND_C = 1;
/** What steady error and ripple are taken from. */
const STEADY_S = 300;
/** Of the real run: start, rise and some steady minutes. */
const REAL_S = 420;
const REAL_STEADY_S = 120;
const LOOK_MS = 1000;

/** Step response and steady error of the cooling: on the heat of the virtual machine in virtual time, and a real run. */
export const cooling: Bench = {
  name: "cooling",
  run: async ({ isQuick, say }) => {
    const rows: Row[] = [];
    for (const machine of ["s19k-pro", "s21"]) {
      say(`cooling: ${machine} in virtual time`);
      rows.push(...(await responseRows(machine)));
    }
    rows.push(...(await limitRows()));
    if (!isQuick) rows.push(...(await realRows(say)));
    return rows;
  },
};

async function responseRows(name: string): Promise<readonly Row[]> {
  const machine = await startWarm({ machine: name });
  const { targetC } = machine.plan.board;
  const rise = await machine.run(SETTLED_S);
  const steady = await machine.run(STEADY_S);
  machine.body.setAmbientC(35);
  const step = await machine.run(SETTLED_S);
  const note = `virtual time, cold start at 25 C, full clock, target ${String(targetC)} C`;
  const over = (trace: readonly WarmSecond[]): number =>
    Math.max(0, maximum(trace.map(({ hottestC }) => hottestC)) - targetC);
  const settledAt = rise.findLastIndex(({ hottestC }) => Math.abs(hottestC - targetC) > BAND_C) + 1;
  const duties = steady.map(({ dutyPct }) => dutyPct);
  return [
    row(`cooling.${name}.overshoot`, over(rise), "C", atMost(4), note),
    row(`cooling.${name}.settling`, settledAt, "s", atMost(300), `${note}, to within 1 C`),
    row(
      `cooling.${name}.steady-error`,
      meanError(steady, targetC),
      "C",
      atMost(0.5),
      `${note}, mean`,
    ),
    row(
      `cooling.${name}.ripple`,
      maximum(duties) + maximum(duties.map((pct) => -pct)),
      "% duty",
      atMost(3),
      `${note}, highest less lowest of ${String(STEADY_S)} s`,
    ),
    row(
      `cooling.${name}.warm-room`,
      over(step),
      "C",
      atMost(machine.plan.board.throttleC - targetC),
      "above target after the room went from 25 to 35 C at once; to hold: no throttling",
    ),
  ];
}

/** What is taken from the clock when fans may not or cannot do more. */
async function limitRows(): Promise<readonly Row[]> {
  const quiet = await startWarm({ wish: { maxDutyPct: 45 } });
  await quiet.run(1800);
  const hot = await startWarm({ ambientC: 46 });
  await hot.run(1800);
  const off = await startWarm({});
  await off.run(SETTLED_S);
  off.powerOff();
  const after = await off.run(300);
  const last = quiet.trace.at(-1);
  return [
    row(
      "cooling.quiet.hottest",
      hottest(quiet.trace),
      "C",
      atMost(quiet.plan.board.throttleC),
      `virtual time, S19k Pro, cap 45 %, room 25 C; clock at ${String(last?.powerSharePct)} % in the end`,
    ),
    row(
      "cooling.hot-room.hottest",
      hottest(hot.trace),
      "C",
      atMost(74),
      `virtual time, S19k Pro, room 46 C, cut at 75; clock at ${String(hot.trace.at(-1)?.powerSharePct)} % in the end`,
    ),
    row(
      "cooling.run-on",
      after.findIndex(({ reason }) => reason === "cool"),
      "s",
      atMost(300),
      "virtual time, from power-off at the target until all is below 45 C",
    ),
  ];
}

/** The built daemon on the virtual machine, with nominal clock and real seconds. */
async function realRows(say: (text: string) => void): Promise<readonly Row[]> {
  say("cooling: three chains at nominal clock come up");
  const rig = await Rig.start({
    ticketDifficulty: 256,
    pool: { startDifficulty: 1024, jobIntervalS: 5, blockIntervalS: 0 },
  });
  try {
    await rig.untilMining();
    say(`cooling: ${String(REAL_S)} s of warming up`);
    const seen: { hottestC: number; dutyPct: number; targetC: number }[] = [];
    for (const endMs = performance.now() + REAL_S * 1000; performance.now() < endMs;) {
      const { hottestC, cooling: now } = await rig.status();
      seen.push({ hottestC: hottestC ?? NaN, dutyPct: now.dutyPct, targetC: now.targetC ?? NaN });
      await sleep(LOOK_MS);
    }
    const targetC = seen.at(-1)?.targetC ?? NaN;
    const steady = seen.slice(-REAL_STEADY_S);
    const note = "real time, built daemon, S19k Pro at its nominal clock, 25 C";
    const over = maximum(seen.map((each) => each.hottestC)) - targetC;
    return [
      row("cooling.real.overshoot", Math.max(0, over), "C", atMost(4), note),
      row(
        "cooling.real.steady-error",
        meanError(steady, targetC),
        "C",
        atMost(0.5),
        `${note}; duty ${steady.at(-1)?.dutyPct.toFixed(0) ?? "-"} % in the end`,
      ),
    ];
  } finally {
    await rig.stop();
  }
}

function startWarm(options: WarmOptions): Promise<WarmMachine> {
  return new WarmMachine(options).start();
}

function hottest(trace: readonly WarmSecond[]): number {
  return maximum(trace.map(({ hottestC }) => hottestC));
}

function meanError(trace: readonly { readonly hottestC: number }[], targetC: number): number {
  const errors = trace.map(({ hottestC }) => Math.abs(hottestC - targetC));
  return errors.reduce((sum, each) => sum + each, 0) / errors.length;
}

function row(name: string, figure: number, unit: string, limit: Limit, note: string): Row {
  return { name, figure, unit, limit, note };
}
