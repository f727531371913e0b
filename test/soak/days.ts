// Days of a machine's ordinary life in one process on a clock moved by hand; fails when its memory grows.
// usage: scripts/soak days [--days N] [--seed N]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createLogger } from "../../src/lib/logger.js";
import { MachineRig } from "../property/machine/machine-rig.js";
import type { Step } from "../property/machine/step.js";

const HOUR_MS = 3_600_000;
const MB = 2 ** 20;
/** Of the run: code is compiled, caches fill. Inferred. */
const WARM_UP_SHARE = 0.25;
/** What the straight line through all samples after the warm-up may rise over their time. Inferred: noise of V8. */
const MOST_RISE_MB = { heapMb: 1, rssMb: 8 };

interface Sample {
  readonly hour: number;
  readonly heapMb: number;
  readonly rssMb: number;
}

/** What one hour after the other brings, over and over; what is left of it the machine hashes. */
const LIFE: readonly (readonly Step[])[] = [
  [
    { do: "command", command: "pause" },
    { do: "wait", ms: 60_000 },
    { do: "command", command: "resume" },
  ],
  [
    { do: "command", command: "curtail" },
    { do: "wait", ms: 300_000 },
    { do: "command", command: "resume" },
  ],
  // It trips, and recovers when all is well again.
  [
    { do: "fault", name: "fanStalled", given: { fan: 1 } },
    { do: "wait", ms: 60_000 },
    { do: "heal" },
  ],
  [
    { do: "room", tempC: 35 },
    { do: "wait", ms: 600_000 },
    { do: "room", tempC: 25 },
  ],
];

const { values } = parseArgs({
  options: { days: { type: "string", default: "30" }, seed: { type: "string", default: "1" } },
});
const hours = Math.round(Number(values.days) * 24);
const collect = globalThis.gc;
if (collect === undefined) throw new Error("needs node --expose-gc");

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function sampleAfter(hour: number): Promise<Sample> {
  // What the collection frees at the end of a turn is free in the second one.
  for (let round = 0; round < 2; round += 1) {
    collect?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { hour, heapMb: heapUsed / MB, rssMb: rss / MB };
}

/** One hour of the clock; says how much of it the output was on. */
async function liveHour(rig: MachineRig, hour: number): Promise<number> {
  const onMs = rig.oracle.onMs;
  const endMs = hour * HOUR_MS;
  for (const step of LIFE[hour % LIFE.length] ?? []) await rig.apply(step);
  await rig.apply({ do: "wait", ms: endMs - rig.clock.nowMs() });
  const { violation } = rig.oracle.promises;
  if (violation !== undefined) throw new Error(`broken in hour ${hour}: ${violation.promise}`);
  return rig.oracle.onMs - onMs;
}

/** Of the straight line with the least squares, over the time from the first sample to the last. */
function riseMb(samples: readonly Sample[], pick: (sample: Sample) => number): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const meanHour = mean(({ hour }) => hour);
  const meanMb = mean(pick);
  const square = mean(({ hour }) => (hour - meanHour) ** 2);
  const slope = mean((sample) => (sample.hour - meanHour) * (pick(sample) - meanMb)) / square;
  return slope * ((samples.at(-1)?.hour ?? 0) - (samples[0]?.hour ?? 0));
}

function judge(samples: readonly Sample[]): void {
  const measured = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  if (measured.length < 3) throw new Error("too short to be judged");
  for (const [name, limitMb] of Object.entries(MOST_RISE_MB)) {
    const rise = riseMb(measured, (sample) => sample[name as keyof typeof MOST_RISE_MB]);
    say(`${name} rises ${rise.toFixed(2)} in ${measured.length} hours; at most ${limitMb}`);
    if (!(rise < limitMb)) process.exitCode = 1;
  }
}

const parent = mkdtempSync(join(tmpdir(), "headframe-days-"));
const rig = new MachineRig({
  ...{ dir: join(parent, "machine"), machineName: "s19k-pro", seed: Number(values.seed) },
  log: createLogger("silent"),
});
try {
  say(`seed ${values.seed}; accelerated: the clock of the controller and of the machine`);
  say("not there: native threads and guard, chains' controllers, pools, sockets, ttys, journal");
  const startMs = performance.now();
  const samples: Sample[] = [];
  let onMs = 0;
  await rig.apply({ do: "start" });
  for (let hour = 1; hour <= hours; hour += 1) {
    onMs += await liveHour(rig, hour);
    const sample = await sampleAfter(hour);
    samples.push(sample);
    const { heapMb, rssMb } = sample;
    const tookS = Math.round((performance.now() - startMs) / 1000);
    say(`hour ${hour}: heap ${heapMb.toFixed(2)} MB, RSS ${rssMb.toFixed(1)} MB; ${tookS} s`);
  }
  say(`on for ${(onMs / HOUR_MS).toFixed(1)} of ${hours} hours`);
  judge(samples);
} finally {
  rig.close();
  rmSync(parent, { recursive: true, force: true });
}
