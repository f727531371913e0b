import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TripRecord } from "../../src/safety/trip.js";
import type { Snapshot } from "../../src/telemetry/snapshot.js";
import type { BodyTruth } from "../../src/virtual/body/body-truth.js";
import type { Change } from "../../src/virtual/body/change-log.js";
import { measureFor, until } from "../simulated/until.js";
import { minesOn, SLOTS, type Actor, type HardwareRow, type RowResult } from "./row.js";
import { brief, type WallMachine } from "./wall-machine.js";

/** Gets what the processes of failed rows said. */
const REPORTS = "build/hardware-wall";
/** Beyond the limit of a row, so that the table can say how long it really took. */
const PATIENCE_S = 5;
/** A computer that is busy may take so much longer to tell than to act. */
const SHOWN_WITHIN_S = 10;
/** Documented: design, figures to hold. */
const DECISION_TO_OFF_MS = 500;
/** The machine's clock and the controller's are rounded differently. */
const CLOCKS_APART_MS = 5;
/** For the chains that mine to find something more: five nonces a second and more come of each. */
const MINES_ON_WITHIN_S = 10;

/** Whom a trip names. */
const WRITES: Readonly<Record<Actor, readonly TripRecord["by"][]>> = {
  // What a part of the program saw while it asked for something is as good as a rule.
  rule: ["rule", "part"],
  // A process that died can write nothing: its companion does.
  guard: ["guard", "companion"],
  companion: ["companion"],
  part: ["rule", "part", "guard", "companion"],
  recovery: [],
  nobody: [],
};

/** A reaction as the truth tells it. */
interface Reaction {
  readonly atMs: number;
  readonly isComplete: boolean;
}

/** Plays one row on a machine whose boards all hash. Never rejects: what goes wrong is a failure of the row. */
export async function playRow(row: HardwareRow, machine: WallMachine): Promise<RowResult> {
  const startMs = performance.now();
  const play = new Play(row, machine);
  try {
    await play.run();
  } catch (error) {
    play.fail(error instanceof Error ? error.message : String(error));
  }
  const result = play.result((performance.now() - startMs) / 1000);
  if (result.failures.length > 0) keepReport(row, machine, result);
  return result;
}

class Play {
  readonly #row: HardwareRow;
  readonly #machine: WallMachine;
  readonly #failures: string[] = [];
  #reactionMs: number | null = null;
  #tripToOffMs: number | null = null;
  #backS: number | null = null;

  constructor(row: HardwareRow, machine: WallMachine) {
    this.#row = row;
    this.#machine = machine;
  }

  fail(what: string): void {
    this.#failures.push(what);
  }

