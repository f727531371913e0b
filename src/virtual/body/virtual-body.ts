import type { Clock } from "../../lib/clock.js";
import type { I2cPart } from "../i2c/i2c-part.js";
import { VirtualBus } from "../i2c/virtual-bus.js";
import { ApwSupply, type ApwOutput } from "../parts/apw-supply.js";
import { hash32, SeededRandom } from "../random.js";
import type { BodySpec } from "./body-spec.js";
import { boardsTransferMs, psuTransferMs } from "./bus-times.js";
import { ChangeLog } from "./change-log.js";
import { ControlLines, type Level } from "./control-lines.js";
import { Fan, GOOD_FAN } from "./fan.js";
import { shownEeprom } from "./faults/eeprom-lies.js";
import {
  GOOD_BOARD,
  NO_BODY_EFFECTS,
  type BodyEffects,
  type BusName,
} from "./faults/body-effects.js";
import { OutputStage } from "./output-stage.js";
import { VirtualBoard, type BodyChain } from "./virtual-board.js";
import { ratedChipsW, wallW } from "./wall.js";

export interface VirtualBodyOptions {
  readonly spec: BodySpec;
  /** In the order of the boards. */
  readonly chains: readonly BodyChain[];
  readonly clock: Clock;
  readonly seed: number;
  /** Buses and parts answer at once. */
  readonly hasQuickParts: boolean;
  /** The control board starts anew, as after a watchdog that was not fed: its lines fall back. */
  readonly onControlBoardReset: () => void;
}

/** How long a step of the model is at most. */
const STEP_MS = 100;
/** Output without a setpoint. Documented: APW12 manual. */
const UNSET_MV = 15_200;
/** Current at which the output is cut over rated current. Documented for the APW12: 291 to 350 A at 240 A rated. */
const TRIP_SHARE = 1.33;
const RATED_OUTPUT_V = 15;
/** Below this nothing lives: inferred. */
const DEAD_INPUT_V = 40;
const MAINS_V = 230;
const AMBIENT_C = 25;
/** How much warmer than the room a supply is at rated power: inferred. */
const SUPPLY_RISE_C = 30;
/** How much warmer than the room the processor of a control board is: inferred. */
const CONTROL_BOARD_RISE_C = 15;
const FAN_DEVIATION = 0.03;

/** Everything of a machine beside its chains: supply, boards, fans, heat, and the lines of the control board. */
export class VirtualBody {
  readonly spec: BodySpec;
  readonly lines: ControlLines;
  readonly changes: ChangeLog;
  readonly boards: readonly VirtualBoard[];
  /** Those of the control board, then those of the boards. */
  readonly fans: readonly Fan[];
  readonly supply: ApwSupply | undefined;
  readonly output: OutputStage;
  readonly buses: Readonly<Record<BusName, VirtualBus>>;
  readonly #seed: number;
  readonly #clock: Clock;
  readonly #airFans: readonly Fan[];
  #effects = NO_BODY_EFFECTS;
  #enableLine: Level = 1;
  #steppedToMs: number;
  #setInputV = MAINS_V;
  #ambientC = AMBIENT_C;

