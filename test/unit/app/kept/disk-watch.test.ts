import { deepEqual, equal } from "node:assert/strict";
import { DiskWatch, type DiskSpace } from "../../../../src/app/kept/disk-watch.js";
import { ManualClock } from "../../../../src/lib/clock.js";

const FREE: DiskSpace = { freeBytes: 2 ** 30, freeFiles: 1000 };

describe("space of the data directory", () => {
  let clock: ManualClock;
  let space: DiskSpace | undefined;
  let refusal: string | undefined;
  let told: string[];
  let watch: DiskWatch;

  beforeEach(async () => {
    clock = new ManualClock();
    space = FREE;
    refusal = undefined;
    told = [];
    watch = await DiskWatch.start({
      dataDir: "/data",
      clock,
      onChange: (what, { code }) => told.push(`${code} ${what}`),
      look: () => (space ? Promise.resolve(space) : Promise.reject(new Error("gone"))),
      probe: () =>
        refusal === undefined
          ? Promise.resolve()
          : Promise.reject(Object.assign(new Error(refusal), { code: refusal })),
    });
  });

  afterEach(() => {
    watch.stop();
  });

  const failure = (code: string): Error => Object.assign(new Error(code), { code });

  it("is looked at every ten seconds, and told when it changes", async () => {
    equal(watch.isFull, false);
    space = { freeBytes: 1000, freeFiles: 1000 };
    await clock.advance(9999);
    equal(watch.isFull, false);
    await clock.advance(1);
    equal(watch.isFull, true);
    await clock.advance(50_000);
    space = FREE;
    await clock.advance(10_000);
    equal(watch.isFull, false);
    deepEqual(told, ["DISK_FULL trouble", "DISK_FULL well"]);
  });

  it("is none when no more files can be made, where their number is limited", async () => {
    space = { ...FREE, freeFiles: 0 };
    await clock.advance(10_000);
    equal(watch.isFull, true);
    space = { ...FREE, freeFiles: undefined };
    await clock.advance(10_000);
    equal(watch.isFull, false);
  });

  it("is none as soon as a write says so, for a minute at least", async () => {
    watch.failed(failure("EACCES"));
    watch.failed(undefined);
    equal(watch.isFull, false);
    watch.failed(failure("ENOSPC"));
    equal(watch.isFull, true);
    await clock.advance(50_000);
    equal(watch.isFull, true);
    await clock.advance(10_000);
    equal(watch.isFull, false);
    deepEqual(told, ["DISK_FULL trouble", "DISK_FULL well"]);
  });

  it("is not known when nobody can say", async () => {
    space = undefined;
    await clock.advance(10_000);
    equal(watch.isFull, undefined);
    deepEqual(told, []);
  });

  it("is of no use on a disk that cannot be written", async () => {
    watch.failed(failure("EROFS"));
    equal(watch.isReadOnly, true);
    refusal = "EROFS";
    await clock.advance(20_000);
    refusal = undefined;
    await clock.advance(10_000);
    deepEqual([watch.isReadOnly, watch.isFull], [false, false]);
    deepEqual(told, ["DISK_READ_ONLY trouble", "DISK_READ_ONLY well"]);
  });
});
