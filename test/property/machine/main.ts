import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { caseIdentity, replayCase, runRandomCase, type CaseOutcome } from "./run-case.js";
import { historyText, parseHistory, shrink } from "./shrink.js";

/** Long enough for faults to pile up, short enough to be shrunk. */
const CASE_STEPS = 300;
/** Progress is told every 150,000 steps. */
const CASES_TOLD = 500;
const FAILURES_DIR = "build/property";
/** What one mistake breaks, it breaks again and again. */
const MOST_FAILURES = 5;
/** Files in memory where that is to be had: thousands of them are written durably. */
const MEMORY_DIR = "/dev/shm";

/** There is a worker for each core: threads of the collector would only take it from the others. */
const GC_FLAGS = ["--single-threaded-gc", "--max-semi-space-size=32"];

/** What one case came to, for the sum. */
interface CaseReport {
  readonly number: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly onMs: number;
  readonly stepsOn: number;
  readonly excusedMs: Readonly<Record<string, number>>;
  /** What broke, and how to see it again. */
  readonly failure?: string;
}

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    steps: { type: "string", default: "200000" },
    /** Only this one of the cases that the seed makes. */
    case: { type: "string" },
    /** The first of the cases, to go on with a run that was broken off. */
    from: { type: "string", default: "0" },
    replay: { type: "string" },
    jobs: { type: "string", default: String(availableParallelism()) },
    /** Of the parent to its children. */
    worker: { type: "string" },
  },
});

const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
const cases = Math.ceil(Number(values.steps) / CASE_STEPS);
const first = Number(values.from);
const jobs = Number(values.jobs);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function inFolder<Result>(action: (dir: string) => Promise<Result>): Promise<Result> {
  const parent = existsSync(MEMORY_DIR) ? MEMORY_DIR : tmpdir();
  const dir = mkdtempSync(join(parent, "headframe-property-"));
  try {
    return await action(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function reportCase(number: number, dir: string): Promise<CaseReport> {
  const outcome = await runRandomCase(caseIdentity(seed, number), CASE_STEPS, dir);
  const { steps, virtualMs, onMs, stepsOn } = outcome;
  const excusedMs = Object.fromEntries(outcome.excusedMs);
  const report = { number, steps: steps.length, virtualMs, onMs, stepsOn, excusedMs };
  if (outcome.violation === undefined) return report;
  return { ...report, failure: await tell(number, outcome, dir) };
}

async function tell(number: number, outcome: CaseOutcome, dir: string): Promise<string> {
  const small = await shrink(outcome, dir);
  mkdirSync(FAILURES_DIR, { recursive: true });
  const file = join(FAILURES_DIR, `failure-${seed}-${number}.json`);
  writeFileSync(file, historyText(small));
  const { promise, facts, atMs } = small.violation ?? {};
  return [
    `case ${number} of seed ${seed} on ${outcome.identity.machineName}: broken: ${promise ?? ""}`,
    `  ${facts ?? ""}; at ${atMs ?? 0} ms`,
    ...small.steps.map((step) => `  ${JSON.stringify(step)}`),
    `  again: scripts/check/property --replay ${file}`,
    `  unshrunk: scripts/check/property --seed ${seed} --case ${number}`,
  ].join("\n");
}

/** Every so many cases of the seed; each is told to the parent. */
async function work(worker: number): Promise<void> {
  await inFolder(async (dir) => {
    for (let number = first + worker; number < cases; number += jobs)
      process.send?.(await reportCase(number, dir));
  });
  process.disconnect();
}

/** Says every so often how far a long run came, and how to go on from there. */
class Progress {
  readonly #ahead = new Set<number>();
  #next = first;

  note(number: number): void {
    this.#ahead.add(number);
    while (this.#ahead.delete(this.#next)) {
      this.#next += 1;
      if ((this.#next - first) % CASES_TOLD === 0)
        say(`${this.#next * CASE_STEPS} steps; to go on: --seed ${seed} --from ${this.#next}`);
    }
  }
}

async function runAll(): Promise<readonly CaseReport[]> {
  const reports: CaseReport[] = [];
  const progress = new Progress();
  const args = [
    ...[`--seed=${seed}`, `--steps=${values.steps}`, `--from=${first}`, `--jobs=${jobs}`],
  ];
  const children = Array.from({ length: jobs }, (_, worker) =>
    fork(fileURLToPath(import.meta.url), [...args, `--worker=${worker}`], {
      execArgv: [...process.execArgv, ...GC_FLAGS],
    }),
  );
  const ends = children.map(
    (child, worker) =>
      new Promise<void>((resolve) => {
        child.on("message", (report: CaseReport) => {
          reports.push(report);
          progress.note(report.number);
          if (report.failure !== undefined) say(report.failure);
          const failed = reports.filter(({ failure }) => failure !== undefined).length;
          if (failed >= MOST_FAILURES) for (const each of children) each.kill();
        });
        child.on("exit", (code) => {
          if (code !== 0 && child.signalCode !== "SIGTERM") {
            const failure = `worker ${worker} of seed ${seed} ended with ${code ?? "a signal"}`;
            say(failure);
            const none = { steps: 0, virtualMs: 0, onMs: 0, stepsOn: 0, excusedMs: {} };
            reports.push({ number: -1, ...none, failure });
          }
          resolve();
        });
      }),
  );
  await Promise.all(ends);
  return reports;
}

function sum(reports: readonly CaseReport[], pick: (report: CaseReport) => number): number {
  return reports.reduce((total, report) => total + pick(report), 0);
}

function summarize(reports: readonly CaseReport[], tookS: number): void {
  const hours = (ms: number): string => (ms / 3_600_000).toFixed(1);
  const steps = sum(reports, (report) => report.steps);
  const virtualMs = sum(reports, ({ virtualMs }) => virtualMs);
  const onMs = sum(reports, ({ onMs }) => onMs);
  say(
    `${steps} steps in ${tookS.toFixed(0)} s: ${hours(virtualMs)} hours of machines, ${hours(onMs)} of them on`,
  );
  say(`${sum(reports, ({ stepsOn }) => stepsOn)} steps met the power on`);
  const names = new Set(reports.flatMap(({ excusedMs }) => Object.keys(excusedMs)));
  for (const name of names)
    say(`excused ${name}: ${hours(sum(reports, ({ excusedMs }) => excusedMs[name] ?? 0))} hours`);
  const failed = reports.filter(({ failure }) => failure !== undefined).length;
  say(`${reports.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

async function replay(file: string): Promise<void> {
  const { identity, steps } = parseHistory(readFileSync(file, "utf8"));
  const { violation } = await inFolder((dir) => replayCase(identity, steps, dir));
  say(violation === undefined ? "no promise is broken" : JSON.stringify(violation, undefined, 2));
  if (violation !== undefined) process.exitCode = 1;
}

if (values.replay !== undefined) await replay(values.replay);
else if (values.worker !== undefined) await work(Number(values.worker));
else {
  say(`seed ${seed}`);
  const startMs = performance.now();
  const reports =
    values.case === undefined
      ? await runAll()
      : [await inFolder((dir) => reportCase(Number(values.case), dir))];
  for (const { failure } of values.case === undefined ? [] : reports) say(failure ?? "");
  summarize(reports, (performance.now() - startMs) / 1000);
}
