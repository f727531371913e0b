import type { Network } from "../bitcoin/network.js";
import { ticketTarget } from "../bitcoin/target.js";
import type { Clock } from "../lib/clock.js";

/**
 * Nonces a second that a chain is to report at most. Decided: stock firmware's 256 makes 36 a second on a board of
 * 40 TH/s (captured), which gives the chain's rate within 2 % in a minute and a chip's within 6 % in a quarter of an
 * hour, is a twentieth of what a line at 115,200 baud carries, and on three chains a twentieth of the CPU's budget.
 */
const MOST_NONCES_PER_S = 50;
/** A ticket in force stays as long as it makes nonces at a rate between these: a clock that creeps changes nothing. */
const KEPT_NONCES_PER_S = { least: 20, most: 60 };
/**
 * A lower ticket that a job needed stays for so long: pools take turns within seconds, and chips may still answer
 * the work of a job that was replaced.
 */
const KEEP_MS = 120_000;
/** The chips' mask register asks for no more zero bits beyond difficulty 1. */
const MAX_EXPONENT = 31;
const HASHES_PER_DIFFICULTY = 2 ** 32;

/** The ticket difficulty, a power of two, for a chain that makes `ths` TH/s, when no job needs less. */
export function ticketForRate(ths: number): number {
  const exponent = Math.ceil(Math.log2(noncesPerS(ths, 0) / MOST_NONCES_PER_S));
  return 2 ** Math.min(MAX_EXPONENT, Math.max(0, exponent));
}

/** Leading zero bits of a hash, 32 bytes as hashed (little-endian), that meets the ticket target. */
export function ticketZeroBits(difficulty: number, network: Network): number {
  return 256 - ticketTarget(difficulty, network).toString(2).length;
}

export interface TicketChoiceOptions {
  readonly clock: Clock;
  /** What difficulty 1 means to the chips. */
  readonly network: Network;
  /** The configured ticket difficulty, a power of two; undefined: chosen by the hash rate. */
  readonly setting: number | undefined;
  /** What the chain should make now, TH/s. */
  readonly expectedThs: () => number;
}

/**
 * What the chips of one chain should report. Never less than every share of every job whose answers may still come,
 * else a good share would be lost; beyond that as much as statistics need.
 */
export class TicketChoice {
  readonly #options: TicketChoiceOptions;
  /** By exponent: when a job that needs no higher ticket was replaced. */
  readonly #neededMs = new Float64Array(MAX_EXPONENT + 1).fill(-Infinity);
  #running: number | undefined;
  #usual: number | undefined;

  constructor(options: TicketChoiceOptions) {
    this.#options = options;
  }

  /** The chain works on a job with this target from now on; undefined: on none. */
  run(jobTarget: bigint | undefined): void {
    if (this.#running !== undefined) this.#neededMs[this.#running] = this.#options.clock.nowMs();
    this.#running = jobTarget === undefined ? undefined : this.#exponentFor(jobTarget);
  }

  /** The highest ticket difficulty at which the chips still report every share of a job; at least 1. */
  highestFor(jobTarget: bigint): number {
    return 2 ** this.#exponentFor(jobTarget);
  }

  /** What the chips should report now. */
  wanted(): number {
    const sinceMs = this.#options.clock.nowMs() - KEEP_MS;
    const recent = this.#neededMs.findIndex((neededMs) => neededMs > sinceMs);
    const needs = [this.#running ?? MAX_EXPONENT, recent < 0 ? MAX_EXPONENT : recent];
    return 2 ** Math.min(this.#usualExponent(), ...needs);
  }

  #exponentFor(jobTarget: bigint): number {
    const { network } = this.#options;
    let exponent = MAX_EXPONENT;
    while (exponent > 0 && ticketTarget(2 ** exponent, network) < jobTarget) exponent--;
    return exponent;
  }

  #usualExponent(): number {
    const { setting, expectedThs } = this.#options;
    if (setting !== undefined) return Math.floor(Math.log2(setting));
    const ths = expectedThs();
    const rate = noncesPerS(ths, this.#usual ?? 0);
    const { least, most } = KEPT_NONCES_PER_S;
    if (this.#usual === undefined || rate > most || (rate < least && this.#usual > 0))
      this.#usual = Math.log2(ticketForRate(ths));
    return this.#usual;
  }
}

export function noncesPerS(ths: number, exponent: number): number {
  return (ths * 1e12) / (HASHES_PER_DIFFICULTY * 2 ** exponent);
}
