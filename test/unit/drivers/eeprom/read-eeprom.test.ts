import { deepEqual, equal, rejects } from "node:assert/strict";
import { readEeprom } from "../../../../src/drivers/eeprom/read-eeprom.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";

const ADDRESS = 0x50;

/** A memory that may fail or lie: `answer` gets the number of the read, from 0. */
class FakeMemory {
  reads = 0;
  readonly #answer: (read: number, offset: number) => Uint8Array;

  constructor(answer: (read: number, offset: number) => Uint8Array) {
    this.#answer = answer;
  }

  readRegister(address: number, offset: number, length: number): Promise<Uint8Array> {
    equal(address, ADDRESS);
    return new Promise((resolve) => {
      const bytes = this.#answer(this.reads++, offset);
      equal(bytes.length, length);
      resolve(bytes);
    });
  }
}

/** The piece at `offset` of a memory that counts up. */
function piece(offset: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => offset + index);
}

const nack = (): never => {
  throw new MinerError("I2C_NACK", { bus: "boards", address: ADDRESS });
};

async function readWith(memory: FakeMemory): Promise<Uint8Array> {
  const clock = new ManualClock();
  const result = readEeprom(memory, ADDRESS, clock);
  result.catch(() => undefined);
  await clock.advance(1000);
  return await result;
}

describe("reading a hashboard memory", () => {
  it("reads all bytes in pieces, twice", async () => {
    const memory = new FakeMemory((_, offset) => piece(offset));
    deepEqual(
      await readWith(memory),
      Uint8Array.from({ length: 256 }, (_, index) => index),
    );
    equal(memory.reads, 16);
  });

  it("asks again for a piece that is not answered", async () => {
    const memory = new FakeMemory((read, offset) =>
      read === 3 || read === 4 ? nack() : piece(offset),
    );
    equal((await readWith(memory))[96], 96);
    equal(memory.reads, 18);
  });

  it("says that the memory is silent after three tries, and where", async () => {
    const memory = new FakeMemory((_, offset) => (offset === 64 ? nack() : piece(offset)));
    await rejects(readWith(memory), {
      code: "EEPROM_SILENT",
      context: { address: "0x50", offset: 64, tries: 3 },
    });
  });

  it("does not take a stuck bus for a silent memory", async () => {
    const memory = new FakeMemory(() => {
      throw new MinerError("I2C_BUS_STUCK", { bus: "boards" });
    });
    await rejects(readWith(memory), { code: "I2C_BUS_STUCK" });
    equal(memory.reads, 1);
  });

  it("reads a third time when a disturbed line changed one reading", async () => {
    for (const disturbed of [2, 10]) {
      const memory = new FakeMemory((read, offset) =>
        read === disturbed ? piece(offset).fill(0) : piece(offset),
      );
      const image = await readWith(memory);
      equal(image[64], 64);
      equal(memory.reads, 24);
    }
  });

  it("refuses a memory that says something else each time", async () => {
    const memory = new FakeMemory((read, offset) => piece(offset).fill(read));
    await rejects(readWith(memory), {
      code: "EEPROM_UNKNOWN",
      context: {
        address: "0x50",
        reason: "3 readings, no two alike",
        differsAt: 0,
      },
    });
  });
});
