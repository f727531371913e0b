import { candidateTtys } from "../../boards/candidate-ttys.js";
import type { WirePort, RewirableChainPort } from "../../hal/rewirable-chain-port.js";
import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import { findingOf, findingText, type Finding } from "../../lib/finding.js";
import { KeptState } from "../../lib/kept-state.js";
import type { Logger } from "../../lib/logger.js";
import type { ChainOrderSnapshot } from "../../telemetry/chain-order-snapshot.js";
import type { ChainStanding } from "../chain-state.js";
import type { Config } from "../config.js";
import type { LifeWiring } from "../life-cycle/life-wiring.js";
import { serialOf, usableSlots, type FittedMachine } from "../machine/fitted-machine.js";
import { askSlots, type ListenerOf, type ResetOf } from "./ask-slots.js";
import { judgeAnswers } from "./judge-answers.js";
import { WIRING_FORMAT, type StoredWire, type StoredWiring } from "./wiring-memory.js";
import {
  documentedTtys,
  ownersTtys,
  presentTtys,
  wiringSource,
  type WiringSource,
} from "./wiring-plan.js";

export interface ChainWiringOptions {
  readonly config: Config;
  /** The file of the order; its folder must exist. */
  readonly path: string;
  /** Listens on a tty that no slot hangs on, without a reset line. */
  readonly listener: (tty: string) => WirePort;
  readonly clock: Clock;
  readonly log: Logger;
  /** As KeptState tells it. */
  readonly onTrouble: (error: MinerError) => void;
}

/** Which slot hangs on which tty: known from the data, said by the owner, or asked of the hardware and kept. */
export class ChainWiring implements LifeWiring {
  readonly #options: ChainWiringOptions;
  readonly #kept: KeptState<StoredWiring>;
  readonly #source: WiringSource;
  readonly #ports = new Map<number, RewirableChainPort>();
  /** Slots that were asked since anybody looked, with the serial number of the board that was. */
  readonly #asked = new Map<number, string | null>();
  /** Slots whose chain worked in this process: silence of theirs has another cause. */
  readonly #haveWorked = new Set<number>();
  #wires: readonly StoredWire[];
  #foundUnixMs: number | null = null;
  #found: readonly StoredWire[] | undefined;
  /** Ends the asking that is under way. */
  #asking: AbortController | undefined;

  private constructor(options: ChainWiringOptions, kept: KeptState<StoredWiring>) {
    this.#options = options;
    this.#kept = kept;
    this.#source = wiringSource(options.config);
    this.#wires = this.#known(kept.found);
  }

  /** Never fails: an order that cannot be read is asked for again. */
  static async open(options: ChainWiringOptions): Promise<ChainWiring> {
    const { path, clock, onTrouble } = options;
    const kept = await KeptState.open({ path, format: WIRING_FORMAT, clock, onTrouble });
    return new ChainWiring(options, kept);
  }

  /** Nothing is known of any slot: a machine that was left running cannot go on. */
  get isUnknown(): boolean {
    return this.#source === "hardware" && this.#wires.every(({ isProven }) => !isProven);
  }

  /** @throws INTERNAL for a slot that is not in use */
  ttyOf(slot: number): string {
    return this.#wireOf(slot).tty;
  }

  /** The chain of a slot, which hangs on the tty of `ttyOf`. */
  connect(slot: number, port: RewirableChainPort): void {
    this.#ports.set(slot, port);
  }

