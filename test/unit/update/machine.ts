import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, type Clock } from "../../../src/lib/clock.js";
import type { MinerError } from "../../../src/lib/errors.js";
import type { HealthFacts } from "../../../src/update/health-gate.js";
import { parseChoice, choiceText } from "../../../src/update/slot-choice.js";
import { Update } from "../../../src/update/update-config.js";
import type { UpdateParts } from "../../../src/update/update-parts.js";
import { Updates } from "../../../src/update/updates.js";
import { BOARD } from "./bundles.js";

const SLOT_BYTES = 8192;

/** A machine with two slots that are files, and the first stage of its boot. */
export class Machine {
  readonly dir: string;
  readonly told: string[] = [];
  readonly troubles: MinerError[] = [];
  readonly manual = new ManualClock();
  /** Waits pass at once, timers stand until the clock is moved. */
  readonly clock: Clock = {
    nowMs: () => this.manual.nowMs(),
    unixMs: () => this.manual.unixMs(),
    sleep: (_, signal) => Promise.resolve(signal?.throwIfAborted()),
    after: (ms, callback) => this.manual.after(ms, callback),
  };
  health: HealthFacts = { isWanted: true, state: "hashing", accepted: 0, hottestC: 50, trips: 0 };
  reboots = 0;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async make(makerKey: string): Promise<Machine> {
    const machine = new Machine(await mkdtemp(join(tmpdir(), "headframe-update-")));
    await mkdir(machine.at("keys"));
    await writeFile(machine.at("keys/maker.pub"), `untrusted comment: maker\n${makerKey}\n`);
    for (const slot of ["a", "b"])
      await writeFile(machine.at(slot), Buffer.alloc(SLOT_BYTES, slot));
    await writeFile(machine.at("slot"), "a\n");
    return machine;
  }

  at(name: string): string {
    return join(this.dir, name);
  }

  parts(change: Partial<UpdateParts> = {}): UpdateParts {
    return {
      config: Update.parse({
        slots: { a: this.at("a"), b: this.at("b") },
        ...{ runningSlotFile: this.at("slot"), choiceFile: this.at("boot/slots.env") },
        ...{ makerKeysDir: this.at("keys"), health: { forS: 10, shares: 2, withinS: 60 } },
      }),
      ...{ dataDir: this.dir, board: BOARD, version: "1.0.0", clock: this.clock },
      health: () => this.health,
      reboot: () => (this.reboots += 1),
      tell: (what) => this.told.push(what),
      onTrouble: (error) => this.troubles.push(error),
      ...change,
    };
  }

  open(change: Partial<UpdateParts> = {}): Promise<Updates> {
    return Updates.open(this.parts(change));
  }

  /** What the initramfs does. Resolves with the slot that it boots. */
  async boot(): Promise<string> {
    const text = await readFile(this.at("boot/slots.env"), "utf8").catch(() => "");
    const choice = parseChoice(text);
    let slot = choice?.active ?? "a";
    if (choice?.trial !== undefined && choice.triesLeft > 0) {
      slot = choice.trial;
      const triesLeft = choice.triesLeft - 1;
      await writeFile(this.at("boot/slots.env"), choiceText({ ...choice, triesLeft }));
    }
    await writeFile(this.at("slot"), `${slot}\n`);
    return slot;
  }

  async remove(): Promise<void> {
    await rm(this.dir, { recursive: true });
  }
}
