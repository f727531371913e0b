import type { ChipActivity } from "../chain/virtual-chain.js";
import { eepromImage } from "../eeprom/eeprom-image.js";
import type { I2cPart } from "../i2c/i2c-part.js";
import { At24c02 } from "../parts/at24c02.js";
import { Emc2101 } from "../parts/emc2101.js";
import { FramedController } from "../parts/framed-controller.js";
import { Tps546 } from "../parts/tps546.js";
import { hash32, SeededRandom } from "../random.js";
import { BoardHeat } from "./board-heat.js";
import { BodySensor, GOOD_SENSOR } from "./body-sensor.js";
import type { BodyBoardSpec } from "./body-spec.js";
import {
  powerAt,
  powerDemand,
  powerSpread,
  type PowerDemand,
  type PowerSpread,
} from "./chip-power.js";
import { Fan } from "./fan.js";
import type { BoardTrouble } from "./faults/body-effects.js";

/** The chain of a board as its power and heat see it. */
export interface BodyChain {
  readonly chips: number;
  /** What a chip does. */
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
  readonly fanFullRpm: number;
  readonly ambientC: number;
  readonly hasQuickParts: boolean;
}

/** What surrounds a board while time passes. */
export interface BoardSurroundings {
  /** What the supply gives, mV. */
  readonly supplyMv: number;
  readonly airInC: number;
  /** Flow of the fans of the control board. */
  readonly flowShare: number;
  /** False while the input is gone: nothing on the board lives. */
  readonly hasPower: boolean;
}

/** Below this share of the nominal voltage chips take nothing; the same share at which their logic stops. */
const LEAST_VOLTAGE_SHARE = 0.3;
/** Changes of the rail below this share of the nominal voltage are not told to the chips. */
const RAIL_STEP_SHARE = 0.00075;

/** One hashboard: chips that take power and get warm, and the parts on its buses. */
export class VirtualBoard {
  readonly spec: BodyBoardSpec;
  readonly heat: BoardHeat;
  readonly sensors: readonly BodySensor[];
  readonly eeprom: At24c02 | undefined;
  readonly controller: FramedController | undefined;
  readonly regulator: Tps546 | undefined;
  /** The one that the board's own fan controller drives. */
  readonly fan: Fan | undefined;
  /** By name: what is at an address of the boards bus. */
  readonly parts: ReadonlyMap<string, { readonly address: number; readonly part: I2cPart }>;
  readonly #fanController: Emc2101 | undefined;
  readonly #chain: BodyChain;
  readonly #nominalRailMv: number;
  readonly #chipNominalW: number;
  readonly #spreads: readonly PowerSpread[];
  readonly #chipsW: Float64Array;
  #isMissing = false;
  /** What each chip wants, as weighed last, and the sums. */
  readonly #dynamicW: Float64Array;
  readonly #leakageW: Float64Array;
  #demand: PowerDemand = { dynamicW: 0, leakageW: 0 };
  #supplyMv = 0;
  #railMv = 0;
  #toldRailMv = 0;
  #powerW = 0;