  mustAsk(fitted: FittedMachine): boolean {
    if (this.#source !== "hardware") return false;
    const unknown = usableSlots(fitted.slots).filter((fittedSlot) => {
      const { isProven, isDoubted } = this.#wireOf(fittedSlot.slot);
      const wasAsked = this.#asked.get(fittedSlot.slot) === (serialOf(fittedSlot) ?? null);
      return (!isProven || isDoubted) && !wasAsked;
    });
    if (unknown.length === 0) return false;
    this.#assertAnswersAlone(fitted);
    return true;
  }

  async ask(fitted: FittedMachine, slots: readonly number[], signal: AbortSignal): Promise<void> {
    const { config, clock, log } = this.#options;
    const { machineSpec } = config;
    const all: readonly ResetOf[] = [...this.#ports.values()];
    const resets = slots.map((slot) => {
      const port = this.#ports.get(slot);
      if (port === undefined) throw new MinerError("INTERNAL", { slot });
      // Chips beside a chain in reset are silent: the slots without a board leave it too.
      return [slot, machineSpec.resetTogether ? all : [port]] as const;
    });
    const listeners = this.#openListeners();
    const asking = new AbortController();
    this.#asking = asking;
    log.info({ slots, ttys: [...listeners.all.keys()] }, "asking which slot hangs on which tty");
    try {
      const answers = await askSlots({
        ...{ slots: new Map(resets), ttys: listeners.all, clock },
        signal: AbortSignal.any([signal, asking.signal]),
        chips: machineSpec.hashboard.chain.chips,
      });
      const wires = judgeAnswers({
        ...{ answers, slots: config.slots, documented: documentedTtys(config) },
        ttys: [...listeners.all.keys()],
      });
      const serials = new Map(fitted.slots.map((each) => [each.slot, serialOf(each) ?? null]));
      for (const slot of slots) this.#asked.set(slot, serials.get(slot) ?? null);
      this.#found = wires.map((wire) => ({
        ...{ ...wire, serial: serials.get(wire.slot) ?? null, isDoubted: false },
      }));
    } finally {
      this.#asking = undefined;
      await Promise.all(listeners.own.map((port) => port.close()));
    }
  }

  async take(): Promise<void> {
    const wires = this.#found;
    if (wires === undefined) return;
    const changed = wires.flatMap(({ slot, tty }) => {
      const port = this.#ports.get(slot);
      return port === undefined || port.tty === tty ? [] : [{ port, tty }];
    });
    // All of them first: two slots may have to change places.
    await Promise.all(changed.map(({ port }) => port.close()));
    for (const { port, tty } of changed) {
      port.wireTo(tty);
      port.open();
    }
    this.#found = undefined;
    this.#haveWorked.clear();
    this.#wires = wires;
    this.#foundUnixMs = this.#options.clock.unixMs();
    const order = Object.fromEntries(wires.map(({ slot, tty }) => [slot, tty]));
    this.#options.log.info({ order }, "slots hang on these ttys");
    for (const { code, context } of this.findings)
      this.#options.log.warn({ code, ...context }, "order of the chains");
    await this.#save();
  }

  forgive(): boolean {
    this.#asked.clear();
    return this.#source === "hardware" && this.#wires.some(({ isDoubted }) => isDoubted);
  }

  /** A chain came into another state: silence from the start on makes its tty doubtful. */
  heard(slot: number, standing: ChainStanding, error: MinerError | undefined): void {
    if (this.#source !== "hardware") return;
    // A board that is taken out must not leave reset again.
    if (standing === "off" && error !== undefined) this.#asking?.abort(error);
    if (standing === "up") this.#haveWorked.add(slot);
    const isSilent =
      standing === "failed" && !this.#haveWorked.has(slot) && isMinerError(error, "CHAIN_SILENT");
    const wire = this.#wireOf(slot);
    if (isSilent && wire.isProven && !wire.isDoubted) {
      this.#options.log.warn({ code: "CHAIN_ORDER_DOUBTED", slot, tty: wire.tty }, "chain");
      this.#doubt(slot, true);
    }
    if (standing === "up" && wire.isDoubted) this.#doubt(slot, false);
  }

  /** What is not as it should be. */
  get findings(): readonly Finding[] {
    if (this.#source !== "hardware") return [];
    return this.#wires.flatMap(({ slot, tty, isProven, isDoubted }): Finding[] => {
      if (isDoubted) return [{ code: "CHAIN_ORDER_DOUBTED", context: { slot, tty } }];
      if (isProven || !this.#asked.has(slot)) return [];
      return [{ code: "CHAIN_ORDER_SLOT_SILENT", context: { slot, tty } }];
    });
  }

  snapshot(): ChainOrderSnapshot {
    const isAsked = this.#source === "hardware";
    return {
      source: this.#source,
      foundUnixMs: this.#foundUnixMs,
      wires: this.#wires.map(({ slot, tty, isProven, isDoubted }) => ({
        ...{ slot, tty, isProven: isAsked ? isProven : null, isDoubted },
      })),
    };
  }

  /** Tries for the last time what could not be saved yet. */
  stop(): Promise<void> {
    return this.#kept.stop();
  }

  #known(stored: StoredWiring | undefined): readonly StoredWire[] {
    const { config, log } = this.#options;
    const said = this.#source === "owner" ? ownersTtys(config) : documentedTtys(config);
    if (this.#source !== "hardware")
      return [...said].map(([slot, tty]) => ({ slot, tty, ...UNASKED }));
    if (stored !== undefined && fits(stored, config)) {
      this.#foundUnixMs = stored.foundUnixMs;
      return config.slots.flatMap((slot) => stored.wires.filter((wire) => wire.slot === slot));
    }
    if (stored !== undefined) log.warn({ of: stored.machine }, "stored order of ttys does not fit");
    const present = presentTtys(config);
    // With too few of them the one that is missing has to be named when it is opened.
    const ttys = present.length < config.slots.length ? candidateTtys(config.board) : present;
    const guessed = { answers: new Map(), slots: config.slots, documented: said, ttys };
    return judgeAnswers(guessed).map((wire) => ({ ...UNASKED, ...wire }));
  }

  /** @throws CHAIN_ORDER_UNPROVEN */
  #assertAnswersAlone({ slots }: FittedMachine): void {
    const { machineSpec, board } = this.#options.config;
    if (!machineSpec.resetTogether) return;
    const fitted = slots.filter(
      ({ verdict }) => verdict.is === "usable" || verdict.code !== "BOARD_MISSING",
    );
    if (fitted.length <= 1) return;
    throw new MinerError("CHAIN_ORDER_UNPROVEN", {
      machine: machineSpec.name,
      controlBoard: board.name,
      fittedSlots: fitted.map(({ slot }) => slot).join(" "),
      reason: "its chains answer only when all are out of reset",
      allow:
        'chainOrder with the ttys by slot; or no chainOrder and allowInferred with "chains", which takes the order of the board\'s file',
    });
  }

  #openListeners(): { all: Map<string, ListenerOf>; own: WirePort[] } {
    const all = new Map<string, ListenerOf>();
    for (const port of this.#ports.values()) all.set(port.tty, port);
    const own: WirePort[] = [];
    for (const tty of presentTtys(this.#options.config)) {
      if (all.has(tty)) continue;
      const port = this.#options.listener(tty);
      try {
        port.open();
      } catch (error) {
        // Whoever has it open has no chain on it that we could use.
        const facts = { tty, error: findingText(findingOf(error)) };
        this.#options.log.warn(facts, "tty is not asked");
        continue;
      }
      own.push(port);
      all.set(tty, port);
    }
    return { all, own };
  }

  #doubt(slot: number, isDoubted: boolean): void {
    this.#wires = this.#wires.map((wire) => (wire.slot === slot ? { ...wire, isDoubted } : wire));
    void this.#save();
  }

  async #save(): Promise<void> {
    const { machineSpec, board } = this.#options.config;
    await this.#kept.save({
      ...{ machine: machineSpec.name, controlBoard: board.name, wires: this.#wires },
      foundUnixMs: this.#foundUnixMs ?? 0,
    });
  }

  #wireOf(slot: number): StoredWire {
    const wire = this.#wires.find((each) => each.slot === slot);
    if (wire === undefined) throw new MinerError("INTERNAL", { slot, missing: "tty" });
    return wire;
  }
}

const UNASKED = { isProven: false, serial: null, isDoubted: false } as const;

/** Whether an order that was found is one of this machine, and can be used. */
function fits({ machine, controlBoard, wires }: StoredWiring, config: Config): boolean {
  const present = presentTtys(config);
  const used = config.slots.map((slot) => wires.find((wire) => wire.slot === slot)?.tty);
  return (
    machine === config.machineSpec.name &&
    controlBoard === config.board.name &&
    new Set(used).size === used.length &&
    used.every((tty) => tty !== undefined && present.includes(tty))
  );
}
