import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesADay, minutesText } from "../../../src/commands/history.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { History } from "../../../src/telemetry/history.js";
import {
  MINUTES,
  readMinutes,
  readSeconds,
  SECONDS,
} from "../../../src/telemetry/history-files.js";
import { packMinute, unpackMinute, unpackSecond } from "../../../src/telemetry/history-records.js";
import type { Snapshot } from "../../../src/telemetry/snapshot.js";
import { PARTS } from "../commands/watch-snapshot.js";

const RATE = { ths: 0, uncertaintyThs: 1, seconds: 5 };

describe("the history", () => {
  let dataDir: string;
  let clock: ManualClock;
  let ths: number;
  let shares: { accepted: number; rejected: number; stale: number };
  let written: number;
  let history: History;
  let isBroken: boolean;
  let troubles: string[];

  function look(): Snapshot {
    if (isBroken) throw new TypeError("broken");
    const shown = {
      ...PARTS,
      process: { uptimeS: clock.nowMs() / 1000 },
      hashrate: { "5s": { ...RATE, ths } },
      lifetime: { shares },
    };
    return shown as unknown as Snapshot;
  }

  async function start(): Promise<void> {
    history = await History.start({
      ...{ dataDir, clock, look, writtenBytes: () => written },
      onTrouble: ({ code }) => {
        troubles.push(code);
      },
    });
  }

  async function seconds(count: number): Promise<void> {
    for (let each = 0; each < count; each += 1) {
      ths += 1;
      shares.accepted += 2;
      written += 1000;
      await clock.advance(1000);
    }
  }

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "headframe-history-"));
    clock = new ManualClock();
    ths = 100;
    written = 0;
    isBroken = false;
    troubles = [];
    shares = { accepted: 0, rejected: 1, stale: 2 };
    await start();
  });

  afterEach(async () => {
    await history.stop();
    await rm(dataDir, { recursive: true });
  });

  it("keeps a record a second and one a minute, of what an operator plots", async () => {
    await seconds(61);
    await history.stop();
    const all = await readSeconds(dataDir);
    equal(all.length, 61);
    deepEqual(all[0], {
      ...{ atUnixMs: clock.unixMs() - 60_000, state: "hashing" },
      powerEvidence: PARTS.powerW.evidence,
      figures: {
        ...{ hashrateThs: 101, powerW: 2712 },
        ...{ efficiencyJPerTh: 24.7, hottestC: 49.3, fanDutyPct: 100 },
        ...{ slowestFanRpm: 6001, accepted: 2, rejected: 1, stale: 2, uptimeS: 1 },
      },
    });
    const [minute, rest] = await readMinutes(dataDir);
    equal(minute?.seconds, 60);
    deepEqual(minute.figures.hashrateThs, { mean: 130.5, min: 101, max: 160 });
    // Of what only counts up, the last value.
    equal(minute.figures.accepted?.max, 120);
    equal(minute.writtenBytes, 60_000);
    // What there was of the next.
    equal(rest?.seconds, 1);
  });

  it("holds half an hour and a week in files that do not grow", async () => {
    const sizeOf = async (file: string): Promise<number> => (await stat(join(dataDir, file))).size;
    const sizes = [await sizeOf(SECONDS.file), await sizeOf(MINUTES.file)];
    deepEqual(sizes, [SECONDS.bytes, MINUTES.bytes]);
    await seconds(65);
    await history.stop();
    deepEqual([await sizeOf(SECONDS.file), await sizeOf(MINUTES.file)], sizes);
    const longest = packMinute({
      ...{ atUnixMs: 1_790_000_000_000, state: "chainOrder", powerEvidence: "estimated" },
      ...{ seconds: 60, writtenBytes: 999_999 },
      figures: {
        hashrateThs: { mean: 234.56, min: 234.56, max: 234.56 },
        powerW: { mean: 3500, min: 3500, max: 3500 },
        efficiencyJPerTh: { mean: 29.5, min: 29.5, max: 29.5 },
        hottestC: { mean: 72.5, min: 72.5, max: 72.5 },
        fanDutyPct: { mean: 100, min: 100, max: 100 },
        slowestFanRpm: { mean: 6000, min: 6000, max: 6000 },
        accepted: { mean: 99_999_999, min: 0, max: 99_999_999 },
        rejected: { mean: 99_999, min: 0, max: 99_999 },
        stale: { mean: 99_999, min: 0, max: 99_999 },
        uptimeS: { mean: 31_536_000, min: 0, max: 31_536_000 },
      },
    });
    // Sequence number, length and checksum stand beside it.
    ok(JSON.stringify(longest).length + 34 <= MINUTES.bytes / (7 * 24 * 60));
  });

  it("goes on where a process before it stopped", async () => {
    await seconds(2);
    await history.stop();
    await start();
    await seconds(1);
    await history.stop();
    deepEqual(
      (await readSeconds(dataDir)).map(({ figures }) => figures.hashrateThs),
      [101, 102, 103],
    );
  });

  it("goes on when a picture cannot be taken, and tells it once", async () => {
    await seconds(1);
    isBroken = true;
    await seconds(2);
    isBroken = false;
    await seconds(1);
    await history.stop();
    deepEqual(troubles, ["INTERNAL"]);
    deepEqual(
      (await readSeconds(dataDir)).map(({ figures }) => figures.hashrateThs),
      [101, 104],
    );
  });

  it("gives pictures that nobody can change, and that do not change", async () => {
    await seconds(1);
    const { latest } = history;
    throws(() => {
      (latest.lifetime.shares as { accepted: number }).accepted = 7;
    }, TypeError);
    throws(() => {
      (latest.fans.fans as unknown[]).push(1);
    }, TypeError);
    await seconds(1);
    equal(latest.lifetime.shares.accepted, 2);
    equal(history.latest.lifetime.shares.accepted, 4);
  });

  it("tells what it keeps", async () => {
    const heard: number[] = [];
    history.events.on("second", ({ lifetime }) => heard.push(lifetime.shares.accepted));
    history.events.on("minute", ({ seconds: length }) => heard.push(length));
    await seconds(60);
    deepEqual([heard.length, heard.includes(60)], [61, true]);
  });

  it("reads no figures out of something else", () => {
    for (const plain of [null, {}, [], [1, 2, 3], [1, "a", "b", "c"]]) {
      equal(unpackSecond(plain), undefined);
      equal(unpackMinute(plain), undefined);
    }
  });

  it("shows means with extremes, and what the disk writes in a day", async () => {
    await seconds(60);
    await history.stop();
    const minutes = await readMinutes(dataDir);
    equal(bytesADay(minutes), 86_400_000);
    equal(bytesADay([]), null);
    const text = minutesText(minutes, 86_400_000);
    ok(text.includes("130.50 (101.00 to 160.00)"), text);
    ok(text.includes("86.4 MB a day"), text);
  });
});
