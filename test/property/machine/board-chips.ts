import type { BodyChain } from "../../../src/virtual/body/virtual-board.js";

/** As many as the heat model has zones to tell apart, or half: it scales with the power of the board. */
const CHIPS = 4;

/** The chips of one board: clocked and worked by whoever drives the chain, powered and warmed by the body. */
export class BoardChips implements BodyChain {
  readonly chips = CHIPS;
  readonly #nominalMHz: number;
  #isInReset = true;
  #isPowered = false;
  #freqMHz = 0;
  #works = false;
  /** They no longer answer. */
  areDead = false;

  constructor(nominalMHz: number) {
    this.#nominalMHz = nominalMHz;
  }

  get isInReset(): boolean {
    return this.#isInReset;
  }

  get isPowered(): boolean {
    return this.#isPowered;
  }

  /** 0 in reset, without power, and before anybody sets it. */
  get freqMHz(): number {
    return this.#freqMHz;
  }

  get answers(): boolean {
    return this.#isPowered && !this.#isInReset && !this.areDead;
  }

  setReset(isInReset: boolean): void {
    this.#isInReset = isInReset;
    if (isInReset) this.#forget();
  }

  setRail(railMv: number): void {
    this.#isPowered = railMv > 0;
    if (!this.#isPowered) this.#forget();
  }

  run(freqMHz: number, works: boolean): void {
    if (!this.answers) return;
    this.#freqMHz = freqMHz;
    this.#works = works;
  }

  activity(): ReturnType<BodyChain["activity"]> {
    return { freqShare: this.#freqMHz / this.#nominalMHz, hashingShare: this.#works ? 1 : 0 };
  }

  #forget(): void {
    this.#freqMHz = 0;
    this.#works = false;
  }
}