  constructor(options: VirtualBoardOptions) {
    const { spec, chain, index, seed, ratedW, ambientC, hasQuickParts } = options;
    this.spec = spec;
    this.#chain = chain;
    chain.setRail(0);
    this.#nominalRailMv = options.nominalRailMv;
    this.#chipNominalW = ratedW / chain.chips;
    this.#chipsW = new Float64Array(chain.chips);
    this.#dynamicW = new Float64Array(chain.chips);
    this.#leakageW = new Float64Array(chain.chips);
    this.#spreads = Array.from({ length: chain.chips }, (_, chip) =>
      powerSpread(seed, index, chip),
    );
    this.heat = new BoardHeat(chain.chips, ratedW, ambientC);
    this.sensors = spec.sensors.map((sensor, at) => {
      const random = new SeededRandom(hash32(hash32(seed, 0x5e00 + index), at));
      return new BodySensor(sensor, ambientC, random);
    });
    this.eeprom = spec.eeprom && new At24c02(eepromImage(spec.eeprom.format, spec.eeprom.record));
    this.controller =
      spec.controller &&
      new FramedController(
        spec.controller.version,
        {
          find: (address) => this.#sensorAt("controller", address),
          inputMv: () => this.#supplyMv,
        },
        hasQuickParts,
      );
    this.regulator = spec.regulator && this.#makeRegulator(spec.regulator.inputMv);
    this.fan = spec.fanController && new Fan(options.fanFullRpm);
    this.#fanController = this.fan && this.#makeFanController(this.fan);
    this.parts = this.#listParts();
  }

  get isMissing(): boolean {
    return this.#isMissing;
  }

  /** At the chips. */
  get railMv(): number {
    return this.#railMv;
  }

  /** The chips have a voltage on which they live. */
  get isPowered(): boolean {
    return this.#railMv >= LEAST_VOLTAGE_SHARE * this.#nominalRailMv;
  }

  get powerW(): number {
    return this.#powerW;
  }

  setTrouble(trouble: BoardTrouble, eepromShown: Uint8Array | undefined): void {
    this.#isMissing = trouble.isMissing;
    for (const [number, sensor] of this.sensors.entries())
      sensor.setTrouble({
        ...GOOD_SENSOR,
        ...trouble.sensors.get(-1),
        ...trouble.sensors.get(number),
      });
    this.heat.setTrouble(trouble.heat);
    if (this.#fanController !== undefined)
      this.#fanController.isSilent = trouble.sensors.get(-1)?.isSilent === true;
    this.controller?.setTrouble(trouble.controller);
    this.eeprom?.show(eepromShown);
    if (this.eeprom !== undefined) this.eeprom.isSilent = trouble.eeprom?.is === "silent";
  }

  /** As if it had been running for long. */
  powerUp(nowMs: number): void {
    this.controller?.run(nowMs);
    this.regulator?.preset(this.#nominalRailMv);
    this.fan?.setDuty(1);
  }

  /** Works out what the chips want at their present clock and temperature. */
  weigh(): void {
    const { dieC } = this.heat;
    let dynamicW = 0;
    let leakageW = 0;
    for (const [chip, spread] of this.#spreads.entries()) {
      const activity = this.#chain.activity(chip);
      const demand = powerDemand(this.#chipNominalW, spread, activity, dieC[chip] ?? 0);
      this.#dynamicW[chip] = demand.dynamicW;
      this.#leakageW[chip] = demand.leakageW;
      dynamicW += demand.dynamicW;
      leakageW += demand.leakageW;
    }
    this.#demand = { dynamicW, leakageW };
  }

  /** Watts at a voltage of the supply, for what was weighed last. */
  loadW(supplyMv: number): number {
    const share = this.#chipRailMv(supplyMv) / this.#nominalRailMv;
    if (share < LEAST_VOLTAGE_SHARE) return 0;
    return powerAt(this.#demand, share);
  }

  /** Lets `ms` pass, up to `nowMs`, with the chips as weighed last. */
  step(ms: number, nowMs: number, around: BoardSurroundings): void {
    if (!around.hasPower) this.#restart();
    this.#supplyMv = around.supplyMv;
    this.controller?.step(nowMs);
    this.#railMv = around.hasPower ? this.#chipRailMv(around.supplyMv) : 0;
    const share = this.#railMv / this.#nominalRailMv;
    const isPowered = share >= LEAST_VOLTAGE_SHARE;
    for (let chip = 0; chip < this.#chipsW.length; chip++) {
      const dynamicW = this.#dynamicW[chip] ?? 0;
      const leakageW = this.#leakageW[chip] ?? 0;
      this.#chipsW[chip] = isPowered ? dynamicW * share ** 2 + leakageW * share : 0;
    }
    this.#powerW = isPowered ? powerAt(this.#demand, share) : 0;
    this.fan?.step(ms, around.hasPower);
    this.heat.step(ms, around.airInC, this.fan?.flowShare ?? around.flowShare, this.#chipsW);
    for (const sensor of this.sensors) sensor.step(ms, this.#placeC(sensor.spec.at));
    this.#tellRail(isPowered ? this.#railMv : 0);
  }

  #chipRailMv(supplyMv: number): number {
    if (this.#isMissing || this.controller?.isConverterOn === false) return 0;
    return this.regulator?.outputMv ?? supplyMv;
  }

  /** Telling costs a walk over all chips, so a rail that trembles is not told. */
  #tellRail(railMv: number): void {
    const isNear = Math.abs(railMv - this.#toldRailMv) < RAIL_STEP_SHARE * this.#nominalRailMv;
    if (isNear && railMv > 0 === this.#toldRailMv > 0) return;
    this.#toldRailMv = railMv;
    this.#chain.setRail(railMv);
  }

  #placeC(at: number | "die"): number {
    return at === "die" ? (this.heat.dieC[0] ?? 0) : this.heat.boardC(at);
  }

  #sensorAt(bus: "boards" | "controller", address: number): I2cPart | undefined {
    return this.sensors.find((sensor) => sensor.spec.bus === bus && sensor.address === address)
      ?.part;
  }

  #restart(): void {
    this.controller?.restart();
    this.regulator?.restart();
    this.#fanController?.restart();
  }

  #makeRegulator(inputMv: number): Tps546 {
    return new Tps546({
      inputMv: () => inputMv,
      outputA: () => (this.#railMv > 0 ? (this.#powerW / this.#railMv) * 1000 : 0),
      tempC: () => this.heat.boardC(0.5),
    });
  }

  #makeFanController(fan: Fan): Emc2101 {
    fan.setDuty(0);
    return new Emc2101({
      boardC: () => this.heat.boardC(0.5),
      dieC: () => this.#placeC("die"),
      fanRpm: () => 60e9 / ((fan.tachPeriodNs ?? Infinity) * 2),
      setFanDuty: (duty) => {
        fan.setDuty(duty);
      },
    });
  }

  #listParts(): Map<string, { address: number; part: I2cPart }> {
    const { eeprom, controller, regulator, fanController } = this.spec;
    const parts = new Map<string, { address: number; part: I2cPart }>();
    const add = (name: string, address: number | undefined, part: I2cPart | undefined): void => {
      if (address !== undefined && part !== undefined) parts.set(name, { address, part });
    };
    add("eeprom", eeprom?.address, this.eeprom);
    add("controller", controller?.address, this.controller);
    add("regulator", regulator?.address, this.regulator);
    add("fanController", fanController?.address, this.#fanController);
    for (const [number, sensor] of this.sensors.entries())
      if (sensor.spec.bus === "boards") parts.set(`sensor${String(number)}`, sensor);
    return parts;
  }
}
