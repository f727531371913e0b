import type { Clock } from "../../lib/clock.js";
import type { SeededRandom } from "../random.js";
import type { I2cPart } from "./i2c-part.js";

/** One transaction: a write, a read, or a read after a write and a repeated start. */
export interface I2cTransfer {
  readonly address: number;
  readonly write: Uint8Array;
  readonly read: number;
}

export type I2cOutcome =
  | { readonly ok: true; readonly read: Uint8Array }
  | { readonly ok: false; readonly error: "nack" | "stuck" };

/** What is wrong with a bus. */
export interface BusTrouble {
  /** A part holds the data line down; nine clocks free it, or do not. */
  readonly stuck: "no" | "untilRecovery" | "forGood";
  /** Added to every transfer. */
  readonly delayMs: number;
  /** Share of the transfers that end in a missing acknowledge or a damaged byte. */
  readonly noiseShare: number;
  /** No part acknowledges its address. */
  readonly isDeaf: boolean;
  /** Share of the reads that give bytes which no part sent. */
  readonly wrongShare: number;
}

export const GOOD_BUS: BusTrouble = {
  stuck: "no",
  delayMs: 0,
  noiseShare: 0,
  isDeaf: false,
  wrongShare: 0,
};

export interface VirtualBusOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** Who answers at an address at this moment. */
  readonly find: (address: number) => I2cPart | undefined;
  readonly durationMs: (transfer: I2cTransfer) => number;
}

/** Shorter waits are not waited for one by one: they add up until a timer can keep them. */
const SHORTEST_WAIT_MS = 1;
/** How long a Linux driver tries on a stuck bus before it gives up: inferred. */
const STUCK_MS = 25;

/** One I2C bus: a transaction at a time, each as long as on the wire. */
export class VirtualBus {
  readonly #options: VirtualBusOptions;
  #trouble = GOOD_BUS;
  #freeAtMs = -Infinity;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: VirtualBusOptions) {
    this.#options = options;
  }

  setTrouble(trouble: BusTrouble): void {
    this.#trouble = trouble;
  }

  /** Resolves when the transaction is over; those before come first. */
  transfer(transfer: I2cTransfer): Promise<I2cOutcome> {
    return this.#inTurn(
      () => {
        if (this.#trouble.stuck !== "no") return STUCK_MS;
        const { durationMs, find } = this.#options;
        const heldMs = find(transfer.address)?.delayMs ?? 0;
        return durationMs(transfer) + this.#trouble.delayMs + heldMs;
      },
      () => this.#execute(transfer),
    );
  }

  /** Nine clocks and a stop. False: the data line stays down. */
  recover(): Promise<boolean> {
    return this.#inTurn(
      () => SHORTEST_WAIT_MS,
      () => {
        if (this.#trouble.stuck === "forGood") return false;
        this.#trouble = { ...this.#trouble, stuck: "no" };
        return true;
      },
    );
  }

  #inTurn<Result>(durationMs: () => number, act: () => Result): Promise<Result> {
    const { clock } = this.#options;
    const turn = this.#last.then(async () => {
      this.#freeAtMs = Math.max(this.#freeAtMs, clock.nowMs()) + durationMs();
      const waitMs = this.#freeAtMs - clock.nowMs();
      if (waitMs >= SHORTEST_WAIT_MS) await clock.sleep(waitMs);
      return act();
    });
    this.#last = turn;
    return turn;
  }

  #execute(transfer: I2cTransfer): I2cOutcome {
    const { clock, find, random } = this.#options;
    const { stuck, isDeaf, wrongShare } = this.#trouble;
    if (stuck !== "no") return { ok: false, error: "stuck" };
    if (isDeaf) return { ok: false, error: "nack" };
    const isHit = this.#trouble.noiseShare > 0 && random.next() < this.#trouble.noiseShare;
    const part = find(transfer.address);
    if (part === undefined || (isHit && random.below(2) === 0)) return { ok: false, error: "nack" };
    const nowMs = clock.nowMs();
    const isProbe = transfer.read === 0;
    if ((transfer.write.length > 0 || isProbe) && !part.write(transfer.write, nowMs))
      return { ok: false, error: "nack" };
    if (isProbe) return { ok: true, read: new Uint8Array() };
    const read = part.read(transfer.read, nowMs);
    if (read === undefined) return { ok: false, error: "nack" };
    if (wrongShare > 0 && random.next() < wrongShare)
      return { ok: true, read: read.map(() => random.below(256)) };
    return { ok: true, read: isHit ? withOneBitChanged(read, random) : read };
  }
}

function withOneBitChanged(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = random.below(changed.length);
  changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
  return changed;
}
