import { deepEqual, equal, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { journalFile, type JournalEvent } from "../../../../src/app/kept/journal.js";
import { KeptData } from "../../../../src/app/kept/kept-data.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { parseRing } from "../../../../src/lib/ring-text.js";
import type { TripRecord } from "../../../../src/safety/trip.js";

/** The events take half a megabyte from the start, and less than one free is as good as full. */
const DISK = "size=4m";

/** A real file system that is full or read-only: nobody needs to imitate its errors. */
describe("the data directory on a small disk", () => {
  let dataDir: string;
  let clock: ManualClock;

  function mount(...args: readonly string[]): boolean {
    return spawnSync("mount", [...args, dataDir]).status === 0;
  }

  beforeEach(function () {
    dataDir = mkdtempSync(join(tmpdir(), "headframe-full-"));
    clock = new ManualClock();
    if (mount("-t", "tmpfs", "-o", DISK, "tmpfs")) return;
    rmSync(dataDir, { recursive: true });
    this.skip(); // mounting is not allowed here
  });

  afterEach(() => {
    spawnSync("umount", [dataDir]);
    rmSync(dataDir, { recursive: true, force: true });
  });

  function open(): Promise<KeptData> {
    return KeptData.open({ dataDir, clock, log: createLogger("silent") });
  }

  function fill(): void {
    try {
      writeFileSync(join(dataDir, "filling"), Buffer.alloc(16 * 2 ** 20));
    } catch (error) {
      equal((error as NodeJS.ErrnoException).code, "ENOSPC");
    }
  }

  /** Lets files be written for as long as the clock stands. */
  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) await clock.advance(0);
  }

  const trip = (): Omit<TripRecord, "id" | "cleared"> => ({
    ...{ atUnixMs: clock.unixMs(), code: "TEMPERATURE_CUT", context: {}, facts: {} },
    ...{ action: "cut", slot: null, by: "rule" },
  });

  async function assertKeptAfterwards(data: KeptData): Promise<void> {
    await clock.advance(60_000);
    await until(() => data.trips.kept());
    equal(data.trips.list().length, 2);
    const order = { order: "curtailed", sinceUnixMs: data.orders.record.sinceUnixMs };
    const trips = data.trips.list();
    await data.stop();
    const again = await open();
    deepEqual(again.orders.record, order);
    deepEqual(again.trips.list(), trips);
    equal(again.counters.counters.state().starts, 2);
    await again.stop();
  }

  async function codes(): Promise<[string | null, string][]> {
    const { records } = parseRing(await readFile(journalFile(dataDir)));
    return records.map(({ value }) => [(value as JournalEvent).code, (value as JournalEvent).what]);
  }

  it("says that it is full, keeps what it has, and saves the rest when there is space", async () => {
    const data = await open();
    await data.orders.give("paused");
    data.trips.record(trip());
    equal(await data.trips.kept(), true);
    equal(data.disk.isFull, false);
    fill();
    equal(await data.orders.give("curtailed"), false);
    data.trips.record(trip());
    equal(await data.trips.kept(), false);
    equal(data.disk.isFull, true);
    const left = await open();
    equal(left.orders.order, "paused");
    equal(left.trips.list().length, 1);
    left.disk.stop();
    await left.journal.close();
    rmSync(join(dataDir, "filling"));
    await clock.advance(120_000);
    await until(() => data.disk.isFull === false);
    await assertKeptAfterwards(data);
    const told = await codes();
    for (const what of ["trouble", "well"])
      ok(told.some(([code, is]) => code === "DISK_FULL" && is === what));
  });

  it("goes on writing events while it is full", async () => {
    const data = await open();
    fill();
    data.journal.program("started", { afterIt: "was full" });
    equal(await data.journal.flush(), true);
    equal((await codes()).length, 1);
    equal(statSync(journalFile(dataDir)).size, 512 * 1024);
    await data.stop();
  });

  it("says that it cannot be written, and saves the rest when it can", async () => {
    const data = await open();
    await data.orders.give("paused");
    data.trips.record(trip());
    await data.trips.kept();
    data.journal.program("started", {});
    ok(await data.journal.flush());
    // Nothing may be open for writing then, as it is for a disk that is made read-only by its errors.
    await data.journal.close();
    ok(mount("-o", "remount,ro"));
    equal(await data.orders.give("curtailed"), false);
    data.trips.record(trip());
    equal(await data.trips.kept(), false);
    equal(data.disk.isReadOnly, true);
    ok(mount("-o", "remount,rw"));
    await clock.advance(20_000);
    await until(() => data.disk.isReadOnly === false);
    await assertKeptAfterwards(data);
    ok((await codes()).some(([code]) => code === "DISK_READ_ONLY"));
  });
});