  result(tookS: number): RowResult {
    const { name, acts, effect } = this.#row;
    const times = { reactionMs: this.#reactionMs, tripToOffMs: this.#tripToOffMs };
    return { name, acts, effect, ...times, backS: this.#backS, tookS, failures: this.#failures };
  }

  async run(): Promise<void> {
    const { faults = [], deed, effect, recovers, warmC } = this.#row;
    const machine = this.#machine;
    if (warmC !== undefined) await machine.warm(warmC);
    const struckMs = await machine.strike(faults);
    if (deed !== undefined) machine.commit(deed);
    if (effect === "none") await measureFor(this.#row.withinS);
    else await this.#reacts(struckMs);
    if (this.#row.shown.length > 0) await this.#isShown();
    await this.#minesOn(struckMs);
    const before = await machine.truth();
    const { boards } = before;
    for (const [slot, { isHarmed, eepromWrites }] of boards.entries())
      if (isHarmed || eepromWrites > 0) this.fail(`board ${slot} took harm`);
    await machine.mend();
    const mendedMs = performance.now();
    await machine.untilReady(recovers);
    this.#backS = (performance.now() - mendedMs) / 1000;
    this.#isRecorded(struckMs, before);
    if (!machine.areSettingsKept) this.fail("the settings were changed");
    const bad = machine.log.filter(({ level, code }) => level === "fatal" || code === "INTERNAL");
    for (const line of bad.slice(0, 3)) this.fail(`log: ${JSON.stringify(line)}`);
  }

  /** What cut the power or took a slot out is on the disk, with who did it. */
  #isRecorded(struckMs: number, { nowMs, unixMs, changes }: BodyTruth): void {
    const { effect, acts, slots } = this.#row;
    if (effect === "none" || effect === "again") return;
    const [trip] = this.#machine.tripsSince(unixMs - nowMs + struckMs - CLOCKS_APART_MS);
    if (trip === undefined) {
      this.fail("no trip is recorded");
      return;
    }
    if (!WRITES[acts].includes(trip.by)) this.fail(`recorded as done by ${trip.by}`);
    if (trip.facts === null && acts === "rule") this.fail("recorded without what was known");
    const off = changes.find(({ what, slot, to, atMs }) => {
      const isIt =
        effect === "isolate" ? what === "reset" && slots?.[0] === slot : what === "enable";
      return isIt && to === (effect === "isolate" ? 0 : 1) && atMs >= struckMs;
    });
    if (off !== undefined && acts === "rule")
      this.#tripToOffMs = Math.max(0, off.atMs + unixMs - nowMs - trip.atUnixMs);
    if ((this.#tripToOffMs ?? 0) > DECISION_TO_OFF_MS)
      this.fail(`${String(this.#tripToOffMs)} ms from the decision to power off`);
  }

  /** Waits for the last of what the effect says. */
  async #reacts(struckMs: number): Promise<void> {
    const { effect, withinS } = this.#row;
    let truth: BodyTruth | undefined;
    const look = async (): Promise<Reaction | undefined> => {
      truth = await this.#machine.truth();
      const reaction = reactionOf(this.#row, truth, struckMs);
      return reaction.isComplete ? reaction : undefined;
    };
    const facts = (): unknown => truth?.changes.filter(({ atMs }) => atMs >= struckMs);
    const { atMs } = await until(look, { what: effect, withinS: withinS + PATIENCE_S, facts });
    this.#reactionMs = atMs - struckMs;
    if (this.#reactionMs > withinS * 1000)
      this.fail(`${(this.#reactionMs / 1000).toFixed(2)} s to ${effect}`);
  }

  async #isShown(): Promise<void> {
    const { shown, recovers } = this.#row;
    // Who is gone can tell only when it is back.
    if (recovers === "restart") return;
    let last: Snapshot | undefined;
    let missing: readonly string[] = shown;
    await until(
      async () => {
        last = (await this.#machine.status()) ?? last;
        const codes = codesIn(last);
        missing = shown.filter((code) => !codes.has(code));
        return missing.length === 0 || undefined;
      },
      {
        ...{ what: `shows ${shown.join(", ")}`, withinS: this.#row.shownWithinS ?? SHOWN_WITHIN_S },
        facts: () => [missing, brief(last)],
      },
    );
  }

  /** The slots that are not concerned go on without having been touched. */
  async #minesOn(struckMs: number): Promise<void> {
    const slots = minesOn(this.#row);
    if (slots.length === 0) return;
    const before = await this.#machine.chains();
    const areMining = async (): Promise<true | undefined> => {
      const now = await this.#machine.chains();
      return (
        slots.every((slot) => (now[slot]?.nonces ?? 0) > (before[slot]?.nonces ?? 0)) || undefined
      );
    };
    const what = `slots ${slots.join(", ")} mine on`;
    await until(areMining, { what, withinS: MINES_ON_WITHIN_S });
    const moved = (await this.#machine.truth()).changes.filter(
      ({ slot, what: thing, atMs }) =>
        atMs >= struckMs && (thing === "enable" || (slot !== null && slots.includes(slot))),
    );
    for (const { what: thing, slot, to } of moved)
      this.fail(`${thing} ${slot ?? ""} moved to ${to}`);
  }
}

/** When the last of what the effect says came, and whether all of it did. */
function reactionOf(row: HardwareRow, truth: BodyTruth, struckMs: number): Reaction {
  const { effect, slots = SLOTS } = row;
  const first = (what: Change["what"], to: 0 | 1, slot: number | null = null): number => {
    const change = truth.changes.find(
      (each) => each.what === what && each.to === to && each.slot === slot && each.atMs >= struckMs,
    );
    return change?.atMs ?? Infinity;
  };
  const resets = slots.map((slot) => first("reset", 0, slot));
  const off = [first("enable", 1), ...(effect === "cut" ? [first("output", 0)] : [])];
  const times = effect === "cut" || effect === "held" ? [...off, ...resets] : resets;
  const atMs = Math.max(...times);
  return { atMs, isComplete: Number.isFinite(atMs) };
}

/** Every error code anywhere in a status. */
function codesIn(value: unknown): ReadonlySet<string> {
  const codes = new Set<string>();
  const walk = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    for (const [key, inner] of Object.entries(part)) {
      if (key === "code" && typeof inner === "string") codes.add(inner);
      walk(inner);
    }
  };
  walk(value);
  return codes;
}

function keepReport(row: HardwareRow, machine: WallMachine, { failures }: RowResult): void {
  mkdirSync(REPORTS, { recursive: true });
  const file = `${row.name.replaceAll(/[^a-z0-9]+/gi, "-")}.log`;
  writeFileSync(join(REPORTS, file), `${failures.join("\n")}\n${machine.report()}`);
}
