import { withDeadline } from "../hal/with-deadline.js";
import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import { TypedEmitter } from "../lib/events.js";
import { errorOf, findingOf, findingText, type Finding } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";
import type { Guard } from "./guard.js";
import type { LookWitness } from "./look-witness.js";
import type { GatheredFacts, RailLimits } from "./rail-facts.js";
import { FEED_MS, RailJudge, type CutReason } from "./rail-judge.js";
import type { Permit, RailEvents, RailState } from "./rail-state.js";
import type { RailSwitch } from "./rail-switch.js";
import type { RailVerdict } from "./rail-verdict.js";
import { TripBook } from "./trip-book.js";
import type { TripCause, TripLog, TripRecord } from "./trip.js";

export { FEED_MS } from "./rail-judge.js";
export type { RailState } from "./rail-state.js";

/** How often facts are looked at while the output is off. */
const CHECK_OFF_MS = 1000;
/** Writes of the off state before the switch is given up until the next check. */
const OFF_TRIES = 3;
/** A running machine that nobody has judged by then is switched off: identifying one takes half of it. Inferred. */
const FOREIGN_LIMIT_MS = 60_000;

export interface RailInterlockOptions {
  readonly switch: RailSwitch;
  /** Cuts by itself when it is not fed. */
  readonly guard?: Guard | undefined;
  readonly limits: RailLimits;
  /** What is known at the moment of asking. Must not block. */
  readonly facts: () => GatheredFacts;
  /** Remembers what cut the power. */
  readonly trips?: TripLog | undefined;
  readonly witness?: LookWitness | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * The only code that opens the output of the supply, and it does so only while every rule holds. It looks at the facts
 * every 20 ms while the output is on, and whenever somebody who has new ones says so; the first broken rule switches
 * off. Each look that finds all well feeds the guard, which cuts when no more looks come. A trip stays until it is
 * cleared.
 */
export class RailInterlock {
  readonly #options: RailInterlockOptions;
  readonly events = new TypedEmitter<RailEvents>();
  #state: RailState;
  #trip: MinerError | undefined;
  /** Counts decisions: an older one that is still under way must not have the last word. */
  #turn = 0;
  readonly #book: TripBook;
  readonly #judge: RailJudge;
  #isWatching = true;
  #cancelCheck: () => void = () => undefined;

  private constructor(options: RailInterlockOptions, state: RailState) {
    this.#options = options;
    this.#state = state;
    const { trips, limits, facts, guard, witness, clock, log } = options;
    this.#book = new TripBook({ trips, clock, log });
    this.#judge = new RailJudge({
      ...{ limits, facts, guard, witness, clock, log, book: this.#book },
      state: () => this.#state,
      onIsolate: (slot, error) => {
        this.events.emit("isolate", slot, error);
      },
    });
    this.#checkLater(CHECK_OFF_MS);
  }

  /**
   * Switches off first of all, or with `takeOver` leaves the output as it is until `adopt` or `switchOff`.
   * @throws what the switch throws when it cannot be driven at all
   */
  static async open(
    options: RailInterlockOptions,
    mode: "off" | "takeOver" = "off",
  ): Promise<RailInterlock> {
    const sinceMs = options.clock.nowMs();
    if (mode === "takeOver") return new RailInterlock(options, { is: "foreign", sinceMs });
    const reason = "start";
    const interlock = new RailInterlock(options, { is: "off", sinceMs, reason });
    try {
      await interlock.switchOff(reason);
    } catch (error) {
      interlock.close();
      throw error;
    }
    return interlock;
  }

  get state(): RailState {
    return this.#state;
  }

  /** The output may have voltage from the supply. */
  get isOn(): boolean {
    return this.#state.is !== "off";
  }

  /** What cut the power last; undefined when nothing did or it was cleared. */
  get trip(): MinerError | undefined {
    return this.#trip;
  }

  /** Trips that hold, as they are remembered; also those of programs before this one. */
  get openTrips(): readonly TripRecord[] {
    return this.#book.open;
  }

  /** What needs no cut and should be known. */
  get warnings(): readonly Finding[] {
    return this.#judge.warnings;
  }

