import type { Clock } from "../../lib/clock.js";
import type { I2cPart } from "../i2c/i2c-part.js";
import { VirtualBus, type I2cTransfer } from "../i2c/virtual-bus.js";
import { ApwSupply, type ApwOutput } from "../parts/apw-supply.js";
import { hash32, SeededRandom } from "../random.js";
import type { BodySpec } from "./body-spec.js";
import { ControlLines, type Level } from "./control-lines.js";
import { Fan } from "./fan.js";
import { OutputStage } from "./output-stage.js";
import { VirtualBoard, type BodyChain } from "./virtual-board.js";

export interface VirtualBodyOptions {
  readonly spec: BodySpec;
  readonly chains: readonly BodyChain[];
  readonly clock: Clock;
  readonly seed: number;
  /** Buses and parts answer at once. */
  readonly hasQuickParts: boolean;
  /** The watchdog of the control board was not fed: its lines fall back. */
  readonly onControlBoardReset: () => void;
}

/** How long a step of the model is at most. */
const STEP_MS = 100;
const BITS_A_BYTE = 9;
const BOARDS_BUS_HZ = 100_000;
/** Captured on an S19 Pro: what one byte to or from the supply takes. */
const PSU_WRITTEN_BYTE_MS = 86;
const PSU_READ_BYTE_MS = 117;

/** From the wall to the rail. A later S19 class supply is said to reach 94 to 95 %: inferred. */
const SUPPLY_EFFICIENCY = 0.94;
/** Control board and what else runs without hashing; one fan at full speed. Inferred. */
const CONTROL_BOARD_W = 12;
const FAN_FULL_W = 20;
const FAN_NOMINAL_SPEED = 0.7;
/** Output without a setpoint. Documented: APW12 manual. */
const UNSET_MV = 15_200;
/** Current at which the output is cut over rated current. Documented for the APW12: 291 to 350 A at 240 A rated. */
const TRIP_SHARE = 1.33;
const RATED_OUTPUT_V = 15;
/** Below this nothing of the supply lives: inferred. */
const DEAD_INPUT_V = 40;
const MAINS_V = 230;
const AMBIENT_C = 25;

/** Everything of a machine beside its chains: supply, boards, fans, heat, and the lines of the control board. */
export class VirtualBody {
  readonly spec: BodySpec;
  readonly lines: ControlLines;
  readonly boards: readonly VirtualBoard[];
  readonly fans: readonly Fan[];
  readonly supply: ApwSupply | undefined;
  readonly output: OutputStage;
  readonly buses: Readonly<Record<"boards" | "psu", VirtualBus>>;
  readonly #clock: Clock;
  #steppedToMs: number;
  #inputV = MAINS_V;
  #ambientC = AMBIENT_C;

