import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { mkdir, mkdtemp, open as openFile, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "../../../src/lib/clock.js";
import type { MinerError } from "../../../src/lib/errors.js";
import { EventRing } from "../../../src/lib/event-ring.js";
import { isRing, parseRing, ringPages } from "../../../src/lib/ring-text.js";
import { writtenBytes } from "../../../src/telemetry/written-bytes.js";

const BYTES = 4096;

describe("ring of events", () => {
  let folder: string;
  let path: string;
  let clock: ManualClock;
  let troubles: MinerError[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "headframe-ring-"));
    path = join(folder, "events.ring");
    clock = new ManualClock();
    troubles = [];
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  function open(bytes = BYTES): Promise<EventRing> {
    return EventRing.open({ path, bytes, clock, onTrouble: (error) => troubles.push(error) });
  }

  async function read(): Promise<[number, unknown][]> {
    return parseRing(await readFile(path)).records.map(({ seq, value }) => [seq, value]);
  }

  async function filled(count: number): Promise<void> {
    const ring = await open();
    for (let each = 1; each <= count; each++) {
      ring.append({ each });
      if (each % 10 === 0) await ring.flush();
    }
    await ring.close();
  }

  it("is there as a whole from the start", async () => {
    await (await open()).close();
    equal((await stat(path)).size, BYTES);
    equal((await stat(path)).mode & 0o777, 0o600);
    deepEqual(await read(), []);
    deepEqual(troubles, []);
  });

  it("makes the disk write pages, however large it is", async function () {
    const ring = await open(4 * 2 ** 20);
    await ring.flush();
    const before = writtenBytes();
    ring.append("one");
    await ring.flush();
    const after = writtenBytes();
    await ring.close();
    // A kernel or a file system that does not count.
    if (before === null || after === null || after === before) this.skip();
    ok(after - before <= 2 * 4096, `${after - before}`);
  });

  it("gives back what was appended, over restarts, and is text", async () => {
    for (const each of [1, 2, 3]) {
      const ring = await open();
      ring.append({ each, text: "öä\n\u0000" });
      await ring.close();
    }
    deepEqual(
      await read(),
      [1, 2, 3].map((each) => [each, { each, text: "öä\n\u0000" }]),
    );
    match(await readFile(path, "utf8"), /^headframe-ring 1 4096 +\n1 \d+ [0-9a-f]{16} \{"each":1/);
  });

  it("keeps the newest when it is full, in order, and no hole at its end", async () => {
    await filled(500);
    const seqs = (await read()).map(([seq]) => seq);
    deepEqual(
      seqs,
      seqs.map((_, index) => 501 - seqs.length + index),
    );
    ok(seqs.length > 80, `${seqs.length}`);
    equal((await stat(path)).size, BYTES);
  });

  it("goes on at every place where it was left", async () => {
    for (let restart = 1; restart <= 200; restart++) {
      const ring = await open();
      ring.append({ each: restart, filling: "x".repeat(restart % 50) });
      await ring.close();
      const all = await read();
      equal(all.at(-1)?.[0], restart);
      ok(all.length >= Math.min(restart, 30));
    }
    deepEqual(troubles, []);
  });

  it("skips a record that was torn, and writes over it", async () => {
    await filled(150);
    const whole = await readFile(path);
    const before = parseRing(whole);
    const newest = before.records.at(-1);
    const last = before.records.at(-2);
    ok(newest !== undefined && last !== undefined);
    for (let at = last.endByte + 1; at < newest.endByte; at++) {
      const torn = Buffer.from(whole);
      torn.fill(0, at, newest.endByte + 1);
      await writeFile(path, torn);
      equal((await read()).at(-1)?.[0], 149, `torn at ${at}`);
      const ring = await open();
      ring.append({ again: true });
      await ring.close();
      deepEqual((await read()).slice(-2), [
        [149, { each: 149 }],
        [150, { again: true }],
      ]);
    }
    deepEqual(troubles, []);
  });

  it("writes after 100 ms, and at once what is urgent", async () => {
    const ring = await open();
    ring.append(1);
    await clock.advance(99);
    deepEqual(await read(), []);
    await clock.advance(1);
    while ((await read()).length < 1) await clock.advance(0);
    ring.append(2, true);
    while ((await read()).length < 2) await clock.advance(0);
    deepEqual(await read(), [
      [1, 1],
      [2, 2],
    ]);
    await ring.close();
  });

  for (const [isUrgent, most] of [
    [false, 4],
    [true, 31],
  ] as const)
    it(`syncs at most ${most} times in 30 s, ${isUrgent ? "" : "not "}urgent`, async () => {
      const ring = await open();
      const file = await openFile(path, "r");
      const prototype = Object.getPrototypeOf(file) as { datasync: () => Promise<void> };
      await file.close();
      const { datasync } = prototype;
      let syncs = 0;
      prototype.datasync = function () {
        syncs += 1;
        return datasync.call(this);
      };
      try {
        for (let each = 0; each < 300; each++) {
          ring.append(each, isUrgent);
          await clock.advance(100);
          // The next is written when this one is synced, if it is.
          while ((await read()).at(-1)?.[1] !== each) await clock.advance(0);
        }
      } finally {
        prototype.datasync = datasync;
      }
      await ring.close();
      ok(syncs > most / 4 && syncs <= most, `${syncs}`);
    });

  it("has given all to the operating system when the process says that it ends", async () => {
    const ring = await open();
    ring.append(1);
    ring.append(2);
    ring.writeNow();
    deepEqual(await read(), [
      [1, 1],
      [2, 2],
    ]);
    equal(await ring.flush(), true);
    equal((await read()).length, 2);
    await ring.close();
  });

  it("refuses a record that would push out too many others", async () => {
    const ring = await open();
    throws(() => {
      ring.append("x".repeat(BYTES / 8));
    }, RangeError);
    await ring.close();
  });

  it("keeps a damaged file aside, says so, and goes on from what can be read", async () => {
    await filled(10);
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace("headframe", "headfrome"));
    const ring = await open();
    ring.append("new");
    await ring.close();
    equal((await read()).length, 11);
    deepEqual([troubles[0]?.code, troubles.length], ["STATE_UNREADABLE", 1]);
    ok(isRing(await readFile(path)));
    const kept = await readFile(String(troubles[0]?.context["keptAs"]), "utf8");
    match(kept, /^headfrome/);
  });

  it("takes over what fits from a ring of another size", async () => {
    await filled(200);
    const ring = await open(2048);
    await ring.close();
    const seqs = (await read()).map(([seq]) => seq);
    deepEqual([seqs.at(-1), (await stat(path)).size], [200, 2048]);
    ok(seqs.length > 30);
    deepEqual(troubles, []);
  });

  it("remembers what the disk does not take, says so once, and writes it when it does", async () => {
    await filled(3);
    const text = await readFile(path);
    await rm(path);
    await mkdir(path);
    const ring = await open();
    ring.append("first");
    equal(await ring.flush(), false);
    ring.append("second");
    equal(await ring.flush(), false);
    deepEqual(
      troubles.map(({ code }) => code),
      ["STATE_NOT_SAVED"],
    );
    await rm(path, { recursive: true });
    await writeFile(path, text);
    await clock.advance(10_000);
    equal(await ring.flush(), true);
    deepEqual((await read()).slice(-3), [
      [3, { each: 3 }],
      [4, "first"],
      [5, "second"],
    ]);
    await ring.close();
  });

  it("tells by a gap in the numbers that it could not remember all", async () => {
    await mkdir(path);
    const ring = await open(64 * 1024);
    for (let each = 0; each < 1005; each++) ring.append(each);
    await rm(path, { recursive: true });
    equal(await ring.flush(), true);
    deepEqual((await read())[0], [6, 5]);
    await ring.close();
  });

  it("reads nothing out of bytes that are no ring", () => {
    deepEqual(parseRing(Buffer.alloc(0)), { records: [], damagedLines: 0 });
    deepEqual(parseRing(Buffer.alloc(5000)), { records: [], damagedLines: 1 });
    deepEqual(parseRing(Buffer.concat([...ringPages(BYTES)])), {
      records: [],
      damagedLines: 0,
    });
  });
});
