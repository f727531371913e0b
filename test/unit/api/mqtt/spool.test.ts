import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Drain } from "../../../../src/api/mqtt/drain.js";
import { Spool, type Spooled } from "../../../../src/api/mqtt/spool.js";
import { ManualClock } from "../../../../src/lib/clock.js";

const MINUTE = {
  ts: 1_767_225_000_000,
  hr: 103_400_000_000_000,
  w: 3068,
  tmax: 60,
  acc: 9,
  rej: 0,
};

describe("MQTT spool", () => {
  let dataDir: string;
  let clock: ManualClock;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "headframe-spool-"));
    clock = new ManualClock();
  });

  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  function open(bytes?: number): Promise<Spool> {
    const onTrouble = (error: unknown): void => {
      throw error;
    };
    return Spool.open({ dataDir, clock, onTrouble, ...(bytes !== undefined && { bytes }) });
  }

  const values = (entries: readonly Spooled[]): readonly unknown[] =>
    entries.map(({ value }) => value);

  it("keeps across a restart what no broker has", async () => {
    const spool = await open();
    const [first] = [1, 2, 3].map((value) => spool.add("row", { value }));
    ok(first);
    spool.done([first]);
    await spool.close();
    const again = await open();
    deepEqual(values(again.entries()), [{ value: 2 }, { value: 3 }]);
    equal(again.add("event", {}).n, 4);
    await again.close();
  });

  it("holds four days of minutes", async () => {
    const minutes = 4 * 24 * 60;
    let spool = await open();
    for (let minute = 0; minute < minutes; minute++) {
      spool.add("row", { ...MINUTE, ts: MINUTE.ts + minute * 60_000 });
      // So much at a time waits for the disk.
      if (minute % 900 === 899) {
        await spool.close();
        spool = await open();
      }
    }
    equal(spool.dropped, 0);
    await spool.close();
    spool = await open();
    equal(spool.entries().length, minutes);
    await spool.close();
  });

  it("loses the oldest when it is full, on disk as in memory", async () => {
    const spool = await open(16 * 1024);
    for (let value = 0; value < 990; value++) spool.add("row", { value });
    const kept = values(spool.entries());
    ok(spool.dropped > 0 && kept.length + spool.dropped === 990);
    await spool.close();
    const again = await open(16 * 1024);
    deepEqual(values(again.entries()), kept);
    await again.close();
  });

  it("is drained oldest first at 2 KB a second, and loses nothing", async () => {
    const spool = await open();
    const rows = Array.from({ length: 200 }, (_, at) => ({ ...MINUTE, ts: MINUTE.ts + at }));
    for (const value of rows) spool.add("row", value);
    spool.add("event", { id: "e1" });
    const sent: { readonly values: readonly unknown[]; readonly bytes: number }[] = [];
    let isBroken = true;
    const drain = new Drain({
      ...{ spool, clock },
      send: (entries) => {
        // The broker does not take the first one.
        if (isBroken) {
          isBroken = false;
          return Promise.resolve(false);
        }
        const text = JSON.stringify(values(entries));
        sent.push({ values: values(entries), bytes: Buffer.byteLength(text) });
        return Promise.resolve(true);
      },
    });
    drain.start(5000);
    await clock.advance(4999);
    equal(sent.length, 0);
    const beforeMs = clock.nowMs();
    while (spool.entries().length > 0) await clock.advance(100);
    deepEqual(
      sent.flatMap((each) => each.values),
      [...rows, { id: "e1" }],
    );
    const bytes = sent.slice(0, -1).reduce((sum, each) => sum + each.bytes, 0);
    ok(sent.every((each) => each.bytes <= 8 * 1024));
    ok((bytes / (clock.nowMs() - beforeMs)) * 1000 <= 2048);
    drain.stop();
    await spool.close();
  });

  it("sends what is new at once, while old records wait", async () => {
    const spool = await open();
    spool.add("row", MINUTE);
    const sent: unknown[] = [];
    const drain = new Drain({
      ...{ spool, clock },
      send: (entries) => {
        sent.push(...values(entries));
        return Promise.resolve(true);
      },
    });
    drain.start(60_000);
    await drain.sendNow(spool.add("event", "new"));
    deepEqual(sent, ["new"]);
    await clock.advance(60_000);
    deepEqual(sent, ["new", MINUTE]);
    drain.stop();
    await spool.close();
  });

  it("lets others go before what can wait, once, also when the link is made anew meanwhile", async () => {
    const spool = await open();
    const sent: unknown[] = [];
    const drain = new Drain({
      ...{ spool, clock },
      send: (entries) => {
        sent.push(...values(entries));
        return Promise.resolve(true);
      },
    });
    drain.start(0);
    await clock.advance(0);
    await drain.sendNow(spool.add("event", "later"), 2000);
    await drain.sendNow(spool.add("event", "fault"));
    await clock.advance(1999);
    deepEqual(sent, ["fault"]);
    await clock.advance(1);
    deepEqual(sent, ["fault", "later"]);
    await drain.sendNow(spool.add("event", "again"), 2000);
    drain.stop();
    await clock.advance(5000);
    equal(sent.length, 2);
    drain.start(0);
    await clock.advance(5000);
    deepEqual(sent, ["fault", "later", "again"]);
    drain.stop();
    await spool.close();
  });
});
