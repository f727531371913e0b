import type { ChipActivity } from "../chain/virtual-chain.js";
import { eepromImage } from "../eeprom/eeprom-image.js";
import type { I2cPart } from "../i2c/i2c-part.js";
import { At24c02 } from "../parts/at24c02.js";
import { hash32, SeededRandom } from "../random.js";
import { BoardHeat } from "./board-heat.js";
import type { BodyBoardSpec } from "./body-spec.js";
import { BodySensor } from "./body-sensor.js";
import { powerAt, powerDemand, powerSpread, type PowerSpread } from "./chip-power.js";

/** The chain of a board as its power and heat see it. */
export interface BodyChain {
  readonly chips: number;
  /** What a chip does; the same object may be given for every chip. */
  activity(chip: number): ChipActivity;
  setRail(railMv: number): void;
}

export interface VirtualBoardOptions {
  readonly spec: BodyBoardSpec;
  readonly chain: BodyChain;
  readonly index: number;
  readonly seed: number;
  /** Power of its chips at the nominal point. */
  readonly ratedW: number;
  readonly nominalRailMv: number;
  readonly ambientC: number;
}

/** Below this share of the nominal voltage chips take nothing; the same share at which their logic stops. */
const LEAST_VOLTAGE_SHARE = 0.3;
/** Smaller changes of the rail are not told to the chips. */
const RAIL_STEP_MV = 10;

/** One hashboard: chips that take power and get warm, and the parts on its buses. */
export class VirtualBoard {
  readonly spec: BodyBoardSpec;
  readonly heat: BoardHeat;
  readonly sensors: readonly BodySensor[];
  readonly eeprom: At24c02 | undefined;
  readonly #chain: BodyChain;
  readonly #nominalRailMv: number;
  readonly #chipNominalW: number;
  readonly #spreads: readonly PowerSpread[];
  readonly #chipsW: Float64Array;
  #dynamicW = 0;
  #leakageW = 0;
  #railMv = 0;
  #toldRailMv = -1;

  constructor(options: VirtualBoardOptions) {
    const { spec, chain, index, seed, ratedW, nominalRailMv, ambientC } = options;
    this.spec = spec;
    this.#chain = chain;
    this.#nominalRailMv = nominalRailMv;
    this.#chipNominalW = ratedW / chain.chips;
    this.#chipsW = new Float64Array(chain.chips);
    this.#spreads = Array.from({ length: chain.chips }, (_, chip) =>
      powerSpread(seed, index, chip),
    );
    this.heat = new BoardHeat(chain.chips, ratedW, ambientC);
    this.sensors = spec.sensors.map(
      (sensor, at) =>
        new BodySensor(
          sensor,
          ambientC,
          new SeededRandom(hash32(hash32(seed, 0x5e00 + index), at)),
        ),
    );
    this.eeprom = spec.eeprom && new At24c02(eepromImage(spec.eeprom.format, spec.eeprom.record));
  }

  get railMv(): number {
    return this.#railMv;
  }

  get powerW(): number {
    return this.#chipsW.reduce((sum, watts) => sum + watts, 0);
  }

  /** The part of this board that answers at an address of the boards bus. */
  find(address: number): I2cPart | undefined {
    if (this.spec.eeprom?.address === address) return this.eeprom;
    const sensor = this.sensors.find(
      ({ spec, isSilent }) => spec.bus === "boards" && spec.address === address && !isSilent,
    );
    return sensor?.part;
  }

  /** Works out what the chips want at their present clock and temperature. */
  weigh(): void {
    this.#dynamicW = 0;
    this.#leakageW = 0;
    for (const [chip, spread] of this.#spreads.entries()) {
      const demand = this.#demandOf(chip, spread);
      this.#dynamicW += demand.dynamicW;
      this.#leakageW += demand.leakageW;
    }
  }

  /** Watts at a rail voltage, for what was weighed last. */
  loadW(railMv: number): number {
    const share = railMv / this.#nominalRailMv;
    if (share < LEAST_VOLTAGE_SHARE) return 0;
    return powerAt({ dynamicW: this.#dynamicW, leakageW: this.#leakageW }, share);
  }

  /** Lets `ms` pass at a rail voltage. */
  step(ms: number, railMv: number, airInC: number, flowShare: number): void {
    this.#railMv = railMv;
    const share = railMv / this.#nominalRailMv;
    const isPowered = share >= LEAST_VOLTAGE_SHARE;
    for (const [chip, spread] of this.#spreads.entries())
      this.#chipsW[chip] = isPowered ? powerAt(this.#demandOf(chip, spread), share) : 0;
    this.heat.step(ms, airInC, flowShare, this.#chipsW);
    for (const sensor of this.sensors) sensor.step(ms, this.#placeC(sensor.spec.at));
    this.#tellRail(isPowered ? railMv : 0);
  }

  /** Telling costs a walk over all chips, so a rail that trembles is not told. */
  #tellRail(railMv: number): void {
    const isNear = Math.abs(railMv - this.#toldRailMv) < RAIL_STEP_MV;
    if (isNear && railMv > 0 === this.#toldRailMv > 0) return;
    this.#toldRailMv = railMv;
    this.#chain.setRail(railMv);
  }

  #demandOf(chip: number, spread: PowerSpread): { dynamicW: number; leakageW: number } {
    return powerDemand(
      this.#chipNominalW,
      spread,
      this.#chain.activity(chip),
      this.heat.dieC[chip] ?? 0,
    );
  }

  #placeC(at: number | "die"): number {
    if (at !== "die") return this.heat.boardC(at);
    return this.heat.dieC[0] ?? 0;
  }
}
