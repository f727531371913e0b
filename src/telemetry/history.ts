import { join } from "node:path";
import type { Clock } from "../lib/clock.js";
import { errorOf, findingOf } from "../lib/finding.js";
import type { MinerError } from "../lib/errors.js";
import { EventRing } from "../lib/event-ring.js";
import { TypedEmitter } from "../lib/events.js";
import { figuresOf } from "./figures.js";
import { MINUTES, SECONDS } from "./history-files.js";
import { packMinute, packSecond, type MinuteRecord, type SecondRecord } from "./history-records.js";
import { Minute } from "./minute.js";
import type { Snapshot } from "./snapshot.js";

const SECOND_MS = 1000;
const MINUTE_S = 60;
/** What a loss of power may cost. More often would wear the flash by whole pages for a line. */
const SYNC_MS = 60_000;

export interface HistoryOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  /** What EventRing tells, and INTERNAL when no picture can be taken, once until it can. */
  readonly onTrouble: (error: MinerError) => void;
  /** The machine now; touches no hardware. */
  readonly look: () => Snapshot;
  /** See writtenBytes. */
  readonly writtenBytes: () => number | null;
}

/** Once a second one frozen picture of the machine, and what is kept of them on the disk. */
export class History {
  readonly events = new TypedEmitter<{ second: [Snapshot]; minute: [MinuteRecord] }>();
  readonly #options: HistoryOptions;
  readonly #seconds: EventRing;
  readonly #minutes: EventRing;
  #latest: Snapshot;
  #minute = new Minute();
  #writtenBefore: number | null;
  #isFailing = false;
  #nextMs: number;
  #cancel: () => void = () => undefined;

  private constructor(options: HistoryOptions, seconds: EventRing, minutes: EventRing) {
    this.#options = options;
    this.#seconds = seconds;
    this.#minutes = minutes;
    this.#latest = frozen(options.look());
    this.#writtenBefore = options.writtenBytes();
    this.#nextMs = options.clock.nowMs();
    this.#wait();
  }

  /** Never fails: without files it is tried again. */
  static async start(options: HistoryOptions): Promise<History> {
    const { dataDir, clock, onTrouble } = options;
    const ring = ({ file, bytes }: typeof SECONDS): Promise<EventRing> =>
      EventRing.open({ path: join(dataDir, file), bytes, clock, onTrouble, syncMs: SYNC_MS });
    return new History(options, await ring(SECONDS), await ring(MINUTES));
  }

  /** Deeply frozen, at most a second old. */
  get latest(): Snapshot {
    return this.#latest;
  }

  /** Keeps what there is of the minute. */
  async stop(): Promise<void> {
    this.#cancel();
    if (this.#minute.seconds > 0) this.#endMinute(secondOf(this.#latest, this.#options.clock));
    await this.#seconds.close();
    await this.#minutes.close();
  }

  #wait(): void {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    // Seconds that the event loop had no time for are left out and not made up.
    this.#nextMs = Math.max(this.#nextMs + SECOND_MS, nowMs);
    this.#cancel = clock.after(this.#nextMs - nowMs, () => {
      this.#wait();
      this.#try();
    });
  }

  /** A mistake in what is only shown must not stop a machine that mines. */
  #try(): void {
    try {
      this.#second();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#options.onTrouble(errorOf(findingOf(error)));
      this.#isFailing = true;
    }
  }

  #second(): void {
    const { look, clock } = this.#options;
    this.#latest = frozen(look());
    const second = secondOf(this.#latest, clock);
    this.#seconds.append(packSecond(second));
    this.#minute.add(second);
    if (this.#minute.seconds === MINUTE_S) this.#endMinute(second);
    this.events.emit("second", this.#latest);
  }

  #endMinute(last: SecondRecord): void {
    const written = this.#options.writtenBytes();
    const before = this.#writtenBefore;
    const record = this.#minute.end(
      last,
      written === null || before === null ? null : written - before,
    );
    this.#writtenBefore = written;
    this.#minute = new Minute();
    this.#minutes.append(packMinute(record));
    this.events.emit("minute", record);
  }
}

function secondOf(snapshot: Snapshot, clock: Clock): SecondRecord {
  return {
    atUnixMs: clock.unixMs(),
    state: snapshot.state.is,
    powerEvidence: snapshot.powerW.evidence,
    figures: figuresOf(snapshot),
  };
}

/** A copy: parts of a snapshot are still counted on by who gave them. */
function frozen(snapshot: Snapshot): Snapshot {
  return deeplyFrozen(structuredClone(snapshot));
}

function deeplyFrozen<Value extends object>(value: Value): Value {
  for (const part of Object.values(value) as unknown[])
    if (typeof part === "object" && part !== null) deeplyFrozen(part);
  return Object.freeze(value);
}
