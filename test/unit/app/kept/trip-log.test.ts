import { deepEqual, equal, match } from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeptTripLog } from "../../../../src/app/kept/trip-log.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import type { MinerError } from "../../../../src/lib/errors.js";
import type { TripRecord } from "../../../../src/safety/trip.js";

type Facts = Omit<TripRecord, "id" | "cleared">;

describe("trips on the disk", () => {
  let parent: string;
  let folder: string;
  let clock: ManualClock;
  let troubles: MinerError[];

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "headframe-trips-"));
    folder = join(parent, "trips");
    clock = new ManualClock();
    troubles = [];
  });

  afterEach(() => rm(parent, { recursive: true, force: true }));

  function open(): Promise<KeptTripLog> {
    return KeptTripLog.open({ folder, clock, onTrouble: (error) => troubles.push(error) });
  }

  function trip(slot: number | null, atUnixMs = clock.unixMs()): Facts {
    return {
      atUnixMs,
      code: "TEMPERATURE_CUT",
      context: { slot, tempC: 95.5 },
      action: slot === null ? "cut" : "isolate",
      slot,
      by: "rule",
      facts: { temperatures: [{ slot: 1, tempC: 95.5, ageS: Infinity }] },
    };
  }

  it("are there after a restart with everything that was known", async () => {
    const log = await open();
    const first = log.record(trip(null));
    const second = log.record(trip(2));
    log.clear(first.id, "owner");
    equal(await log.kept(), true);
    const again = await open();
    deepEqual(again.list(), log.list());
    deepEqual(again.list()[0]?.cleared, { by: "owner", atUnixMs: clock.unixMs() });
    deepEqual(again.list()[1], second);
    deepEqual(second.facts, { temperatures: [{ slot: 1, tempC: 95.5, ageS: null }] });
    deepEqual(troubles, []);
  });

  it("keep what was cleared as it was cleared first, and know no others", async () => {
    const log = await open();
    const { id } = log.record(trip(null));
    log.clear(id, "rule");
    await clock.advance(10);
    log.clear(id, "owner");
    log.clear("nobody", "owner");
    await log.kept();
    const [kept] = (await open()).list();
    deepEqual(kept?.cleared, { by: "rule", atUnixMs: clock.unixMs() - 10 });
  });

  it("are those of the moment, whatever becomes of the facts", async () => {
    const log = await open();
    const facts = { rpm: 6000 };
    log.record({ ...trip(null), facts });
    facts.rpm = 0;
    deepEqual(log.list()[0]?.facts, { rpm: 6000 });
    deepEqual(log.record({ ...trip(null), facts: undefined }).facts, null);
    await log.kept();
  });

  it("keep their order when the wall clock goes back, over a restart too", async () => {
    const log = await open();
    const early = [log.record(trip(1, 5000)), log.record(trip(2, 5000)), log.record(trip(3, 20))];
    await log.kept();
    const again = await open();
    const all = [...early, again.record(trip(4, 10))];
    const ids = all.map(({ id }) => id);
    deepEqual(ids, [...new Set(ids)].sort());
    await again.kept();
    deepEqual(
      (await open()).list().map(({ slot }) => slot),
      [1, 2, 3, 4],
    );
  });

  it("are dropped oldest first, with their files", async () => {
    const log = await open();
    const first = log.record(trip(0));
    log.clear(first.id, "owner");
    for (let slot = 1; slot < 260; slot++) log.record(trip(slot));
    await log.kept();
    equal(log.list().length, 250);
    equal((await readdir(folder)).length, 250);
    const kept = (await open()).list();
    deepEqual([kept.length, kept[0]?.slot, kept.at(-1)?.slot], [250, 10, 259]);
  });

  it("are lost one by one: a damaged record is kept aside and told, and the others are read", async () => {
    const log = await open();
    const [, second] = [log.record(trip(1)), log.record(trip(2)), log.record(trip(3))];
    log.clear(second.id, "owner");
    await log.kept();
    const file = join(folder, `${second.id}.json`);
    await writeFile(file, (await readFile(file, "utf8")).replace("95.5", "15.5"));
    const again = await open();
    deepEqual(
      again.list().map(({ slot, cleared }) => [slot, cleared]),
      [
        [1, null],
        [2, null],
        [3, null],
      ],
    );
    deepEqual([troubles[0]?.code, troubles.length], ["STATE_UNREADABLE", 1]);
    equal(troubles[0]?.context["continuedFrom"], "previous");
    match(await readFile(String(troubles[0].context["keptAs"]), "utf8"), /15\.5/);
    await rm(`${file}.previous`);
    deepEqual(
      (await open()).list().map(({ slot }) => slot),
      [1, 3],
    );
  });

  it("are remembered when the disk takes none, which is told, and kept when it does again", async () => {
    await writeFile(folder, "in the way");
    const log = await open();
    log.record(trip(1));
    equal(await log.kept(), false);
    deepEqual([log.list().length, troubles.at(-1)?.code], [1, "STATE_NOT_SAVED"]);
    await rm(folder);
    await (await open()).stop();
    await clock.advance(10_000);
    await log.stop();
    equal(await log.kept(), true);
    deepEqual((await open()).list(), log.list());
  });
});
