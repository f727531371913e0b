import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import {
  parseRing,
  RING_HEAD_BYTES,
  ringBody,
  ringLine,
  ringPages,
} from "../../src/lib/ring-text.js";
import { StateFile } from "../../src/lib/state-file.js";
import {
  asFirstVersion,
  parseStateText,
  stateText,
  type StateFormat,
} from "../../src/lib/state-text.js";

/** Reads whatever JSON holds: what is refused is refused for its checksum. */
const ANY: StateFormat<unknown> = {
  migrations: [asFirstVersion, (plain) => plain],
  parse: (plain) => plain,
  plain: (state) => state,
};

const state = fc.jsonValue({ maxDepth: 3 });

/** Undefined when nothing can be read. */
function readOf(bytes: Buffer): { readonly state: unknown } | undefined {
  try {
    const text = new TextDecoder("utf8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { state: parseStateText(ANY, text) };
  } catch {
    return undefined;
  }
}

function assertRightOrNone(bytes: Buffer, wanted: unknown): void {
  const found = readOf(bytes);
  if (found !== undefined) deepEqual(JSON.stringify(found.state), JSON.stringify(wanted));
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(bit / 8) % copy.length;
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << (bit % 8)), at);
  return copy;
}

describe("the text of a kept state", () => {
  it("gives back every state", () => {
    fc.assert(
      fc.property(state, (wanted) => {
        const found = readOf(Buffer.from(stateText(ANY, wanted)));
        equal(JSON.stringify(found?.state), JSON.stringify(wanted));
      }),
    );
  });

  it("is right or refused, wherever it was cut", () => {
    fc.assert(
      fc.property(state, (wanted) => {
        const bytes = Buffer.from(stateText(ANY, wanted));
        for (let length = 0; length < bytes.length; length++)
          assertRightOrNone(bytes.subarray(0, length), wanted);
      }),
    );
  });

  it("is right or refused, whichever bit was flipped", () => {
    fc.assert(
      fc.property(state, (wanted) => {
        const bytes = Buffer.from(stateText(ANY, wanted));
        for (let bit = 0; bit < bytes.length * 8; bit++)
          assertRightOrNone(flipped(bytes, bit), wanted);
      }),
      { numRuns: 20 },
    );
  });

  it("is right or refused with any bytes of another text in it", () => {
    const damage = fc.record({ other: state, from: fc.nat(), to: fc.nat() });
    fc.assert(
      fc.property(state, damage, (wanted, { other, from, to }) => {
        const bytes = Buffer.from(stateText(ANY, wanted));
        const others = Buffer.from(stateText(ANY, other));
        const mixed = Buffer.concat([
          bytes.subarray(0, from % bytes.length),
          others.subarray(to % others.length),
        ]);
        const found = readOf(mixed);
        if (found === undefined) return;
        const text = JSON.stringify(found.state);
        ok(text === JSON.stringify(wanted) || text === JSON.stringify(other));
      }),
    );
  });

  it("leads a state file to the newest or the one before, and to a name for what was damaged", async () => {
    const folder = await mkdtemp(join(tmpdir(), "headframe-property-"));
    const path = join(folder, "state.json");
    const damage = fc.record({ bit: fc.nat(), isCut: fc.boolean() });
    const damaged = (text: string, { bit, isCut }: { bit: number; isCut: boolean }): Buffer => {
      const bytes = Buffer.from(text);
      return isCut ? bytes.subarray(0, bit % bytes.length) : flipped(bytes, bit);
    };
    const generations = fc.tuple(fc.integer(), fc.integer(), fc.option(damage), fc.option(damage));
    try {
      await fc.assert(
        fc.asyncProperty(generations, async ([newest, before, ofNewest, ofBefore]) => {
          const texts = { newest: stateText(ANY, newest), before: stateText(ANY, before) };
          await writeFile(path, ofNewest ? damaged(texts.newest, ofNewest) : texts.newest);
          await writeFile(
            `${path}.previous`,
            ofBefore ? damaged(texts.before, ofBefore) : texts.before,
          );
          const found = await new StateFile(path, ANY).load();
          const isTold = found.trouble.every(({ keptAs }) => keptAs !== undefined);
          ok(isTold);
          if (found.is === "none") ok(ofNewest && ofBefore && found.trouble.length === 2);
          else equal(found.state, found.from === "file" ? newest : before);
          if (found.is === "loaded" && found.from === "file") equal(found.trouble.length, 0);
        }),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("the bytes of a ring", () => {
  const values = fc.array(fc.jsonValue({ maxDepth: 2 }), { minLength: 1, maxLength: 12 });

  function ringOf(records: readonly unknown[]): Buffer {
    const lines = records.map((value, index) => ringLine(index + 1, ringBody(value)));
    const length = lines.reduce((sum, line) => sum + line.length, RING_HEAD_BYTES);
    return Buffer.concat([...ringPages(length, lines)]);
  }

  /** What is read was written, and is in order. */
  function assertSome(bytes: Buffer, written: readonly unknown[]): number {
    const { records } = parseRing(bytes);
    let before = 0;
    for (const { seq, value } of records) {
      ok(seq > before && seq <= written.length);
      equal(JSON.stringify(value), JSON.stringify(written[seq - 1]));
      before = seq;
    }
    return records.length;
  }

  it("give back all that was written", () => {
    fc.assert(
      fc.property(values, (written) => {
        equal(assertSome(ringOf(written), written), written.length);
      }),
    );
  });

  it("give back what is whole, wherever they were cut", () => {
    fc.assert(
      fc.property(values, fc.nat(), (written, length) => {
        const bytes = ringOf(written);
        assertSome(bytes.subarray(0, length % bytes.length), written);
      }),
    );
  });

  it("lose one record at most to a flipped bit, and give none that was not written", () => {
    fc.assert(
      fc.property(values, (written) => {
        const bytes = ringOf(written);
        for (let bit = RING_HEAD_BYTES * 8; bit < bytes.length * 8; bit++)
          ok(assertSome(flipped(bytes, bit), written) >= written.length - 1);
      }),
      { numRuns: 6 },
    );
  });

  it("give none that was not written, whatever is written over them", () => {
    const noise = fc.record({ at: fc.nat(), bytes: fc.uint8Array({ maxLength: 200 }) });
    fc.assert(
      fc.property(values, noise, (written, { at, bytes: over }) => {
        const bytes = ringOf(written);
        Buffer.from(over).copy(bytes, at % bytes.length);
        assertSome(bytes, written);
      }),
    );
  });
});
