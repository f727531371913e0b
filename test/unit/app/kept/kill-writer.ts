/**
 * A process that keeps all that it can as fast as it can, and says on standard output what is kept.
 * usage: kill-writer FOLDER
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { KeptTripLog } from "../../../../src/app/kept/trip-log.js";
import { systemClock } from "../../../../src/lib/clock.js";
import { EventRing } from "../../../../src/lib/event-ring.js";
import { KeptState } from "../../../../src/lib/kept-state.js";
import { COUNT_FORMAT, RING_BYTES, STATE_FILE, TRIPS_FOLDER, RING_FILE } from "./kill-files.js";

/** What is kept from now on, whatever happens. */
function tell(what: string, value: string | number): void {
  writeSync(1, `${JSON.stringify([what, value])}\n`);
}

const folder = process.argv[2] ?? "";
const clock = systemClock;
const onTrouble = (error: Error): never => {
  throw error;
};

async function countUp(): Promise<never> {
  const path = join(folder, STATE_FILE);
  const kept = await KeptState.open({ path, format: COUNT_FORMAT, clock, onTrouble });
  for (let count = (kept.found?.count ?? 0) + 1; ; count++) {
    // Long enough for several writes of the kernel.
    await kept.save({ count, filling: "x".repeat(20_000) });
    tell("count", count);
  }
}

async function trip(): Promise<never> {
  const trips = await KeptTripLog.open({ folder: join(folder, TRIPS_FOLDER), clock, onTrouble });
  for (;;) {
    const { id } = trips.record({
      ...{ atUnixMs: clock.unixMs(), code: "TEMPERATURE_CUT", context: { slot: 1 } },
      ...{ action: "isolate", slot: 1, by: "rule", facts: { filling: "y".repeat(3000) } },
    });
    await trips.kept();
    tell("trip", id);
    trips.clear(id, "owner");
    await trips.kept();
    tell("cleared", id);
  }
}

async function remember(): Promise<never> {
  const path = join(folder, RING_FILE);
  const ring = await EventRing.open({ path, bytes: RING_BYTES, clock, onTrouble });
  for (let turn = 0; ; turn++) {
    const mark = `${process.pid}-${turn}`;
    ring.append({ mark, filling: "z".repeat(turn % 300) });
    // Once with all that belongs to it, else as a process that ends: the operating system has it, which is enough here.
    if (turn % 8 === 0) await ring.flush();
    else ring.writeNow();
    tell("event", mark);
    // The others shall have their turns.
    await clock.sleep(2);
  }
}

await Promise.all([countUp(), trip(), remember()]);
