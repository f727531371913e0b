import type { Logger } from "../../lib/logger.js";
import type { CoolingEntry, FlightEntry, LookEntry, Origin, TripEntry } from "../flight-entry.js";
import type { LifeEntry } from "../life/life-entry.js";
import { CoolingReplay } from "./replay-cooling.js";
import type { FlightPart } from "./read-flight.js";
import {
  unixMsOf,
  type ReplayDifference,
  type ReplayGap,
  type ReplayedTrip,
  type ReplayReport,
  type Stream,
} from "./replay-outcome.js";
import { replayLife } from "./replay-life.js";
import { SafetyReplay, type LookVerdicts } from "./replay-safety.js";

/** A trip is told right behind the look that found it. Inferred: listeners of the interlock come in the same turn. */
const SAME_LOOK_MS = 100;

/** Decides anew what a recording decided, and compares. */
export class FlightReplay {
  readonly #log: Logger;
  #session: string | undefined;
  #origin: Origin | undefined;
  #safety: SafetyReplay | undefined;
  #cooling: CoolingReplay | undefined;
  /** Of this session; undefined when its beginning or something in between is missing. */
  #life: LifeEntry[] | undefined;
  #isLifeBroken = false;
  /** Of the look that was fed last. */
  #lastLook: JudgedLook | undefined;
  /** Slots are asked for in the middle of a look: told before it. */
  #early: readonly TripEntry[] = [];
  /** Between two parts; its end is not known yet. */
  #openGap: number | undefined;
  #lastUnixMs: number | null = null;
  readonly #report: { -readonly [Key in keyof ReplayReport]: ReplayReport[Key] };