  constructor(options: VirtualBodyOptions) {
    const { spec, chains, clock, seed, hasQuickParts } = options;
    this.spec = spec;
    this.#clock = clock;
    this.#steppedToMs = clock.nowMs();
    const random = new SeededRandom(hash32(seed, 0xb0d1));
    this.fans = Array.from({ length: spec.fans }, () => {
      return new Fan(spec.fanFullRpm * (1 + 0.03 * Math.max(-1, Math.min(1, random.normal()))));
    });
    this.boards = spec.boards.flatMap((board, index) => {
      const chain = chains[index];
      return chain === undefined
        ? []
        : [
            new VirtualBoard({
              ...{ spec: board, chain, index, seed },
              ratedW: hashingRatedW(spec) / spec.boards.length,
              nominalRailMv: spec.nominalRailMv,
              ambientC: AMBIENT_C,
            }),
          ];
    });
    const { supply } = spec;
    const ratedW = supply.kind === "apw" ? supply.ratedW : spec.ratedW;
    this.output = new OutputStage({
      unsetMv: UNSET_MV,
      tripA: (ratedW / RATED_OUTPUT_V) * TRIP_SHARE,
    });
    this.supply =
      supply.kind === "apw"
        ? new ApwSupply(supply.identity, () => this.#outputState(), hasQuickParts)
        : undefined;
    const busOptions = { clock, random };
    this.buses = {
      boards: new VirtualBus({
        ...busOptions,
        find: (address) => this.#findOnBoards(address),
        durationMs: (transfer) => (hasQuickParts ? 0 : boardsTransferMs(transfer)),
      }),
      psu: new VirtualBus({
        ...busOptions,
        find: (address) => this.#findSupply(address),
        durationMs: (transfer) => (hasQuickParts ? 0 : psuTransferMs(transfer)),
      }),
    };
    this.lines = new ControlLines({
      slots: spec.slots,
      fans: this.fans,
      isPlugged: (slot) => this.boards[slot] !== undefined,
      onWatchdogBite: options.onControlBoardReset,
    });
  }

  get ambientC(): number {
    return this.#ambientC;
  }

  get inputV(): number {
    return this.#inputV;
  }

  /** What the wall gives. */
  get inputW(): number {
    const fansW = this.fans.reduce((sum, fan) => sum + FAN_FULL_W * fan.flowShare ** 3, 0);
    if (this.#inputV < DEAD_INPUT_V) return 0;
    return this.output.powerW / SUPPLY_EFFICIENCY + fansW + CONTROL_BOARD_W;
  }

  setAmbientC(ambientC: number): void {
    this.step();
    this.#ambientC = ambientC;
  }

  setInputV(inputV: number): void {
    this.step();
    this.#inputV = inputV;
    this.output.setInputV(inputV);
    if (inputV < DEAD_INPUT_V) this.supply?.forget();
  }

  /** The enable line: 0 switches the output on. Documented: fact sheet section 0. */
  setEnableLine(level: Level): void {
    this.step();
    this.output.setEnabled(level === 0);
  }

  /** As if the machine had been running for long: the output is on at the nominal voltage. */
  powerUp(): void {
    this.supply?.presetMv(this.spec.nominalRailMv);
    this.output.setEnabled(true);
    this.output.settle(this.supply?.setpointMv ?? this.spec.nominalRailMv);
    this.#steppedToMs -= 1;
    this.step();
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

  #stepBy(ms: number): void {
    const hasPower = this.#inputV >= DEAD_INPUT_V;
    for (const fan of this.fans) fan.step(ms, hasPower);
    const flowShare = this.fans.length === 0 ? 1 : mean(this.fans.map((fan) => fan.flowShare));
    for (const board of this.boards) board.weigh();
    if (this.supply?.hasBitten(this.#steppedToMs) === true) this.output.cut("watchdog");
    this.output.step(ms, this.supply?.setpointMv, (railMv) =>
      this.boards.reduce((sum, board) => sum + board.loadW(railMv), 0),
    );
    // Without a regulator in its file a small board has its voltage whenever there is power.
    const railMv = this.supply === undefined ? this.spec.nominalRailMv : this.output.railMv;
    for (const board of this.boards) board.step(ms, railMv, this.#ambientC, flowShare);
  }

  #findOnBoards(address: number): I2cPart | undefined {
    if (this.#inputV < DEAD_INPUT_V) return undefined;
    for (const board of this.boards) {
      const part = board.find(address);
      if (part !== undefined) return part;
    }
    return undefined;
  }

  #findSupply(address: number): I2cPart | undefined {
    const { supply } = this.spec;
    const isThere = supply.kind === "apw" && supply.address === address;
    return isThere && this.#inputV >= DEAD_INPUT_V ? this.supply : undefined;
  }

  #outputState(): ApwOutput {
    this.step();
    const warmC = this.#ambientC + (30 * this.output.powerW) / this.spec.ratedW;
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

/** What is left of the rated power for the chips. */
function hashingRatedW({ ratedW, fans }: BodySpec): number {
  const besideW = CONTROL_BOARD_W + fans * FAN_FULL_W * FAN_NOMINAL_SPEED ** 3;
  return Math.max(ratedW * 0.5, (ratedW - besideW) * SUPPLY_EFFICIENCY);
}

function boardsTransferMs({ write, read }: I2cTransfer): number {
  const addresses = write.length > 0 && read > 0 ? 2 : 1;
  return ((addresses + write.length + read) * BITS_A_BYTE * 1000) / BOARDS_BUS_HZ;
}

/** The number of the register comes along with the byte: so the captured times count. */
function psuTransferMs({ write, read }: I2cTransfer): number {
  const written = read > 0 ? 0 : Math.max(1, write.length - 1);
  return written * PSU_WRITTEN_BYTE_MS + read * PSU_READ_BYTE_MS;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
