import { setTimeout as sleep } from "node:timers/promises";
import { Rig } from "../rig.js";
import { atMost, type Bench, type BenchOptions, type Row } from "../rows.js";
import { maximum, percentile } from "../statistics.js";
import { TruthWatch, type Truth } from "../truth-watch.js";

/** Documented: design, figures to hold; docs/adr/0016-guard.md. */
const LIMIT_MS = 500;
const TRIES = 30;
/** The enable line is on so long before the output rises: a cut by then leaves no rail to empty. */
const BEFORE_RISE_MS = 300;
const POOL = { startDifficulty: 256, jobIntervalS: 5, blockIntervalS: 0 };

/** What becomes of the controller, and the signal that makes it so. */
const ENDS = [
  { name: "blocked", signal: "SIGHUP", of: "event loop blocked" },
  { name: "sigsegv", signal: "SIGSEGV", of: "SIGSEGV" },
  { name: "kill-9", signal: "SIGKILL", of: "kill -9" },
  { name: "stopped", signal: "SIGSTOP", of: "SIGSTOP" },
] as const;

/** How long the enable line stays on after the controller has ceased to look after it. */
export const guard: Bench = {
  name: "guard",
  run: async (options) => {
    const rows: Row[] = [];
    for (const end of ENDS) rows.push(...(await rowsOf(end, options)));
    return rows;
  },
};

async function rowsOf(
  { name, signal, of }: (typeof ENDS)[number],
  { isQuick, say }: BenchOptions,
): Promise<readonly Row[]> {
  say(`guard: ${of}`);
  const samplesMs: number[] = [];
  for (let number = 0; number < (isQuick ? 2 : TRIES); number++)
    samplesMs.push(await untilOffMs(signal));
  const note = `${String(samplesMs.length)} tries; ${of}, to the enable line off`;
  return [
    { name: `guard.${name}.p50`, figure: percentile(samplesMs, 50), unit: "ms", note },
    { name: `guard.${name}.p99`, figure: percentile(samplesMs, 99), unit: "ms", note },
    {
      ...{ name: `guard.${name}.worst`, figure: maximum(samplesMs), unit: "ms" },
      ...{ limit: atMost(LIMIT_MS), note },
    },
  ];
}

/** A controller a try: most of them do not outlive it. */
async function untilOffMs(signal: NodeJS.Signals): Promise<number> {
  const block = new URL("../../simulated/block.mjs", import.meta.url).href;
  const rig = await Rig.start({
    ...{ ticketDifficulty: 64, chains: [0], hasQuickParts: true, pool: POOL },
    nodeArguments: ["--import", block],
  });
  const watch = new TruthWatch(rig.virtualSocket);
  try {
    await watch.until("enable line on", ({ isEnabled }) => isEnabled);
    await sleep(Math.random() * BEFORE_RISE_MS);
    const fromUnixMs = performance.timeOrigin + performance.now();
    process.kill(rig.controllerPid, signal);
    const isOff = ({ isEnabled }: Truth): boolean => !isEnabled;
    // The virtual machine dates it, so that nobody need look all the time.
    const { offUnixMs = Infinity } = await watch.until("line off", isOff, { intervalMs: 100 });
    return offUnixMs - fromUnixMs;
  } finally {
    watch.close();
    await rig.stop();
  }
}
