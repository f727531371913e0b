import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { MinerError } from "../lib/errors.js";
import { KeptState } from "../lib/kept-state.js";
import { situationOf, type Situation } from "./situation.js";
import { readChoice, readRunningSlot, writeChoice, type SlotChoice } from "./slot-choice.js";
import { otherSlot, type SlotName } from "./update-config.js";
import { MEMORY_FORMAT, NO_MEMORY, type Memory } from "./update-memory.js";
import { updateDir, type UpdateParts } from "./update-parts.js";
import { newerOf } from "./version-order.js";

type BookParts = Pick<UpdateParts, "config" | "dataDir" | "version" | "clock" | "onTrouble">;

/** What is known of the two slots: what they hold, which runs, which is booted next. */
export class SlotBook {
  readonly running: SlotName;
  readonly other: SlotName;
  readonly #parts: BookParts;
  readonly #file: KeptState<Memory>;
  #memory: Memory;
  #choice: SlotChoice;

  private constructor(
    parts: BookParts,
    file: KeptState<Memory>,
    running: SlotName,
    choice: SlotChoice,
  ) {
    this.#parts = parts;
    this.#file = file;
    this.running = running;
    this.other = otherSlot(running);
    this.#choice = choice;
    this.#memory = file.found ?? NO_MEMORY;
    // Which floor there was is not known any more: nothing older than what runs.
    if (file.isIncomplete)
      this.#memory = { ...this.#memory, floor: newerOf(this.#memory.floor, this.runningVersion) };
  }

  /** Rejects with UPDATE_SLOT_UNKNOWN */
  static async open(parts: BookParts): Promise<SlotBook> {
    const { config, dataDir, clock, onTrouble } = parts;
    const running = await readRunningSlot(config.runningSlotFile);
    const dir = updateDir(dataDir);
    await mkdir(dir, { recursive: true }).catch(() => undefined); // saving tells it
    const path = join(dir, "state.json");
    const file = await KeptState.open({ path, format: MEMORY_FORMAT, clock, onTrouble });
    const choice = await readChoice(config.choiceFile, running, onTrouble);
    return new SlotBook(parts, file, running, choice);
  }

  get memory(): Memory {
    return this.#memory;
  }

  get situation(): Situation {
    return situationOf(this.running, this.#choice);
  }

  get runningVersion(): string {
    return this.#memory.slots[this.running]?.version ?? this.#parts.version;
  }

  /** Rejects with UPDATE_NO_SPACE */
  async choose(choice: SlotChoice): Promise<void> {
    const { choiceFile } = this.#parts.config;
    await writeChoice(choiceFile, choice).catch((cause: unknown) => {
      const facts = { dir: choiceFile, reason: String(cause) };
      throw new MinerError("UPDATE_NO_SPACE", facts, { cause });
    });
    this.#choice = choice;
  }

  /** The slot that runs stays, and nothing is tried. Rejects with UPDATE_NO_SPACE */
  async chooseRunning(): Promise<void> {
    await this.choose({ active: this.running, trial: undefined, triesLeft: 0 });
  }

  /** The other slot is tried once. Rejects with UPDATE_NO_SPACE */
  async tryOther(): Promise<void> {
    await this.choose({ active: this.running, trial: this.other, triesLeft: 1 });
  }

  /** What could not be saved is tried again by itself; resolves with whether it is. */
  remember(change: Partial<Memory>): Promise<boolean> {
    this.#memory = { ...this.#memory, ...change };
    return this.#file.save(this.#memory);
  }

  /** Rejects with UPDATE_NO_SPACE */
  async rememberSurely(change: Partial<Memory>): Promise<void> {
    if (await this.remember(change)) return;
    throw new MinerError("UPDATE_NO_SPACE", { dir: updateDir(this.#parts.dataDir) });
  }

  async stop(): Promise<void> {
    await this.#file.stop();
  }
}
