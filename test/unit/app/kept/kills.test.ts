import { deepEqual, equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import * as fc from "fast-check";
import { KeptTripLog } from "../../../../src/app/kept/trip-log.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import type { MinerError } from "../../../../src/lib/errors.js";
import { KeptState } from "../../../../src/lib/kept-state.js";
import { projectRoot } from "../../../../src/lib/project-root.js";
import { isRing, parseRing } from "../../../../src/lib/ring-text.js";
import { COUNT_FORMAT, RING_FILE, STATE_FILE, TRIPS_FOLDER } from "./kill-files.js";

/** scripts/soak asks for 1,000. */
const KILLS = Number(process.env["KEPT_KILLS"] ?? 50);
const SEED = Number(process.env["KEPT_SEED"] ?? Date.now() % 2 ** 31);

/** Where a sync takes its time, and where it takes none and more of everything else is hit. */
const PLACES = [tmpdir(), "/dev/shm"].filter(existsSync);

/** What a writer said that it had kept. */
interface Told {
  count: number;
  trips: string[];
  cleared: string[];
  events: string[];
}

describe(`what a process kept that is killed, KEPT_SEED=${SEED}`, function () {
  // Real processes: starting one takes longer than a unit test should.
  this.timeout(60_000 + KILLS * 2000);

  for (const parent of PLACES) {
    const kills = Math.ceil(KILLS / PLACES.length);
    it(`is all there and undamaged after ${kills} kills in ${parent}`, async () => {
      const folder = await mkdtemp(join(parent, "headframe-kills-"));
      const writer = join(folder, "writer.mjs");
      buildSync({
        entryPoints: [join(projectRoot(), "test/unit/app/kept/kill-writer.ts")],
        ...{ bundle: true, platform: "node", format: "esm", outfile: writer, logLevel: "error" },
      });
      const sums = { count: 0, trips: 0, events: 0, silent: 0 };
      for (const instant of instants(kills)) {
        const told = await killed(writer, folder, instant);
        await assertKept(folder, told);
        sums.count = Math.max(sums.count, told.count);
        sums.trips += told.trips.length;
        sums.events += told.events.length;
        if (told.events.length === 0) sums.silent += 1;
      }
      await rm(folder, { recursive: true });
      process.stdout.write(`${JSON.stringify({ kills, parent, ...sums })}\n`);
      ok(sums.count > kills / 5 && sums.trips > kills / 5 && sums.events > kills);
    });
  }
});

/** When to kill: so long after a process has told so much, however fast it is on this computer. */
interface Instant {
  readonly lines: number;
  readonly delayMs: number;
}

/** Most while the process keeps something, some while it still reads what is there. */
function instants(kills: number): readonly Instant[] {
  const instant = fc.record({
    lines: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 9, arbitrary: fc.nat(60) }),
    delayMs: fc.double({ min: 0, max: 30, noNaN: true }),
  });
  return fc.sample(fc.noBias(instant), { numRuns: kills, seed: SEED });
}

/** Starts a writer and kills it; what it told. */
function killed(writer: string, folder: string, { lines, delayMs }: Instant): Promise<Told> {
  const child = spawn(process.execPath, [writer, folder], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  let isDue = false;
  const killWhenDue = (): void => {
    if (isDue || text.split("\n").length <= lines) return;
    isDue = true;
    setTimeout(() => child.kill("SIGKILL"), delayMs);
  };
  killWhenDue();
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (part: string) => {
    text += part;
    killWhenDue();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_, signal) => {
      if (signal === "SIGKILL") resolve(toldOf(text));
      else reject(new Error(`the writer ended by itself: ${text.slice(-500)}`));
    });
  });
}

function toldOf(text: string): Told {
  const told: Told = { count: 0, trips: [], cleared: [], events: [] };
  for (const line of text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter(Boolean)) {
    const [what, value] = JSON.parse(line) as [string, string | number];
    if (what === "count") told.count = Number(value);
    if (what === "trip") told.trips.push(String(value));
    if (what === "cleared") told.cleared.push(String(value));
    if (what === "event") told.events.push(String(value));
  }
  return told;
}

async function assertKept(folder: string, told: Told): Promise<void> {
  const troubles: MinerError[] = [];
  const options = {
    clock: new ManualClock(),
    onTrouble: (error: MinerError): unknown => troubles.push(error),
  };
  const path = join(folder, STATE_FILE);
  const { found } = await KeptState.open({ ...options, path, format: COUNT_FORMAT });
  // The one after what was told may have been on its way.
  ok(told.count === 0 || found?.count === told.count || found?.count === told.count + 1);
  const trips = await KeptTripLog.open({ ...options, folder: join(folder, TRIPS_FOLDER) });
  const kept = new Map(trips.list().map((trip) => [trip.id, trip]));
  const oldest = trips.list()[0]?.id ?? "";
  for (const id of told.trips.filter((each) => each >= oldest)) ok(kept.has(id), `trip ${id}`);
  for (const id of told.cleared.filter((each) => each >= oldest))
    ok(kept.get(id)?.cleared !== null);
  if (oldest !== "" && told.trips.some((id) => id < oldest)) ok(kept.size >= 250);
  deepEqual(
    troubles.map(({ message }) => message),
    [],
  );
  await assertRing(join(folder, RING_FILE), told.events);
}

async function assertRing(file: string, told: readonly string[]): Promise<void> {
  const bytes = await readFile(file).catch(() => undefined);
  // Killed before there was one.
  if (bytes === undefined) {
    equal(told.length, 0);
    return;
  }
  ok(isRing(bytes));
  const { records, damagedLines } = parseRing(bytes);
  // The rest of the record that the newest was written over, and one that was torn.
  ok(damagedLines <= 2, `${damagedLines} damaged lines`);
  const marks = records.map(({ value }) => (value as { mark: string }).mark);
  records.forEach(({ seq }, index) => {
    equal(seq, (records[0]?.seq ?? 0) + index);
  });
  const newest = told.slice(-Math.min(told.length, marks.length - 1));
  const from = marks.indexOf(newest[0] ?? "");
  if (newest.length > 0) deepEqual(marks.slice(from, from + newest.length), newest);
}
