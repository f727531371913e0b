import type { I2cTransfers } from "../../../../src/hal/i2c-bus.js";
import { toHex } from "../../../../src/lib/bytes.js";
import type { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";

/** What a controller answers to a frame that is complete; undefined: the frame goes on, or nobody understands it. */
export type Answers = (request: string) => string | undefined;

/** A controller on a bus: takes and gives one byte a transfer, and notes when. */
export class FakeController implements I2cTransfers {
  /** Requests that were answered, and when their last byte came. */
  readonly requests: { readonly hex: string; readonly atMs: number }[] = [];
  /** When the first byte of each reply was read. */
  readonly repliesAtMs: number[] = [];
  /** Every byte that was written, hex. */
  written = "";
  /** Transfers that are not acknowledged from now on. */
  nacks = 0;
  /** How long a reply is in coming. */
  latencyMs = 0;
  /** What is read when there is no reply. */
  idleByte = 0xff;
  #frame = "";
  #reply: number[] = [];
  #replyFromMs = 0;
  #isReplyBegun = false;
  readonly #address: number;
  readonly #answers: Answers;
  readonly #clock: ManualClock;

  constructor(address: number, answers: Answers, clock: ManualClock) {
    this.#address = address;
    this.#answers = answers;
    this.#clock = clock;
  }

  write(address: number, bytes: Uint8Array): Promise<void> {
    return this.#transfer(address, () => {
      if (bytes.length !== 1) throw new Error("more than one byte in a transfer");
      this.written += toHex(bytes);
      this.#frame += toHex(bytes);
      const answer = this.#answers(this.#frame);
      if (answer === undefined) return;
      this.requests.push({ hex: this.#frame, atMs: this.#clock.nowMs() });
      this.#frame = "";
      this.#reply = [...Buffer.from(answer, "hex")];
      this.#replyFromMs = this.#clock.nowMs() + this.latencyMs;
      this.#isReplyBegun = false;
    });
  }

  read(address: number, length: number): Promise<Uint8Array> {
    return this.#transfer(address, () => {
      if (length !== 1) throw new Error("more than one byte in a transfer");
      if (this.#clock.nowMs() < this.#replyFromMs) return Uint8Array.of(this.idleByte);
      const value = this.#reply.shift();
      if (value !== undefined && !this.#isReplyBegun) this.repliesAtMs.push(this.#clock.nowMs());
      this.#isReplyBegun = true;
      return Uint8Array.of(value ?? this.idleByte);
    });
  }

  readRegister(): Promise<Uint8Array> {
    return Promise.reject(new Error("a controller has no registers"));
  }

  #transfer<Result>(address: number, action: () => Result): Promise<Result> {
    return new Promise((resolve) => {
      if (address !== this.#address || this.nacks > 0) {
        this.nacks--;
        throw new MinerError("I2C_NACK", { bus: "boards", address });
      }
      resolve(action());
    });
  }
}

/** Answers from a table of frames; the requests of the table are whole frames. */
export function answersOf(table: Readonly<Record<string, string>>): Answers {
  return (request) => table[request];
}

/** Moves the clock until `promise` is settled, and gives its outcome. */
export async function finished<Result>(
  clock: ManualClock,
  promise: Promise<Result>,
): Promise<Result> {
  const state = { isSettled: false };
  const settle = (): void => {
    state.isSettled = true;
  };
  promise.then(settle, settle);
  const endMs = clock.nowMs() + 100_000;
  await clock.advance(0);
  while (!state.isSettled && clock.nowMs() < endMs) await clock.advance(10);
  if (!state.isSettled) throw new Error("still under way after 100 s");
  return await promise;
}
