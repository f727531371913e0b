import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { FleetReport } from "../../src/commands/fleet-report.js";
import { projectRoot } from "../../src/lib/project-root.js";

const LIMIT_S = 300;
const LOOK_MS = 100;
/** After it connected, what it retains is still under way. */
const REST_MS = 8000;

const CLI = join(projectRoot(), "dist/cli.js");

/** `headframe fleet`, with what it last said. */
export class RunningFleet {
  readonly #process: ChildProcess;
  #report: FleetReport | undefined;

  constructor(url: string, miners: number, more: readonly string[] = []) {
    const of = ["--miners", String(miners), "--broker", url, "--json"];
    const args = [CLI, "fleet", ...of, ...more];
    this.#process = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
    const { stdout } = this.#process;
    if (stdout === null) throw new Error("no output");
    createInterface({ input: stdout }).on("line", (line) => {
      this.#report = JSON.parse(line) as FleetReport;
    });
  }

  get report(): FleetReport {
    if (this.#report === undefined) throw new Error("the fleet has said nothing yet");
    return this.#report;
  }

  /** Resolves with the seconds that it took. */
  async until(holds: (report: FleetReport) => boolean): Promise<number> {
    const from = performance.now();
    while (this.#report === undefined || !holds(this.#report)) {
      if (performance.now() - from > LIMIT_S * 1000)
        throw new Error(`the fleet does not get there: ${JSON.stringify(this.#report)}`);
      if (this.#process.exitCode !== null) throw new Error("the fleet has ended");
      await sleep(LOOK_MS);
    }
    return (performance.now() - from) / 1000;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    this.#process.kill("SIGTERM");
    const limit = setTimeout(() => this.#process.kill("SIGKILL"), 30_000);
    await once(this.#process, "close");
    clearTimeout(limit);
  }
}

/** Megabytes of a process with one miner. */
export async function memoryOfOne(url: string, more: readonly string[] = []): Promise<number> {
  const one = new RunningFleet(url, 1, ["--first", "1000000", ...more]);
  try {
    await one.until(({ connected }) => connected === 1);
    await sleep(REST_MS);
    return one.report.rssMb;
  } finally {
    await one.stop();
  }
}