  constructor(options: VirtualBodyOptions) {
    const { spec, chains, clock, seed, hasQuickParts } = options;
    this.spec = spec;
    this.#seed = seed;
    this.#clock = clock;
    this.changes = new ChangeLog(clock);
    this.#steppedToMs = clock.nowMs();
    const random = new SeededRandom(hash32(seed, 0xb0d1));
    this.#airFans = Array.from({ length: spec.fans }, () => {
      const spread = Math.max(-1, Math.min(1, random.normal()));
      return new Fan(spec.fanFullRpm * (1 + FAN_DEVIATION * spread));
    });
    const ratedW = ratedChipsW(spec) / spec.boards.length;
    const { nominalRailMv, fanFullRpm } = spec;
    this.boards = chains.map((chain, index) => {
      const own = { spec: spec.boards[index] ?? { sensors: [] }, chain, index };
      const common = { seed, ratedW, nominalRailMv, fanFullRpm, hasQuickParts };
      return new VirtualBoard({ ...own, ...common, ambientC: AMBIENT_C });
    });
    this.fans = [...this.#airFans, ...this.boards.flatMap(({ fan }) => fan ?? [])];
    const { supply } = spec;
    const supplyW = supply.kind === "apw" ? supply.ratedW : spec.ratedW;
    const tripA = (supplyW / RATED_OUTPUT_V) * TRIP_SHARE;
    this.output = new OutputStage({ unsetMv: UNSET_MV, tripA });
    if (supply.kind === "apw")
      this.supply = new ApwSupply(supply.identity, () => this.#outputState(), hasQuickParts);
    this.buses = {
      boards: new VirtualBus({
        ...{ clock, random },
        find: (address) => this.#findOnBoards(address),
        durationMs: (transfer) => (hasQuickParts ? 0 : boardsTransferMs(transfer)),
      }),
      psu: new VirtualBus({
        ...{ clock, random },
        find: (address) => this.#findSupply(address),
        durationMs: (transfer) => (hasQuickParts ? 0 : psuTransferMs(transfer)),
      }),
    };
    this.lines = new ControlLines({
      slots: spec.slots,
      fans: this.#airFans,
      isPlugged: (slot) => this.#isPlugged(slot),
      onReset: options.onControlBoardReset,
    });
    this.#tellChanges();
  }

  get ambientC(): number {
    return this.#ambientC;
  }

  get inputV(): number {
    return this.#effects.inputV ?? this.#setInputV;
  }

  /** Of the control board, which sits beside the air of the boards. */
  get controlBoardC(): number {
    return this.#ambientC + CONTROL_BOARD_RISE_C + this.#effects.controlBoardRiseC;
  }

  /** What the wall gives. */
  get inputW(): number {
    if (!this.#hasPower) return 0;
    const chipsW = this.boards.reduce((sum, { powerW }) => sum + powerW, 0);
    return wallW(this.spec, chipsW, this.fans);
  }

  /** Level of the enable line; 0 asks for the output. */
  get enableLine(): Level {
    return this.#enableLine;
  }

  setAmbientC(ambientC: number): void {
    this.step();
    this.#ambientC = ambientC;
  }

  setInputV(inputV: number): void {
    this.step();
    this.#setInputV = inputV;
    this.#applyInput();
  }

  /** The enable line: 0 switches the output on. Documented: fact sheet section 0. */
  setEnableLine(level: Level): void {
    this.step();
    this.#enableLine = level;
    if (!this.#effects.isEnableLineDead) this.output.setEnabled(level === 0);
    this.#tellChanges();
  }

  setEffects(effects: BodyEffects): void {
    this.step();
    const before = this.#effects;
    this.#effects = effects;
    this.supply?.setTrouble(effects.apw);
    this.output.setTrouble(effects.output);
    if (!effects.isEnableLineDead) this.output.setEnabled(this.#enableLine === 0);
    if (effects.watchdogAfterMs !== before.watchdogAfterMs) {
      if (effects.watchdogAfterMs === undefined) this.supply?.disarmWatchdog();
      else this.supply?.armWatchdog(effects.watchdogAfterMs, this.#clock.nowMs());
    }
    for (const name of ["boards", "psu"] as const) this.buses[name].setTrouble(effects.buses[name]);
    for (const [index, fan] of this.fans.entries())
      fan.setTrouble(effects.fans.get(index + 1) ?? GOOD_FAN);
    const images = this.boards.map(({ eeprom }) => eeprom?.image);
    for (const [slot, board] of this.boards.entries()) {
      const trouble = effects.boards.get(slot) ?? GOOD_BOARD;
      const record = board.spec.eeprom?.record;
      board.setTrouble(trouble, shownEeprom(trouble.eeprom, slot, images, record, this.#seed));
    }
    this.#applyInput();
    if (effects.hasControlBoardReset && !before.hasControlBoardReset) this.lines.reset();
    this.#tellChanges();
  }

  /** As if the machine had been running for long: the output is on at the nominal voltage. */
  powerUp(): void {
    this.supply?.presetMv(this.spec.nominalRailMv);
    this.setEnableLine(0);
    this.output.settle(this.supply?.setpointMv ?? this.spec.nominalRailMv);
    for (const board of this.boards) board.powerUp(this.#clock.nowMs());
    this.#stepBy(1);
  }

  /** Runs the model up to now. */
  step(): void {
    const nowMs = this.#clock.nowMs();
    while (this.#steppedToMs < nowMs) {
      const ms = Math.min(STEP_MS, nowMs - this.#steppedToMs);
      this.#steppedToMs += ms;
      this.#stepBy(ms);
    }
    this.lines.step(nowMs);
  }

  get #hasPower(): boolean {
    return this.inputV >= DEAD_INPUT_V;
  }

  #stepBy(ms: number): void {
    const hasPower = this.#hasPower;
    for (const fan of this.#airFans) fan.step(ms, hasPower);
    const flows = this.#airFans.map((fan) => fan.flowShare);
    // Without fans the heat goes into a coolant that always flows, or each board has a fan of its own.
    const flowShare =
      flows.length === 0 ? 1 : flows.reduce((sum, flow) => sum + flow) / flows.length;
    for (const board of this.boards) board.weigh();
    if (this.supply !== undefined) {
      if (this.supply.hasBitten(this.#steppedToMs)) this.output.cut("watchdog");
      this.output.step(ms, this.supply.setpointMv, (railMv) =>
        this.boards.reduce((sum, board) => sum + board.loadW(railMv), 0),
      );
    }
    // Without a regulator in its file a small board has its voltage whenever there is power.
    const supplyMv = this.supply === undefined ? this.spec.nominalRailMv : this.output.railMv;
    const airInC = this.#ambientC + this.#effects.intakeRiseC;
    const around = { supplyMv, airInC, flowShare, hasPower };
    for (const board of this.boards) board.step(ms, this.#steppedToMs, around);
    this.#tellChanges();
  }

  #applyInput(): void {
    this.output.setInputV(this.inputV);
    if (!this.#hasPower) this.supply?.forget();
  }

  #tellChanges(): void {
    this.changes.tell("enable", null, this.#enableLine);
    this.changes.tell("output", null, this.output.isOn ? 1 : 0);
    for (const [slot, { isPowered }] of this.boards.entries())
      this.changes.tell("power", slot, isPowered ? 1 : 0);
  }

  #isPlugged(slot: number): boolean {
    const isThere = this.boards[slot]?.isMissing === false;
    return isThere !== (this.#effects.boards.get(slot)?.plugLies === true);
  }

  #findOnBoards(address: number): I2cPart | undefined {
    if (!this.#hasPower) return undefined;
    this.step();
    for (const [slot, board] of this.boards.entries()) {
      for (const [name, place] of board.parts) {
        if (place.address !== address) continue;
        const owner = this.boards[this.#slotOfPart(slot, name)];
        const part = owner?.isMissing === false ? owner.parts.get(name)?.part : undefined;
        if (part !== undefined) return part;
      }
    }
    return undefined;
  }

  /** From where the part comes that answers in a slot. */
  #slotOfPart(slot: number, part: string): number {
    const { swap } = this.#effects;
    if (swap === undefined || (swap.what === "eeprom" && part !== "eeprom")) return slot;
    if (slot === swap.first) return swap.second;
    return slot === swap.second ? swap.first : slot;
  }

  #findSupply(address: number): I2cPart | undefined {
    const { supply } = this.spec;
    const isThere = supply.kind === "apw" && supply.address === address;
    return isThere && this.#hasPower ? this.supply : undefined;
  }

  #outputState(): ApwOutput {
    this.step();
    const warmC = this.#ambientC + (SUPPLY_RISE_C * this.output.powerW) / this.spec.ratedW;
    return {
      isOn: this.output.isOn,
      outputMv: this.output.railMv,
      outputW: this.output.powerW,
      temperaturesC: [warmC, warmC + 5, warmC + 5],
      isGood: this.output.trip === undefined,
      isInputGood: this.output.isInputGood,
    };
  }
}