  constructor(version: string, log: Logger) {
    this.#log = log;
    this.#report = {
      ...{ isSame: true, version, recordedBy: [], fromUnixMs: null, toUnixMs: null },
      ...{
        sessions: 0,
        looks: 0,
        coolingDecisions: 0,
        lifeSteps: 0,
        livesWithoutBeginning: 0,
        others: {},
        skipped: 0,
      },
      ...{ trips: [], gaps: [], differences: 0, first: null },
    };
  }

  async take(part: FlightPart): Promise<void> {
    if (part.is === "gap") {
      await this.#endLife();
      this.#isLifeBroken = true;
      this.#openGap = (this.#openGap ?? 0) + part.records;
      this.#forget();
      return;
    }
    if (part.session !== this.#session) {
      await this.#endLife();
      this.#isLifeBroken = false;
      this.#session = part.session;
      this.#origin = undefined;
      this.#report.sessions += 1;
      this.#forget();
    }
    const { entry } = part;
    this.#place(entry);
    try {
      await this.#entry(entry);
    } catch (error) {
      // It does not fit what came before: as good as a record that is missing.
      this.#log.warn({ reason: String(error) }, "entry cannot be read");
      this.#openGap = (this.#openGap ?? 0) + 1;
      this.#forget();
    }
  }

  async report(): Promise<ReplayReport> {
    await this.#endLife();
    this.#tellEarly();
    if (this.#openGap !== undefined) this.#closeGap(null);
    return this.#report;
  }

  /** Nothing follows from what came before, until the next keyframes. */
  #forget(): void {
    this.#safety = undefined;
    this.#cooling = undefined;
    this.#lastLook = undefined;
    this.#tellEarly();
  }

  /** On the wall clock. */
  #place(entry: FlightEntry): void {
    if (entry.kind === "start") this.#came(entry);
    else if ((entry.kind === "look" || entry.kind === "cooling") && entry.key !== undefined)
      this.#came(entry.key);
    if (this.#origin === undefined) return;
    const unixMs = unixMsOf(entry, this.#origin);
    if (this.#openGap !== undefined) this.#closeGap(unixMs);
    this.#report.fromUnixMs ??= unixMs;
    this.#report.toUnixMs = unixMs;
    this.#lastUnixMs = unixMs;
  }

  #came(origin: Origin): void {
    this.#origin = origin;
    const { recordedBy } = this.#report;
    if (!recordedBy.includes(origin.version))
      this.#report.recordedBy = [...recordedBy, origin.version];
  }

  #closeGap(toUnixMs: number | null): void {
    const gap: ReplayGap = { fromUnixMs: this.#lastUnixMs, toUnixMs, records: this.#openGap ?? 0 };
    this.#openGap = undefined;
    this.#report.gaps = [...this.#report.gaps, gap];
  }

  async #entry(entry: FlightEntry): Promise<void> {
    switch (entry.kind) {
      case "look":
        await this.#look(entry);
        return;
      case "began":
        await this.#safety?.began(entry);
        return;
      case "cooling":
        this.#decision(entry);
        return;
      case "life":
        this.#lived(entry);
        return;
      case "trip":
        this.#trip(entry);
        return;
      case "start":
        return;
      default: {
        const { others } = this.#report;
        this.#report.others = { ...others, [entry.kind]: (others[entry.kind] ?? 0) + 1 };
      }
    }
  }

  async #look(entry: LookEntry): Promise<void> {
    if (entry.key !== undefined) this.#safety ??= new SafetyReplay(entry, this.#log);
    if (this.#safety === undefined) {
      this.#report.skipped += 1;
      return;
    }
    const verdicts = await this.#safety.look(entry);
    this.#lastLook = { entry, verdicts };
    this.#report.looks += 1;
    this.#tellEarly();
    this.#compared("safety", entry, verdicts);
  }

  #decision(entry: CoolingEntry): void {
    if (entry.key !== undefined) this.#cooling ??= new CoolingReplay(entry);
    if (this.#cooling === undefined) {
      this.#report.skipped += 1;
      return;
    }
    this.#report.coolingDecisions += 1;
    this.#compared("cooling", entry, this.#cooling.decide(entry));
  }

  #lived(entry: LifeEntry): void {
    if (entry.what === "begin") this.#life = [];
    if (this.#life !== undefined) this.#life.push(entry);
    else if (!this.#isLifeBroken) {
      this.#isLifeBroken = true;
      this.#report.livesWithoutBeginning += 1;
    }
  }

  /** A life is lived again as a whole: what is asked may be answered much later. */
  async #endLife(): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    if (life === undefined) return;
    const { done, difference } = await replayLife(life, this.#log);
    this.#report.lifeSteps += done;
    if (difference !== undefined)
      this.#compared("life", difference, { isSame: false, ...difference });
  }

  #trip(entry: TripEntry): void {
    if (entry.action === "isolate") this.#early = [...this.#early, entry];
    else this.#tell(entry);
  }

  #tellEarly(): void {
    for (const entry of this.#early) this.#tell(entry);
    this.#early = [];
  }

  #tell(entry: TripEntry): void {
    const { action, slot, code } = entry;
    const atUnixMs = this.#origin === undefined ? 0 : unixMsOf(entry, this.#origin);
    const replay = replayOf(entry, this.#lastLook);
    this.#report.trips = [...this.#report.trips, { atUnixMs, action, slot, code, replay }];
  }

  #compared(
    stream: Stream,
    { atMs }: Pick<FlightEntry, "atMs">,
    verdict: Pick<LookVerdicts, "then" | "now" | "isSame">,
  ): void {
    if (verdict.isSame || this.#origin === undefined) return;
    const { then, now } = verdict;
    this.#report.isSame = false;
    this.#report.differences += 1;
    const { version } = this.#origin;
    const difference: ReplayDifference = {
      ...{ stream, atUnixMs: unixMsOf({ atMs }, this.#origin), uptimeS: atMs / 1000 },
      ...{ version, then, now },
    };
    this.#report.first ??= difference;
  }
}

interface JudgedLook {
  readonly entry: LookEntry;
  readonly verdicts: LookVerdicts;
}

function replayOf(
  { action, slot, code, atMs }: TripEntry,
  look: JudgedLook | undefined,
): ReplayedTrip["replay"] {
  if (look === undefined || Math.abs(atMs - look.entry.atMs) > SAME_LOOK_MS) return "notJudged";
  const isIn = (off: readonly string[], isolate: LookVerdicts["isolate"]): boolean =>
    action === "cut"
      ? off[0] === code
      : isolate.some((each) => each.slot === slot && each.code === code);
  const { off = [], isolate = [] } = look.entry;
  const offCodes = off.map((found) => found.code);
  // A part of the program saw it between two looks.
  if (!isIn(offCodes, isolate)) return "notJudged";
  return isIn(look.verdicts.off, look.verdicts.isolate) ? "same" : "different";
}
