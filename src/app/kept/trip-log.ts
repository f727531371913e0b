import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import type { Clock } from "../../lib/clock.js";
import { previousOf, syncPath } from "../../lib/durable-file.js";
import { ERROR_TABLE, type ErrorCode, type MinerError } from "../../lib/errors.js";
import { KeptState } from "../../lib/kept-state.js";
import type { StateFormat } from "../../lib/state-text.js";
import type { TripLog, TripRecord } from "../../safety/trip.js";

/** Decided: years of an ordinary machine; a file of about four kilobytes each. */
const MAX_RECORDS = 250;
/** Trips of one millisecond that can be told apart. */
const MAX_IN_ONE_MS = 10_000;

const By = z.enum(["rule", "guard", "companion", "part"]);
const Code = z.custom<ErrorCode>((code) => typeof code === "string" && code in ERROR_TABLE);
const Plain = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

const Trip = z.object({
  id: z.string(),
  atUnixMs: z.number(),
  code: Code,
  context: Plain,
  action: z.enum(["cut", "isolate"]),
  slot: z.nullable(z.number()),
  by: By,
  facts: z.unknown(),
  cleared: z.nullable(z.object({ by: z.enum(["rule", "owner"]), atUnixMs: z.number() })),
});

const FORMAT: StateFormat<TripRecord> = {
  migrations: [null],
  parse: (plain) => Trip.parse(plain),
  plain: (trip) => trip,
};

const FILE_NAME = /^(\d{13}-\d{4})\.json(\.previous)?$/;

export interface TripLogOptions {
  /** Folder of the records, a file each: what damages one leaves the others. Made when it is missing. */
  readonly folder: string;
  readonly clock: Clock;
  /** What KeptState tells of each file. */
  readonly onTrouble: (error: MinerError) => void;
  /** Is told of each new record, and of each that was cleared. */
  readonly onChange?: ((trip: TripRecord) => void) | undefined;
}

/** Trips that outlive the process and a loss of power. The newest are kept. */
export class KeptTripLog implements TripLog {
  readonly #options: TripLogOptions;
  #trips: readonly Kept[];
  /** Follow one another, so that what is told as kept is kept with all before it. */
  #saving: Promise<void> = Promise.resolve();

  private constructor(options: TripLogOptions, trips: readonly Kept[]) {
    this.#options = options;
    this.#trips = trips;
  }

  /** Never fails: records that cannot be read are told and left where they are. */
  static async open(options: TripLogOptions): Promise<KeptTripLog> {
    const { folder } = options;
    await makeFolder(folder).catch(() => undefined); // told when a record is saved
    const names = await readdir(folder).catch((): string[] => []);
    const ids = new Set(names.flatMap((name) => FILE_NAME.exec(name)?.[1] ?? []));
    const trips: Kept[] = [];
    for (const id of [...ids].sort()) {
      const kept = await openRecord(options, id);
      if (kept.found !== undefined) trips.push({ trip: kept.found, state: Promise.resolve(kept) });
    }
    return new KeptTripLog(options, trips);
  }

  /** In memory at once, on the disk right behind: `kept` says when. */
  record(facts: Omit<TripRecord, "id" | "cleared">): TripRecord {
    const id = nextId(this.#trips.at(-1)?.trip.id, facts.atUnixMs);
    // What is kept must not change with what its maker goes on with.
    const plain = JSON.stringify({ ...facts, facts: facts.facts ?? null });
    const trip: TripRecord = { ...(JSON.parse(plain) as typeof facts), id, cleared: null };
    const kept = { trip, state: openRecord(this.#options, id) };
    const trips = [...this.#trips, kept];
    const dropped = trips.slice(0, -MAX_RECORDS);
    this.#trips = trips.slice(-MAX_RECORDS);
    this.#save(kept);
    for (const { trip: old, state } of dropped) this.#remove(old, state);
    this.#options.onChange?.(trip);
    return trip;
  }

  clear(id: string, by: "rule" | "owner"): void {
    const kept = this.#trips.find(({ trip }) => trip.id === id);
    if (kept?.trip.cleared !== null) return;
    kept.trip = { ...kept.trip, cleared: { by, atUnixMs: this.#options.clock.unixMs() } };
    this.#save(kept);
    this.#options.onChange?.(kept.trip);
  }

  list(): readonly TripRecord[] {
    return this.#trips.map(({ trip }) => trip);
  }

  /** Resolves when the disk was asked to keep what was recorded and cleared, with whether it keeps all of it. */
  async kept(): Promise<boolean> {
    await this.#saving;
    const states = await Promise.all(this.#trips.map(({ state }) => state));
    return states.every(({ isSaved }) => isSaved);
  }

  /** Tries for the last time what could not be saved yet. */
  async stop(): Promise<void> {
    await this.#saving;
    for (const { state } of this.#trips) await (await state).stop();
  }

  #save({ trip, state }: Kept): void {
    this.#saving = this.#saving.then(async () => {
      await (await state).save(trip);
    });
  }

  #remove({ id }: TripRecord, state: Promise<KeptState<TripRecord>>): void {
    const file = recordFile(this.#options.folder, id);
    this.#saving = this.#saving.then(async () => {
      await (await state).stop();
      // One that stays is dropped with the next start.
      await rm(previousOf(file), { force: true }).catch(() => undefined);
      await rm(file, { force: true }).catch(() => undefined);
    });
  }
}

interface Kept {
  trip: TripRecord;
  readonly state: Promise<KeptState<TripRecord>>;
}

function openRecord(
  { folder, clock, onTrouble }: TripLogOptions,
  id: string,
): Promise<KeptState<TripRecord>> {
  return KeptState.open({ path: recordFile(folder, id), format: FORMAT, clock, onTrouble });
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await syncPath(dirname(folder));
}

function recordFile(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}

/** The wall clock may go back; the order of trips does not. */
function nextId(last: string | undefined, unixMs: number): string {
  const [lastMs, lastCount] = (last ?? "0-0").split("-").map(Number);
  const ms = Math.max(Math.floor(unixMs), lastMs ?? 0);
  const count = ms === lastMs ? (lastCount ?? 0) + 1 : 0;
  const [idMs, idCount] = count < MAX_IN_ONE_MS ? [ms, count] : [ms + 1, 0];
  return `${String(idMs).padStart(13, "0")}-${String(idCount).padStart(4, "0")}`;
}
