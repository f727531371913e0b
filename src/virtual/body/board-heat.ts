/**
 * Heat of one hashboard: chips on a heat sink in a stream of air. Everything is scaled by the rated power of the
 * board. Inferred: chosen so that a board at its rated power in 25 C air and full flow shows what the EEPROMs of real
 * boards say of their factory test (35 to 42 C at the inlet, 48 to 56 C at the outlet), with dies about 65 C.
 */
const AIR_RISE_C = 13;
const SINK_OVER_AIR_C = 25;
const DIE_OVER_SINK_C = 8;
/** Joules a degree that the sink holds for each rated watt. */
const SINK_J_PER_C_PER_W = 1.1;
/** Heat transfer grows with the flow to this power. */
const FLOW_EXPONENT = 0.8;
/** Share of the cooling, and of the flow, that is left when no fan turns. */
const STILL_AIR = 0.03;
/** How far the circuit board follows its sink rather than the air. */
const BOARD_SHARE = 0.7;
const MOST_ZONES = 8;

/** What keeps the heat of a board from going away. */
export interface HeatTrouble {
  /** Share of the air that still passes. */
  readonly flowShare: number;
  /** Share of the way from sink to air that is left. */
  readonly contactShare: number;
  /** How much hotter than its neighbours a chip under voltage is. */
  readonly hotChips: ReadonlyMap<number, number>;
}

export const GOOD_HEAT: HeatTrouble = { flowShare: 1, contactShare: 1, hotChips: new Map() };

export class BoardHeat {
  readonly #chips: number;
  readonly #ratedW: number;
  readonly #sinkC: Float64Array;
  readonly #airC: Float64Array;
  readonly #dieC: Float64Array;
  #airOutC: number;
  #maximumDieC: number;
  #toAirJ = 0;
  #fromChipsJ = 0;
  #trouble = GOOD_HEAT;

  constructor(chips: number, ratedW: number, startC: number) {
    this.#chips = chips;
    this.#ratedW = ratedW;
    const zones = Math.min(MOST_ZONES, chips);
    this.#sinkC = new Float64Array(zones).fill(startC);
    this.#airC = new Float64Array(zones).fill(startC);
    this.#dieC = new Float64Array(chips).fill(startC);
    this.#airOutC = startC;
    this.#maximumDieC = startC;
  }

  setTrouble(trouble: HeatTrouble): void {
    this.#trouble = trouble;
  }

  /** Heat that the chips gave, that the air took, and that the sinks hold above `baseC`. */
  energyJ(baseC: number): { fromChips: number; toAir: number; stored: number } {
    const capacity = (this.#ratedW * SINK_J_PER_C_PER_W) / this.#sinkC.length;
    const stored = this.#sinkC.reduce((sum, tempC) => sum + capacity * (tempC - baseC), 0);
    return { fromChips: this.#fromChipsJ, toAir: this.#toAirJ, stored };
  }

  get airOutC(): number {
    return this.#airOutC;
  }

  get dieC(): Float64Array {
    return this.#dieC;
  }

  /** The hottest that any die ever was. */
  get maximumDieC(): number {
    return this.#maximumDieC;
  }

  get meanSinkC(): number {
    return this.#sinkC.reduce((sum, tempC) => sum + tempC, 0) / this.#sinkC.length;
  }

  /** The circuit board at a place along the air stream, 0 inlet to 1 outlet. */
  boardC(place: number): number {
    const zone = Math.min(this.#sinkC.length - 1, Math.floor(place * this.#sinkC.length));
    const airC = this.#airC[zone] ?? 0;
    return airC + BOARD_SHARE * ((this.#sinkC[zone] ?? 0) - airC);
  }

  /** @param flowShare flow over the flow at full speed of all fans */
  step(ms: number, airInC: number, flowShare: number, chipsW: Float64Array): void {
    const seconds = ms / 1000;
    const zones = this.#sinkC.length;
    const trouble = this.#trouble;
    const flow = Math.max(STILL_AIR, flowShare * trouble.flowShare);
    const airWPerC = (this.#ratedW / AIR_RISE_C) * flow;
    const transfer = (flow ** FLOW_EXPONENT + STILL_AIR) * trouble.contactShare;
    const passed = Math.exp(-((this.#ratedW / SINK_OVER_AIR_C / zones) * transfer) / airWPerC);
    const holdsJPerC = (this.#ratedW * SINK_J_PER_C_PER_W) / zones;
    const zonesW = this.#sumByZone(chipsW);
    let airC = airInC;
    for (let zone = 0; zone < zones; zone++) {
      const sinkC = this.#sinkC[zone] ?? 0;
      const leavingC = sinkC + (airC - sinkC) * passed;
      const toAirW = airWPerC * (leavingC - airC);
      const fromChipsW = zonesW[zone] ?? 0;
      this.#sinkC[zone] = sinkC + ((fromChipsW - toAirW) * seconds) / holdsJPerC;
      this.#airC[zone] = (airC + leavingC) / 2;
      this.#toAirJ += toAirW * seconds;
      this.#fromChipsJ += fromChipsW * seconds;
      airC = leavingC;
    }
    this.#airOutC = airC;
    const dieCPerW = (DIE_OVER_SINK_C * this.#chips) / this.#ratedW;
    for (let chip = 0; chip < this.#chips; chip++) {
      const chipW = chipsW[chip] ?? 0;
      const hotterC = chipW > 0 ? (trouble.hotChips.get(chip) ?? 0) : 0;
      const dieC = (this.#sinkC[this.#zoneOf(chip)] ?? 0) + dieCPerW * chipW + hotterC;
      this.#dieC[chip] = dieC;
      if (dieC > this.#maximumDieC) this.#maximumDieC = dieC;
    }
  }

  #zoneOf(chip: number): number {
    return Math.floor((chip * this.#sinkC.length) / this.#chips);
  }

  #sumByZone(chipsW: Float64Array): Float64Array {
    const sums = new Float64Array(this.#sinkC.length);
    for (let chip = 0; chip < this.#chips; chip++) {
      const zone = this.#zoneOf(chip);
      sums[zone] = (sums[zone] ?? 0) + (chipsW[chip] ?? 0);
    }
    return sums;
  }
}
