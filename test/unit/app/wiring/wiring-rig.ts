import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../../../src/app/config.js";
import type { FittedMachine } from "../../../../src/app/machine/fitted-machine.js";
import { ChainWiring } from "../../../../src/app/wiring/chain-wiring.js";
import { RewirableChainPort, type WirePort } from "../../../../src/hal/rewirable-chain-port.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { TypedEmitter } from "../../../../src/lib/events.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { fittedSlot } from "../life-cycle/fakes.js";

const ID = 0x1368_0000;

export interface WiringRigOptions {
  /** Tty of each slot, as it is really wired. */
  readonly wires: readonly string[];
  /** That there is a device for. */
  readonly ttys?: readonly string[];
  readonly slots?: readonly number[];
  readonly chainOrder?: Config["chainOrder"];
  readonly allowInferred?: Config["allowInferred"];
  readonly isDisputed?: boolean;
  readonly resetTogether?: boolean;
}

/** Boards behind reset lines and ttys, and the order that is found of them. Files stay from one `open` to the next. */
export class WiringRig {
  readonly clock = new ManualClock();
  readonly open = new Set<string>();
  readonly inReset: boolean[] = [true, true, true];
  readonly troubles: string[] = [];
  wires: readonly string[];
  #wiring: ChainWiring | undefined;
  ports: RewirableChainPort[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "headframe-wiring-"));
  readonly #options: WiringRigOptions;

  constructor(options: WiringRigOptions) {
    this.#options = options;
    this.wires = options.wires;
    for (const tty of options.ttys ?? ["a", "b", "c", "d"])
      writeFileSync(join(this.#folder, tty), "");
  }

  /** A start of the program. */
  async start(): Promise<ChainWiring> {
    const config = this.#config();
    // What was heard last is still on its way to the disk.
    await this.#wiring?.stop();
    this.open.clear();
    const wiring = await ChainWiring.open({
      ...{ config, path: this.file, clock: this.clock, log: createLogger("silent") },
      listener: (tty) => this.#port(tty),
      onTrouble: ({ code }) => this.troubles.push(code),
    });
    this.ports = config.slots.map((slot) => {
      const port = new RewirableChainPort(wiring.ttyOf(slot), (tty) => this.#port(tty, slot));
      wiring.connect(slot, port);
      port.open();
      return port;
    });
    this.#wiring = wiring;
    return wiring;
  }

  get wiring(): ChainWiring {
    if (this.#wiring === undefined) throw new Error("the rig is not started");
    return this.#wiring;
  }

  get file(): string {
    return join(this.#folder, "chain-order.json");
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What is fitted; the serial number tells boards apart. */
  fitted(missing: readonly number[] = [], isolated: readonly number[] = []): FittedMachine {
    const slots = this.#config().slots.map((slot) => {
      const found = fittedSlot(slot);
      if (missing.includes(slot)) return { ...found, verdict: bad("BOARD_MISSING", slot) };
      return isolated.includes(slot) ? { ...found, verdict: bad("SENSOR_SILENT", slot) } : found;
    });
    return { slots, supply: { is: "fitted" } as FittedMachine["supply"] };
  }

  /** Asks all of these slots, and wires the chains so. */
  async find(fitted = this.fitted()): Promise<void> {
    const slots = fitted.slots.filter(({ verdict }) => verdict.is === "usable");
    const asked = this.wiring.ask(
      fitted,
      slots.map(({ slot }) => slot),
      new AbortController().signal,
    );
    const settled = asked.then(
      () => undefined,
      (error: unknown) => error,
    );
    for (let second = 0; second < 20; second++) await this.clock.advance(1000);
    const error = await settled;
    if (error instanceof Error) throw error;
    await this.wiring.take();
  }

  /** Slots and ttys as they are shown: `0 a`, a guess with a question mark, a doubted one with an exclamation mark. */
  get shown(): string[] {
    return this.wiring
      .snapshot()
      .wires.map(
        ({ slot, tty, isProven, isDoubted }) =>
          `${slot} ${tty}${isProven === false ? "?" : ""}${isDoubted ? "!" : ""}`,
      );
  }

  #config(): Config {
    const { slots = [0, 1, 2], chainOrder, allowInferred = [] } = this.#options;
    const { isDisputed = true, resetTogether = false } = this.#options;
    const config = {
      ...{ deviceDir: this.#folder, slots, chainOrder, allowInferred },
      board: {
        name: "board",
        chains: ["a", "b", "c"].map((tty) => ({ tty })),
        chainFacts: { orderDisputed: isDisputed, otherTtys: [{ tty: "d" }] },
      },
      machineSpec: { name: "machine", resetTogether, hashboard: { chain: { chips: 2 } } },
    };
    return config as unknown as Config;
  }

  #port(tty: string, slot?: number): WirePort {
    const port = {
      name: tty,
      events: new TypedEmitter(),
      open: (): void => {
        if (this.open.has(tty)) throw new MinerError("LINK_OPEN_FAILED", { tty });
        this.open.add(tty);
      },
      close: (): Promise<void> => {
        this.open.delete(tty);
        return Promise.resolve();
      },
      setBaud: () => Promise.resolve(),
      setResponseLength: () => Promise.resolve(),
      setReset: (asserted: boolean): Promise<void> => {
        if (slot !== undefined) this.inReset[slot] = asserted;
        return Promise.resolve();
      },
      readRegister: () => {
        const isFree = this.inReset[this.wires.indexOf(tty)] === false && this.open.has(tty);
        return Promise.resolve(isFree ? [{ value: ID }] : []);
      },
    };
    return port as unknown as WirePort;
  }
}

function bad(
  code: "BOARD_MISSING" | "SENSOR_SILENT",
  slot: number,
): FittedMachine["slots"][number]["verdict"] {
  return { is: "isolated", code, context: { slot } };
}
