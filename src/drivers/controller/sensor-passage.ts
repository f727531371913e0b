import type { I2cTransfers } from "../../hal/i2c-bus.js";
import type { Turns } from "../../hal/turns.js";
import { hexNumber, toHex } from "../../lib/bytes.js";
import { MinerError } from "../../lib/errors.js";
import type { FramedRounds, Pace } from "./framed-rounds.js";

const WRITE = 0x3b;
const READ = 0x3c;
/** The wait is captured on an S19 Pro. Tries and rest are inferred: a sensor is read anew every second anyway. */
const PACE: Pace = { waitMs: 10, tries: 2, restMs: 50 };

/** Where identity memories sit; nobody writes there, on no bus. */
const FIRST_MEMORY = 0x50;
const LAST_MEMORY = 0x57;

/** The bus behind a framed controller. Captured on an S19 Pro: 3B writes bytes to a part, 3C reads some. */
export class SensorPassage implements I2cTransfers {
  readonly #rounds: FramedRounds;
  readonly #turns: Turns;

  /** @param turns of the controller, which it shares with the controller's other commands */
  constructor(rounds: FramedRounds, turns: Turns) {
    this.#rounds = rounds;
    this.#turns = turns;
  }

  async write(address: number, bytes: Uint8Array): Promise<void> {
    if (address >= FIRST_MEMORY && address <= LAST_MEMORY)
      throw new MinerError("I2C_WRITE_REFUSED", {
        controller: this.#rounds.facts.address,
        address: hexNumber(address),
      });
    await this.#turns.take(() => this.#rounds.ask(WRITE, [address, ...bytes], PACE));
  }

  read(address: number, length: number): Promise<Uint8Array> {
    return this.#turns.take(() => this.#read(address, length));
  }

  /** Both in one turn: the part keeps the register that was chosen last. */
  readRegister(address: number, register: number, length: number): Promise<Uint8Array> {
    return this.#turns.take(async () => {
      await this.#rounds.ask(WRITE, [address, register], PACE);
      return await this.#read(address, length);
    });
  }

  async #read(address: number, length: number): Promise<Uint8Array> {
    const bytes = await this.#rounds.ask(READ, [address, length], PACE);
    if (bytes.length === length) return bytes;
    throw new MinerError("CONTROLLER_BAD_ANSWER", {
      ...this.#rounds.facts,
      part: hexNumber(address),
      wanted: length,
      dataHex: toHex(bytes),
    });
  }
}
