import { ManualClock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import { findingText, type Finding } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import type { Guard } from "../../safety/guard.js";
import type { Look } from "../../safety/look-witness.js";
import type { RailFacts } from "../../safety/rail-facts.js";
import { RailJudge } from "../../safety/rail-judge.js";
import type { RailState } from "../../safety/rail-state.js";
import { TripBook } from "../../safety/trip-book.js";
import { decoded } from "../fact-tree.js";
import type { BeganEntry, Facts, Findings, LookEntry } from "../flight-entry.js";
import { TreeReader } from "../tree-reader.js";
import { isCloseEnough } from "./close-enough.js";

/** What a look decided, in plain words for whom it is shown to. */
export interface LookVerdicts {
  readonly then: string;
  readonly now: string;
  readonly isSame: boolean;
  /** Codes for which all power is cut, and slots that are taken out with theirs: as decided now. */
  readonly off: readonly string[];
  readonly isolate: readonly { readonly slot: number; readonly code: string }[];
}

/** Feeds what was recorded to the judge of the rail, from one keyframe on. */
export class SafetyReplay {
  readonly #clock = new ManualClock();
  readonly #tree = new TreeReader();
  readonly #judge: RailJudge;
  #facts: RailFacts | undefined;
  #unknown: Finding | undefined;
  /** Of the second verdict in the same look. */
  #again: (Facts & Findings) | undefined;
  #hasAsked = false;
  #rail: Look["rail"] = "off";
  #look: Look | undefined;

  /** @param first has a keyframe */
  constructor(first: LookEntry, log: Logger) {
    if (first.key === undefined) throw new RangeError("no keyframe");
    const clock = this.#clock;
    this.#judge = new RailJudge({
      ...{ limits: decoded(first.key.limits) as typeof first.key.limits, clock, log },
      facts: () => this.#gather(),
      guard: this.#guard(),
      book: new TripBook({ trips: undefined, clock, log }),
      state: () => this.#state(),
      onIsolate: () => {
        this.#hasAsked = true;
      },
      witness: {
        began: () => undefined,
        looked: (look) => {
          this.#look = look;
        },
      },
    });
  }

  async began({ atMs }: BeganEntry): Promise<void> {
    await this.#advance(atMs);
    this.#judge.begin();
  }

  async look(entry: LookEntry): Promise<LookVerdicts> {
    const { atMs, how, rail, lookedMs, areUnknown, cut = [], again } = entry;
    if (lookedMs !== undefined && lookedMs > this.#clock.nowMs()) {
      await this.#advance(lookedMs);
      this.#judge.passOver();
    }
    await this.#advance(atMs);
    this.#read(entry);
    this.#rail = rail;
    this.#unknown = areUnknown === true ? cut[0] : undefined;
    this.#again = again;
    this.#hasAsked = false;
    this.#look = undefined;
    if (how === "lookOn") this.#judge.lookOn();
    else if (how === "lookOff") this.#judge.lookOff();
    else this.#judge.verdict(how);
    return this.#compare(entry);
  }

  #compare(entry: LookEntry): LookVerdicts {
    const look = this.#look;
    if (look === undefined) throw new RangeError("no verdict");
    const then = outcomeOf(entry, entry.again, entry.off);
    const now = outcomeOf(look.verdict, look.again, look.cut);
    return {
      ...{ then: textOf(then), now: textOf(now), isSame: isCloseEnough(then, now) },
      off: look.cut.map(({ code }) => code),
      isolate: look.verdict.isolate,
    };
  }

  #gather(): RailFacts {
    if (this.#unknown !== undefined) {
      // The verdict names the rail by itself.
      const context = Object.entries(this.#unknown.context).filter(([name]) => name !== "rail");
      throw new MinerError(this.#unknown.code, Object.fromEntries(context));
    }
    // Whoever was asked to take a slot out may have done so by the second verdict.
    if (this.#hasAsked && this.#again !== undefined) {
      this.#read(this.#again);
      this.#again = undefined;
    }
    return this.#known;
  }

  /** Knows what the guard knew. */
  #guard(): Guard {
    const known = (): RailFacts => this.#known;
    return {
      arm: () => undefined,
      feed: () => undefined,
      disarm: () => undefined,
      get state() {
        return known().guard;
      },
    };
  }

  #state(): RailState {
    // From when the output has been so is one of the facts.
    const sinceMs = Number(this.#tree.moment("railSinceS") ?? 0);
    switch (this.#rail) {
      case "off":
        return { is: "off", sinceMs, reason: "replay" };
      case "stuck":
        return { is: "stuck", sinceMs, error: new MinerError("PSU_NOT_OFF") };
      default:
        return { is: this.#rail, sinceMs };
    }
  }

  #read({ all, change }: Facts): void {
    if (all !== undefined) this.#tree.begin(all);
    if (change !== undefined) this.#tree.follow(change);
    this.#facts = this.#tree.at(this.#clock.nowMs()) as RailFacts;
  }

  get #known(): RailFacts {
    if (this.#facts === undefined) throw new RangeError("nothing was read");
    return this.#facts;
  }

  #advance(atMs: number): Promise<void> {
    return this.#clock.advance(Math.max(0, atMs - this.#clock.nowMs()));
  }
}

interface Outcome {
  readonly first: Findings;
  readonly again: Findings | undefined;
  readonly off: readonly Finding[];
}

function outcomeOf(
  first: Findings,
  again: Findings | undefined,
  off: readonly Finding[] = [],
): Outcome {
  const plain = ({ cut = [], isolate = [], warn = [] }: Findings): Findings => ({
    ...{ cut: decodedList(cut), isolate: decodedList(isolate), warn: decodedList(warn) },
  });
  return { first: plain(first), again: again && plain(again), off: decodedList(off) };
}

function decodedList<Item extends Finding>(list: readonly Item[]): readonly Item[] {
  return decoded(list) as readonly Item[];
}

function textOf({ first, again, off }: Outcome): string {
  const findings = ({ cut = [], isolate = [], warn = [] }: Findings): readonly string[] => [
    ...cut.map((found) => `cut for ${findingText(found)}`),
    ...isolate.map((found) => `slot ${String(found.slot)} out for ${findingText(found)}`),
    ...warn.map((found) => `warning ${findingText(found)}`),
  ];
  const told = [
    ...findings(first),
    ...(again === undefined ? [] : ["then", ...findings(again)]),
    ...off.map((found) => `power off for ${found.code}`),
  ];
  return told.length === 0 ? "all is well" : told.join("; ");
}
