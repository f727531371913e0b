import { deepEqual, equal } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "../../../src/lib/clock.js";
import { EventRing } from "../../../src/lib/event-ring.js";
import { ringTail } from "../../../src/lib/ring-tail.js";
import { parseRing } from "../../../src/lib/ring-text.js";

describe("the end of a ring", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-tail-"));
    path = join(folder, "test.ring");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function write(count: number): Promise<void> {
    const onTrouble = (): undefined => undefined;
    const clock = new ManualClock();
    const ring = await EventRing.open({ path, bytes: 8192, clock, onTrouble });
    for (let each = 1; each <= count; each += 1) ring.append({ each }, false);
    await ring.close();
  }

  const seqsOf = async (most: number): Promise<number[]> =>
    parseRing((await ringTail(path, most)) ?? Buffer.alloc(0)).records.map(({ seq }) => seq);

  for (const [what, count] of [
    ["that has not come round yet", 50],
    ["that has come round", 500],
  ] as const)
    it(`is its newest records, of a ring ${what}`, async () => {
      await write(count);
      const seqs = await seqsOf(1000);
      equal(seqs.at(-1), count);
      equal(seqs.length > 20 && seqs.length < 40, true, `${seqs.length}`);
      deepEqual(
        seqs,
        Array.from(seqs, (_, at) => count - seqs.length + 1 + at),
      );
    });

  it("goes over the end of the file, and may be all of it", async () => {
    await write(500);
    const { records } = parseRing((await ringTail(path, 8192)) ?? Buffer.alloc(0));
    equal(records.length > 150, true, `${records.length}`);
    equal(records.at(-1)?.seq, 500);
  });

  it("is nothing where there is no ring", async () => {
    equal(await ringTail(path, 100), undefined);
    writeFileSync(path, "something else");
    equal(await ringTail(path, 100), undefined);
  });
});
