import type { VirtualChip } from "../chip/chip.js";
import type { FoundNonce } from "../chip/nonce-finder.js";
import { encodeNonceAnswer, encodeRegisterAnswer } from "../codec/answer.js";
import type { ChainEffects } from "../chain-effects.js";
import type { SeededRandom } from "../random.js";
import { AnswerWire } from "./answer-wire.js";
import { baudsAgree, damaged, garbled } from "./noise.js";

/** What an answer port needs from its surroundings. */
export interface AnswerPortOptions {
  readonly chips: readonly VirtualChip[];
  readonly random: SeededRandom;
  readonly effects: () => ChainEffects;
  /** Takes bytes for the host; returns how many it took. */
  readonly transmit: (bytes: Uint8Array) => number;
  /** The rate at which the host listens; undefined on a wire that has none. */
  readonly hostListensBaud: () => number | undefined;
}

/** The way of answers from the chips to the host, with everything that may happen to them. */
export class AnswerPort {
  readonly #options: AnswerPortOptions;
  readonly #wire: AnswerWire;
  #nonces = 0;
  #wrongNonces = 0;
  #lostNonces = 0;
  #noiseBytes = 0;
  #overrunBytes = 0;

  constructor(options: AnswerPortOptions) {
    this.#options = options;
    this.#wire = new AnswerWire(options.chips.length);
  }

  /** True while an answer waits or is under way. */
  get isBusy(): boolean {
    return this.#wire.isBusy;
  }

  get nonces(): number {
    return this.#nonces;
  }

  get wrongNonces(): number {
    return this.#wrongNonces;
  }

  /** Nonces that found the queue of their chip full. */
  get lostNonces(): number {
    return this.#lostNonces;
  }

  /** Bytes sent at a rate that the host does not have. */
  get noiseBytes(): number {
    return this.#noiseBytes;
  }

  /** Bytes that the host did not take. */
  get overrunBytes(): number {
    return this.#overrunBytes;
  }

  answerRegister(chipIndex: number, register: number, atMs: number): void {
    const chip = this.#options.chips[chipIndex];
    if (chip === undefined) return;
    const value = chip.readRegister(register);
    const answer = { value, chipAddress: chip.address, register };
    this.#enqueue(chipIndex, chip, encodeRegisterAnswer(chip.answerBytes, answer), atMs);
  }

  reportNonce(nonce: FoundNonce): void {
    const { chipIndex } = nonce;
    const chip = this.#options.chips[chipIndex];
    const { hungChips, isWithoutNonces, wrongNonceShare } = this.#options.effects();
    if (chip === undefined || isWithoutNonces || hungChips.has(chipIndex)) return;
    this.#nonces++;
    const isSpoilt = wrongNonceShare > 0 && this.#options.random.next() < wrongNonceShare;
    if (nonce.isWrong || isSpoilt) {
      this.#wrongNonces++;
      chip.countNonceError();
    }
    // Documented: fact sheet section 4.3. Three bits under a 5-bit job id, or four under a 4-bit one.
    const jobBits =
      chip.family.subCoreBits === 3 ? nonce.jobByte & 0xf8 : (nonce.jobByte << 1) & 0xf0;
    const frame = encodeNonceAnswer(chip.answerBytes, {
      nonceMsbFirst: isSpoilt ? (nonce.nonceMsbFirst ^ 1) >>> 0 : nonce.nonceMsbFirst,
      excessByte: nonce.excessByte,
      idByte: jobBits | nonce.subCore,
      versionField: nonce.versionField,
    });
    if (this.#enqueue(chipIndex, chip, frame, nonce.atMs)) return;
    this.#lostNonces++;
    chip.countNonceOverflow();
  }

  /** Hands the host what has crossed the wire by `nowMs`. */
  deliverUntil(nowMs: number): void {
    if (!this.#wire.isBusy) return;
    const { random, transmit, hostListensBaud, effects } = this.#options;
    const hostBaud = hostListensBaud();
    this.#wire.deliverUntil(nowMs, (bytes, baud) => {
      const isClear = baudsAgree(hostBaud, baud);
      if (!isClear) this.#noiseBytes += bytes.length;
      const sent = isClear ? bytes : bytes.map(() => garbled(random));
      const arriving = damaged(sent, effects().toHost, random);
      this.#overrunBytes += arriving.length - transmit(arriving);
    });
  }

  /** The chips went into reset: what they had to say is gone. */
  clear(): void {
    this.#wire.clear();
  }

  /** False when the chip could not keep the answer. */
  #enqueue(chipIndex: number, chip: VirtualChip, frame: Uint8Array, atMs: number): boolean {
    const { deadChips, cutOffFrom, mutedFrom, isHung, answerDelayMs } = this.#options.effects();
    const isSilent =
      isHung || deadChips.has(chipIndex) || chipIndex >= Math.min(cutOffFrom, mutedFrom);
    if (isSilent || chip.baud === undefined) return true;
    return this.#wire.enqueue(chipIndex, this.#flipped(frame), chip.baud, atMs + answerDelayMs);
  }

  #flipped(frame: Uint8Array): Uint8Array {
    const { random, effects } = this.#options;
    if (random.next() >= effects().answerFlipShare) return frame;
    const bit = random.below(frame.length * 8);
    return frame.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  }
}
