import type { Snapshot } from "../../src/telemetry/snapshot.js";
import type { UpdateStatus } from "../../src/update/updates.js";
import type { Console } from "./console.js";
import type { ImageRig } from "./image-rig.js";

/** The controller: of the programs of Node the one that was started first. */
export const PROGRAM = "pidof node | tr ' ' '\\n' | sort -n | head -n 1";
const LOG = "/run/log/headframe.log";
const CLI_LIMIT_S = 90;

/** The booted system, looked at from a shell on its console. */
export class Guest {
  readonly #rig: ImageRig;

  constructor(rig: ImageRig) {
    this.#rig = rig;
  }

  run(command: string, withinS = 30): Promise<string> {
    return this.#console.run(command, withinS);
  }

  /** A command of the program, for its answer. */
  async headframe<Answer>(command: string): Promise<Answer> {
    // A console has one stream: what is told of progress goes apart.
    const said = `headframe ${command} --data /data/headframe --json 2>/run/said || { cat /run/said; false; }`;
    const text = await this.run(said, CLI_LIMIT_S);
    return JSON.parse(text) as Answer;
  }

  status(): Promise<Snapshot> {
    return this.headframe("status");
  }

  update(): Promise<UpdateStatus> {
    return this.headframe("update status");
  }

  /** Slot and version of what runs, as the system itself has it. */
  async running(): Promise<{ readonly slot: string; readonly version: string }> {
    const text = await this.run("cat /run/headframe/slot /etc/headframe/version");
    const [slot = "", version = ""] = text.split("\n");
    return { slot, version };
  }

  /** When the kernel had started what, and when the machine entered its states first; in seconds since the kernel began. */
  async bootTimes(): Promise<Record<string, number>> {
    const times = new Map<string, number>();
    for (const [, what, seconds] of this.#console.text.matchAll(/MARK (\w+) ([\d.]+)$/gm))
      times.set(what ?? "", Number(seconds));
    const uptimeS = await this.uptimeS();
    const beganMs = Number(await this.run("date +%s")) * 1000 - uptimeS * 1000;
    const log = await this.run(`grep '"msg":"machine"' ${LOG}`);
    for (const line of log.split("\n")) {
      const { state, time } = JSON.parse(line) as { state: string; time: number };
      if (!times.has(state)) times.set(state, Math.round((time - beganMs) / 100) / 10);
    }
    return { ...Object.fromEntries(times), share: uptimeS };
  }

  async uptimeS(): Promise<number> {
    return Number(await this.run("cut -d ' ' -f 1 /proc/uptime"));
  }

  /** For a test that failed. */
  async report(): Promise<string> {
    const printed = this.#console.text.slice(-3000);
    const log = await this.run(`tail -n 40 ${LOG} | cut -c 1-300`).catch(String);
    return [printed, log, JSON.stringify(this.#rig.wires.changes.slice(-20)), ""].join("\n");
  }

  get #console(): Console {
    return this.#rig.board.console;
  }
}
