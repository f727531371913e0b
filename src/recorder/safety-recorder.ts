import type { Finding } from "../lib/finding.js";
import type { Look, LookWitness } from "../safety/look-witness.js";
import type { RailFacts, RailLimits } from "../safety/rail-facts.js";
import type { RailVerdict } from "../safety/rail-verdict.js";
import { encoded } from "./fact-tree.js";
import type { Facts, Findings, LookEntry, Origin } from "./flight-entry.js";
import type { FlightLog } from "./flight-log.js";
import { TreeWriter, VALUE } from "./tree-writer.js";

/** A ring whose beginning was overwritten is read from its first keyframe. */
const KEYFRAME_MS = 30_000;
/** Nonces come all the time: moments that move by themselves are kept no more often. */
const MOMENTS_MS = 1000;
/** A keyframe knows nothing of a slot that is on its way out. */
const CALM_MS = 1000;

export interface SafetyRecorderOptions {
  readonly log: FlightLog;
  readonly limits: RailLimits;
  readonly origin: () => Origin;
}

/** Keeps the looks of the safety that show something new. */
export class SafetyRecorder implements LookWitness {
  readonly #options: SafetyRecorderOptions;
  readonly #tree = new TreeWriter();
  #writtenMs = -Infinity;
  #keyMs = -Infinity;
  #isolatedMs = -Infinity;
  #rail: Look["rail"] | undefined;
  #warnings: readonly Finding[] = [];

  constructor(options: SafetyRecorderOptions) {
    this.#options = options;
  }

  began(atMs: number): void {
    this.#options.log.add({ kind: "began", atMs });
  }

  looked(look: Look): void {
    const { log } = this.#options;
    log.safely(() => {
      const nowMs = look.atMs;
      if (look.verdict.isolate.length > 0) this.#isolatedMs = nowMs;
      const facts = this.#isKeyDue(nowMs) ? look.verdict.facts : undefined;
      if (facts !== undefined || this.#isNews(look, nowMs)) this.#write(look, facts, nowMs);
    });
  }

  #isKeyDue(nowMs: number): boolean {
    return nowMs - this.#keyMs >= KEYFRAME_MS && nowMs - this.#isolatedMs >= CALM_MS;
  }

  #isNews({ how, rail, verdict, again, cut }: Look, nowMs: number): boolean {
    const { facts, isolate, warn } = verdict;
    if (cut.length > 0 || verdict.cut.length > 0 || isolate.length > 0) return true;
    if (again !== undefined || facts === undefined || rail !== this.#rail) return true;
    if (how !== "lookOn" && how !== "lookOff") return true;
    if (nowMs - this.#writtenMs >= MOMENTS_MS || !areSame(warn, this.#warnings)) return true;
    return this.#tree.compare(facts, nowMs) === VALUE;
  }

  #write(look: Look, key: RailFacts | undefined, nowMs: number): void {
    const { log, limits, origin } = this.#options;
    const { how, rail, lookedMs, verdict, again, cut } = look;
    const entry: LookEntry = {
      ...{ kind: "look", atMs: nowMs, how, rail },
      ...(rail === "on" && { lookedMs }),
      ...(key !== undefined && { key: { ...origin(), limits } }),
      ...(key === undefined ? this.#facts(verdict, nowMs) : { all: this.#tree.all(key, nowMs) }),
      ...(verdict.facts === undefined && { areUnknown: true }),
      ...found(verdict),
      ...(again && { again: { ...this.#facts(again, nowMs), ...found(again) } }),
      ...(cut.length > 0 && { off: encoded(cut) as readonly Finding[] }),
    };
    if (key !== undefined) this.#keyMs = nowMs;
    this.#writtenMs = nowMs;
    this.#rail = rail;
    this.#warnings = verdict.warn;
    log.add(entry, cut.length > 0 || verdict.isolate.length > 0);
  }

  #facts(verdict: RailVerdict, nowMs: number): Facts {
    const isExact = verdict.cut.length + verdict.isolate.length + verdict.warn.length > 0;
    const change = verdict.facts && this.#tree.change(verdict.facts, nowMs, isExact);
    return change === undefined ? {} : { change };
  }
}

function areSame(some: readonly Finding[], others: readonly Finding[]): boolean {
  return some.length === others.length && some.every(({ code }, at) => code === others[at]?.code);
}

function found({ cut, isolate, warn }: RailVerdict): Findings {
  const all = Object.entries({ cut, isolate, warn }).filter(([, list]) => list.length > 0);
  return encoded(Object.fromEntries(all)) as Findings;
}