  permit(): Permit {
    const missing = lacking(this.#judge.verdict("before"));
    if (this.#trip !== undefined) missing.unshift(findingOf(this.#trip));
    return missing.length === 0 ? { isGranted: true } : { isGranted: false, missing };
  }

  /** What cut the power is over, or its owner wants to try again. */
  clearTrip(by: "rule" | "owner" = "rule"): void {
    this.#trip = undefined;
    this.#book.clearCuts(by);
  }

  /** Why a slot that counts now would be taken out at once; undefined when it may stay. It is over with its trip then. */
  admit(slot: number, by: "rule" | "owner"): Finding | undefined {
    const { cut, isolate } = this.#judge.verdict("on");
    const [found] = [...cut, ...isolate.filter((finding) => finding.slot === slot)];
    if (found === undefined) this.#book.clearSlots([slot], by);
    return found;
  }

  /**
   * Opens the output if everything is permitted. One try: a line that does not move is left off.
   * @throws COMMAND_REFUSED with what is missing; what the switch throws
   */
  async switchOn(): Promise<void> {
    if (this.#state.is === "on") return;
    if (this.#state.is !== "off")
      throw new MinerError("COMMAND_REFUSED", { command: "switchOn", rail: this.#state.is });
    const permit = this.permit();
    if (!permit.isGranted) throw refused(permit.missing);
    await this.#turnOn();
  }

  /**
   * A running machine is ours from now on, without a gap, if everything is permitted.
   * @throws COMMAND_REFUSED with what is missing; it still runs then, until `switchOff`
   */
  adopt(): void {
    if (this.#state.is !== "foreign")
      throw new MinerError("COMMAND_REFUSED", { command: "adopt", rail: this.#state.is });
    const missing = lacking(this.#judge.verdict("on"));
    if (missing.length > 0) throw refused(missing, "adopt");
    this.#turn += 1;
    this.#options.guard?.arm();
    this.#enter({ is: "on", sinceMs: this.#options.clock.nowMs() });
    this.#isBack();
  }

  /**
   * Resolves when the switch is driven; at the latest after three times its limit.
   * @throws PSU_NOT_OFF when it cannot be driven; it is tried again with every check
   */
  async switchOff(reason: string): Promise<void> {
    const turn = ++this.#turn;
    const wasOff = this.#state.is === "off";
    await this.#driveOff(turn);
    // Somebody decided anew meanwhile: what is now so is theirs to say.
    if (turn !== this.#turn) return;
    if (wasOff && this.#state.is === "off") return;
    this.#enter({ is: "off", sinceMs: this.#options.clock.nowMs(), reason });
  }

  /** Power goes off for something that is no rule's, in its own order: remembered like what cuts it. */
  note(error: MinerError): void {
    if (this.#trip !== undefined || this.#state.is === "off") return;
    this.#book.record(error, "cut", { by: "part", facts: this.#judge.facts() });
  }

  /** Cuts the power for something that no rule sees, as the supply's output not coming. */
  cut(error: MinerError): Promise<void> {
    return this.#cut(error, { by: "part", facts: this.#judge.facts() });
  }

  /** Looks at the facts now. Whoever has new ones calls this. */
  check(): void {
    if (!this.#isWatching || this.#trip !== undefined) return; // off already, or on the way
    switch (this.#state.is) {
      case "off":
      case "stuck":
        return; // the timer's: facts come too often
      case "on":
        this.#cutFor(this.#judge.lookOn());
        return;
      case "foreign":
        this.#cutFor(this.#judge.verdict("foreign"));
        return;
    }
  }

  /** Ends the checks. The output stays as it is: switch off before. */
  close(): void {
    this.#isWatching = false;
    this.#cancelCheck();
  }

  async #turnOn(): Promise<void> {
    const { clock } = this.#options;
    const turn = ++this.#turn;
    this.#options.guard?.arm();
    // From here on there may be voltage, whatever the switch answers.
    this.#enter({ is: "on", sinceMs: clock.nowMs() });
    try {
      await this.#drive(true);
    } catch (error) {
      await this.switchOff("switch failed");
      throw error;
    }
    if (turn === this.#turn) {
      this.#isBack();
      return;
    }
    // It was switched off while the line was being driven: the last word on the line must be off too.
    if (!this.isOn) await this.#driveOff(this.#turn);
    throw new MinerError("COMMAND_REFUSED", {
      command: "switchOn",
      rail: "switched off meanwhile",
    });
  }

  /** Every rule holds again, with the slots that count now: also after a trip of a program before us. */
  #isBack(): void {
    this.#book.clearCuts("rule");
    this.#book.clearSlots(this.#judge.facts()?.poweredSlots ?? [], "rule");
  }

  async #driveOff(turn: number): Promise<void> {
    let cause: unknown;
    for (let attempt = 1; attempt <= OFF_TRIES; attempt += 1) {
      try {
        await this.#drive(false);
        // A turn that switches on has armed it anew.
        if (turn === this.#turn) this.#options.guard?.disarm();
        return;
      } catch (error) {
        cause = error;
      }
    }
    const { switch: output, clock, log } = this.#options;
    const facts = { switch: output.name, reason: String(cause) };
    const error = new MinerError("PSU_NOT_OFF", facts, { cause });
    if (this.#state.is !== "stuck") {
      log.error({ code: error.code, ...error.context }, "the output of the supply is not off");
      this.#enter({ is: "stuck", sinceMs: clock.nowMs(), error });
    }
    throw error;
  }

  #drive(isOn: boolean): Promise<void> {
    const { switch: output, clock } = this.#options;
    return withDeadline(output.set(isOn), clock, output.limitMs, () => {
      return new MinerError("GPIO_FAILED", { line: output.name, reason: "no answer" });
    });
  }

  async #cut(error: MinerError, cause: TripCause): Promise<void> {
    const off = this.switchOff(error.code);
    // The line is driven by now where that needs no waiting: listeners come after it.
    if (this.#trip === undefined) {
      this.#trip = error;
      this.#book.record(error, "cut", cause);
      this.events.emit("tripped", error);
    }
    await off.catch(() => undefined); // it is stuck then, and tried again
  }

  #cutFor(reason: CutReason | undefined): void {
    const { cut = [], facts } = reason ?? {};
    const [first] = cut;
    if (first === undefined) return;
    this.#options.log.error({ broken: cut.map(findingText) }, "power is cut");
    const by = first.code === "GUARD_TRIPPED" ? "guard" : "rule";
    void this.#cut(errorOf(first), { by, facts });
  }

  #checkLater(ms: number): void {
    if (!this.#isWatching) return;
    this.#cancelCheck();
    this.#cancelCheck = this.#options.clock.after(ms, () => {
      this.#checkTimes();
      this.check();
      this.#checkOff();
      this.#checkLater(this.#state.is === "on" ? FEED_MS : CHECK_OFF_MS);
    });
  }

  #checkOff(): void {
    if (!this.#isWatching || this.#state.is !== "off") return;
    const reason = this.#judge.lookOff();
    if (this.#trip === undefined) this.#cutFor(reason);
  }

  #checkTimes(): void {
    const state = this.#state;
    const ageMs = this.#options.clock.nowMs() - state.sinceMs;
    if (state.is === "stuck") void this.switchOff("tried again").catch(() => undefined); // told once
    if (state.is === "foreign" && ageMs >= FOREIGN_LIMIT_MS)
      this.#cutFor({
        cut: [{ code: "COMMAND_REFUSED", context: { rail: "foreign", ageMs } }],
        facts: this.#judge.facts(),
      });
  }

  #enter(state: RailState): void {
    this.#state = state;
    this.#judge.begin();
    if (state.is === "on") this.#checkLater(FEED_MS);
    const { log, switch: output } = this.#options;
    const reason = state.is === "off" ? { reason: state.reason } : {};
    if (state.is !== "stuck") log.info({ switch: output.name, is: state.is, ...reason }, "rail");
  }
}

/** Everything that speaks against power. */
function lacking({ cut, isolate }: RailVerdict): Finding[] {
  return [...cut, ...isolate.map(({ code, context }) => ({ code, context }))];
}

function refused(missing: readonly Finding[], command = "switchOn"): MinerError {
  const [first] = missing;
  return new MinerError("COMMAND_REFUSED", {
    command,
    lacking: first?.code ?? null,
    missing: missing.map(findingText).join("; "),
  });
}
