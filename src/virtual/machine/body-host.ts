import { join } from "node:path";
import type { Clock } from "../../lib/clock.js";
import type { BodySpec } from "../body/body-spec.js";
import { BodyFaultSet, type ActiveBodyFault } from "../body/faults/body-fault-set.js";
import { VirtualBody } from "../body/virtual-body.js";
import type { VirtualAddon } from "../native.js";
import type { ChainLine } from "./chain-line.js";
import { HardwareServer } from "./hardware-server.js";
import { OutputPipe } from "./output-pipe.js";

export interface BodyHostOptions {
  readonly spec: BodySpec;
  readonly lines: readonly ChainLine[];
  readonly listenDir: string;
  readonly addon: VirtualAddon;
  readonly clock: Clock;
  readonly seed: number;
  readonly hasQuickParts: boolean;
  /** The machine has been running for long. */
  readonly isPowered: boolean;
}

/** Names in the listen directory. */
export const BODY_FILES = ["hardware.sock", "psu-enable"] as const;

/** How often the model runs, and how often shortly after the enable line moved. */
const STEP_MS = 100;
const BRISK_STEP_MS = 20;
const BRISK_FOR_MS = 3000;

/** The body of a machine with its socket, its enable line and its pace. */
export class BodyHost {
  readonly body: VirtualBody;
  readonly #options: BodyHostOptions;
  readonly #server: HardwareServer;
  readonly #enable: OutputPipe;
  readonly #faults: BodyFaultSet;
  #cancelStep: () => void = () => undefined;
  #briskUntilMs = -Infinity;
  #isClosed = false;

  constructor(options: BodyHostOptions) {
    const { lines, clock, spec, seed, hasQuickParts, listenDir, addon } = options;
    this.#options = options;
    this.body = new VirtualBody({
      ...{ spec, clock, seed, hasQuickParts },
      chains: lines,
      onControlBoardReset: () => {
        this.#enableLine(1);
        for (const line of lines) line.setReset(true);
        this.hushChains();
      },
    });
    this.#faults = new BodyFaultSet(spec.boards.length, spec.slots, this.body.fans.length);
    if (options.isPowered) this.body.powerUp();
    const { buses, lines: controlLines } = this.body;
    this.#server = new HardwareServer({
      clock,
      model: "Headframe virtual machine",
      controlBoardC: () => this.body.controlBoardC,
      buses,
      lines: controlLines,
    });
    this.#enable = new OutputPipe(join(listenDir, "psu-enable"), addon, (level) => {
      this.#enableLine(level);
    });
  }

  get faults(): readonly ActiveBodyFault[] {
    return this.#faults.active;
  }

  /** @throws MinerError VIRTUAL_FAULT_UNKNOWN, VIRTUAL_REQUEST_INVALID */
  setFault(
    name: string,
    chain: number | undefined,
    parameters: Readonly<Record<string, unknown>>,
  ): void {
    this.#faults.set(name, chain, parameters);
    this.#applyFaults();
  }

  clearFaults(name: string | undefined, chain: number | undefined): void {
    this.#faults.clear(name, chain);
    this.#applyFaults();
  }

  /** False: no such button. Resolves when it is let go. */
  async press(button: string, forMs: number): Promise<boolean> {
    const { lines } = this.body;
    if (!lines.press(button, true)) return false;
    await this.#options.clock.sleep(forMs);
    return lines.press(button, false);
  }

  async listen(): Promise<void> {
    this.hushChains();
    await this.#server.listen(join(this.#options.listenDir, "hardware.sock"));
    this.#step();
  }

  async close(): Promise<void> {
    // A watchdog that nobody feeds any more bites later, and moves the enable line.
    this.#isClosed = true;
    this.#cancelStep();
    this.#enable.close();
    await this.#server.close();
  }

  /** To be called when a reset line moved. */
  hushChains(): void {
    const { lines } = this.#options;
    for (const [slot, line] of lines.entries())
      this.body.changes.tell("reset", slot, line.isInReset ? 0 : 1);
    const present = lines.filter((_, slot) => this.body.boards[slot]?.isMissing === false);
    const isAnyInReset = present.some(({ isInReset }) => isInReset);
    const areHushed = this.#faults.effects().needsAllChains && isAnyInReset;
    for (const line of lines) line.setHushed(areHushed);
  }

  #applyFaults(): void {
    this.body.setEffects(this.#faults.effects());
    this.hushChains();
  }

  #enableLine(level: 0 | 1): void {
    this.body.setEnableLine(level);
    this.#briskUntilMs = this.#options.clock.nowMs() + BRISK_FOR_MS;
    this.#cancelStep();
    this.#step();
  }

  #step(): void {
    if (this.#isClosed) return;
    const { clock } = this.#options;
    this.body.step();
    const isBrisk = clock.nowMs() < this.#briskUntilMs;
    this.#cancelStep = clock.after(isBrisk ? BRISK_STEP_MS : STEP_MS, () => {
      this.#step();
    });
  }
}
