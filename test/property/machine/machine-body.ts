import type { Config } from "../../../src/app/config.js";
import type { Level } from "../../../src/hal/gpio.js";
import type { ManualClock } from "../../../src/lib/clock.js";
import { virtualBody } from "../../../src/commands/virtual-body.js";
import { BodyFaultSet } from "../../../src/virtual/body/faults/body-fault-set.js";
import { VirtualBody } from "../../../src/virtual/body/virtual-body.js";
import { BoardChips } from "./board-chips.js";

/** What a line or a device of the control board does instead of what it should; the body knows only its own parts. */
export const BOARD_TROUBLES = [
  "enableRefused",
  "enableHangs",
  "pwmRefused",
  "tachRefused",
  "plugRefused",
] as const;
export type BoardTroubleName = (typeof BOARD_TROUBLES)[number];

const OFF: Level = 1;
/** The guard tries oftener; it is no matter for a line that does not move. */
const CUT_AGAIN_MS = 50;

/** Everything of a machine that outlives its controller: the body, its chips, its faults, the lines to them. */
export class MachineBody {
  readonly body: VirtualBody;
  readonly chips: readonly BoardChips[];
  readonly troubles = new Set<BoardTroubleName>();
  readonly #faults: BodyFaultSet;
  readonly #clock: ManualClock;
  /** What the enable line was told last, whether or not it moved. */
  #told: Level = OFF;

  constructor(config: Config, clock: ManualClock, seed: number) {
    this.#clock = clock;
    const spec = virtualBody(config.machineSpec, seed, "auto");
    this.chips = spec.boards.map(() => new BoardChips(config.machineSpec.freqMHz.nominal));
    this.body = new VirtualBody({
      ...{ spec, chains: this.chips, clock, seed, hasQuickParts: false },
      onControlBoardReset: () => {
        this.cut();
      },
    });
    this.#faults = new BodyFaultSet(spec.boards.length, spec.slots, this.body.fans.length);
  }

  /** Somebody asks for the output, whatever comes of it. */
  get isAskedOn(): boolean {
    return this.#told !== OFF;
  }

  get faults(): BodyFaultSet["active"] {
    return this.#faults.active;
  }

  get isFaulty(): boolean {
    return this.faults.length > 0 || this.troubles.size > 0;
  }

  setFault(name: string, slot: number | undefined, given: Readonly<Record<string, unknown>>): void {
    this.#faults.set(name, slot, given);
    this.body.setEffects(this.#faults.effects());
  }

  clearFaults(name?: string, slot?: number): void {
    this.#faults.clear(name, slot);
    this.body.setEffects(this.#faults.effects());
  }

  /** False: the line did not move. */
  drive(level: Level): boolean {
    this.#told = level;
    if (this.troubles.has("enableRefused") || this.troubles.has("enableHangs")) return false;
    this.body.setEnableLine(level);
    return true;
  }

  /** Takes the line over as it is. */
  keepLine(): void {
    this.#told = this.body.enableLine;
  }

  /** As the guard does it: output off, chains in reset, again and again until the line moves. */
  cut(): void {
    for (const chips of this.chips) chips.setReset(true);
    if (this.drive(OFF)) return;
    this.#clock.after(CUT_AGAIN_MS, () => {
      if (!this.isAskedOn) this.cut();
    });
  }
}
