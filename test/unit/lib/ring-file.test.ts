import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { findRingEnd, readRing } from "../../../src/lib/ring-file.js";
import { parseRing, ringBody, ringLine, ringPages } from "../../../src/lib/ring-text.js";

const BYTES = 300_000;

describe("file of a ring", () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "headframe-ring-file-"));
    path = join(folder, "a.ring");
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A lap and a half: the newest stand before the oldest. Records are up to 90 kB, longer than what is read at once. */
  function ring(lengths: readonly number[]): Buffer {
    const lines = lengths.map((length, at) => ringLine(at + 1, ringBody("x".repeat(length))));
    const bytes = whole(BYTES);
    let position = 64;
    for (const line of lines) {
      if (position + line.length > BYTES) {
        bytes.fill("\n", position);
        position = 64;
      }
      line.copy(bytes, position);
      position += line.length;
    }
    return bytes;
  }

  async function assertAsParsed(bytes: Buffer, about: string): Promise<void> {
    await writeFile(path, bytes);
    const newest = parseRing(bytes).records.at(-1);
    const expected = { seq: newest?.seq ?? 0, endByte: newest?.endByte ?? 63 };
    deepEqual(await findRingEnd(path, BYTES), expected, about);
    await assertReadAsParsed(bytes, about);
  }

  async function assertReadAsParsed(bytes: Buffer, about: string): Promise<void> {
    const { records, damagedLines } = parseRing(bytes);
    const kept = records.map(({ seq, value }) => [seq, value] as const);
    const pick = (value: unknown, seq: number): readonly [number, unknown] => [seq, value];
    deepEqual(await readRing(path, { pick }), { kept, damagedLines }, about);
    const odd = (value: unknown, seq: number): unknown => (seq % 2 === 1 ? value : undefined);
    const newest = kept.filter(([seq]) => seq % 2 === 1).slice(-7);
    const read = await readRing(path, { pick: odd, last: 7 });
    deepEqual(
      read.kept,
      newest.map(([, value]) => value),
      about,
    );
  }

  for (const [name, lengths] of [
    ["none", []],
    ["one", [10]],
    ["short ones", Array.from({ length: 5000 }, (_, at) => (at * 37) % 200)],
    ["long ones", Array.from({ length: 9 }, (_, at) => 30_000 + ((at * 29_989) % 60_000))],
    ["a full one", Array.from({ length: 2999 }, () => 70)],
  ] as const)
    it(`is read in windows as if it was read as a whole: ${name}`, () =>
      assertAsParsed(ring(lengths), name));

  it("is read where a byte is damaged, as if it was read as a whole", async () => {
    const bytes = ring(Array.from({ length: 300 }, (_, at) => (at * 911) % 3000));
    const end = parseRing(bytes).records.at(-1)?.endByte ?? 0;
    const windows = [1, 2, 8, 17].map((count) => BYTES - count * 16_384);
    for (const near of [end, 64, ...windows])
      for (let at = near - 3; at < near + 60; at += 3) {
        if (at < 64) continue;
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ 0x03;
        await assertAsParsed(damaged, `byte ${at}`);
      }
  });

  it("has no end in what is no ring of that size", async () => {
    equal(await findRingEnd(path, BYTES), undefined);
    for (const bytes of [Buffer.alloc(BYTES), whole(BYTES / 2), Buffer.alloc(0)]) {
      await writeFile(path, bytes);
      equal(await findRingEnd(path, BYTES), undefined);
    }
  });

  it("has turns of the event loop while it is read", async () => {
    await writeFile(path, ring(Array.from({ length: 2999 }, () => 70)));
    let turn = 0;
    const looked = new Map<number, number>();
    const pick = (): undefined => void looked.set(turn, (looked.get(turn) ?? 0) + 1);
    const reading = readRing(path, { pick }).then(() => true);
    while (!(await Promise.race([reading, nextTurn(false)]))) turn += 1;
    const most = Math.max(...looked.values());
    ok(looked.size > 10, `${String(looked.size)} turns`);
    ok(most < 300, `${String(most)} records in one turn`);
  });
});

function whole(bytes: number): Buffer {
  return Buffer.concat([...ringPages(bytes)]);
}
