import { isMinerError, MinerError } from "../../lib/errors.js";
import { errorOf, findingOf, findingText, type Finding } from "../../lib/finding.js";
import { isolated, usableSlots, type FittedMachine } from "../machine/fitted-machine.js";
import { RetryPlan } from "../retry-plan.js";
import { untilAborted } from "../until-aborted.js";
import { Curtailment } from "./curtailment.js";
import { faultError } from "./fault-error.js";
import { LiveIsolation } from "./live-isolation.js";
import { upState, UP, type CurtailReceipt, type MachineState } from "./machine-state.js";
import type { MachineLifeOptions } from "./machine-life-options.js";
import { moveSetPoints } from "./move-set-points.js";
import { holdChains, powerDown } from "./power-down.js";
import { chainOrder, type SetPointPlan, type SetPoints } from "./set-points.js";
import { StateLog } from "./state-log.js";
import { withIsolated, withVerdicts } from "./verdicts.js";
import { within } from "./within.js";

/** Time that what is under way has to end, once all is off. */
const END_LIMIT_MS = 1000;
/** A machine that was too hot is left to cool down. Decided: fans at full speed take minutes. */
const HOT_RETRY_MS = 300_000;

/** Why a turn of the life ended, when it was no failure. */
const CURTAILED = new Error("curtailed");
const ORDERED = new Error("ordered");
const STOPPED = new Error("stopped");

/**
 * Life of the machine: finds out what it is fitted with, powers it, brings its chains up and keeps them up, in the
 * way that the operator ordered. Whatever goes wrong ends with the power off, and is tried again a few times.
 */
export class MachineLife {
  readonly #options: MachineLifeOptions;
  readonly #states: StateLog;
  readonly #retries: RetryPlan;
  readonly #stop = new AbortController();
  /** Ends what the life is about, for a reason of its own. */
  #turn = new AbortController();
  #life: Promise<void> = Promise.resolve();
  #setPoints: SetPointPlan;
  #fitted: FittedMachine | undefined;
  /** What a program before us left has been judged. */
  #isFound = false;
  readonly #curtailment: Curtailment;
  #powerSharePct = 100;
  readonly #isolation: LiveIsolation;

  constructor(options: MachineLifeOptions) {
    this.#options = options;
    this.#states = new StateLog(options.clock, options.log);
    this.#retries = new RetryPlan(options.clock);
    const { hardware, team, orders, clock, log } = options;
    this.#curtailment = new Curtailment({ hardware, orders, states: this.#states, clock });
    this.#isolation = new LiveIsolation({
      ...{ hardware, team, clock, log },
      signal: () => this.#signal,
      onVerdict: this.#judge.bind(this),
    });
    this.#setPoints = options.setPoints;
  }

  get state(): MachineState {
    return this.#states.state;
  }

  get states(): StateLog {
    return this.#states;
  }

  get setPoints(): SetPointPlan {
    return this.#setPoints;
  }

  /** What the machine was found to be fitted with; undefined before. */
  get fitted(): FittedMachine | undefined {
    return this.#fitted;
  }

  start(): void {
    this.#life = this.#live(this.#stop.signal);
  }

  /** Chains in reset, converters off, power off; fans stay as they are. */
  async stop(): Promise<void> {
    await this.#endBy(() => this.#powerDown("stop"));
    this.#states.enter({ is: "off" });
  }

  /** Chains in reset; the power stays on, for a program that takes it over. */
  readonly leave = (): Promise<void> => this.#endBy(() => holdChains(this.#options));

  /** Mine, pause or sleep; resolves with whether a restart would know of it. */
  give(order: "mine" | "paused" | "asleep"): Promise<boolean> {
    const { orders } = this.#options;
    const wasCurtailed = orders.order === "curtailed";
    const isKept = orders.give(order);
    this.#curtailment.forget();
    if (wasCurtailed) this.#turn.abort(ORDERED);
    this.#obey();
    return isKept;
  }

  /**
   * Does not wait any longer for a retry: of the machine, of chains that failed, or of boards that were taken out. False
   * when none waits.
   */
  retry(): boolean {
    this.#retries.forgive();
    this.#isolation.forgive();
    const mustAsk = this.#options.wiring?.forgive() === true;
    if (this.state.is !== "fault" && !mustAsk)
      return this.#isolation.retry() + this.#options.team.retry() > 0;
    this.#turn.abort(ORDERED);
    return true;
  }

  /**
   * Switches the hash power off before anything else is done, and keeps it off until another order.
   * @throws PSU_NOT_OFF: the order holds all the same
   */
  curtail(): Promise<CurtailReceipt> {
    return this.#curtailment.begin(() => {
      this.#turn.abort(CURTAILED);
    });
  }

  /** Heat and watts allow so much of the ordered clock, from now on; the set-points are what they were. */
  limitPower(powerSharePct: number): void {
    this.#powerSharePct = powerSharePct;
    this.#obey();
  }

  /**
   * Other set-points: at once where the machine runs, else with the next start. The voltage rises before the clock and
   * falls after it. When the voltage cannot be moved they are what they were.
   * @throws what Rail.changeTo throws; COMMAND_REFUSED when the machine went down meanwhile
   */
  async change(wanted: SetPoints): Promise<void> {
    const before = this.#setPoints;
    try {
      await this.#move(before, wanted);
    } catch (error) {
      this.#setPoints = before;
      this.#obey();
      if (isMinerError(error)) throw error;
      // The machine went on to something else meanwhile.
      const facts = { command: "set", state: this.state.is, order: this.#options.orders.order };
      throw new MinerError("COMMAND_REFUSED", facts, { cause: error });
    }
  }

  #move(before: SetPoints, wanted: SetPoints): Promise<void> {
    const { hardware, team } = this.#options;
    const isRunning = UP.includes(this.state.is);
    const apply = (part: Partial<SetPoints>): void => {
      this.#setPoints = { ...this.#setPoints, ...part };
      if (part.freqMHz !== undefined) this.#obey();
    };
    return moveSetPoints({
      hardware,
      team,
      before,
      wanted,
      isRunning,
      apply,
      signal: this.#signal,
    });
  }

  /** Aborted with this turn of the life. */
  get #signal(): AbortSignal {
    return AbortSignal.any([this.#turn.signal, this.#stop.signal]);
  }

  /** Another verdict of one board of the running machine. */
  #judge(slot: number, reason: Finding | undefined): void {
    if (this.#fitted === undefined) return;
    const verdict = reason === undefined ? ({ is: "usable" } as const) : isolated(reason);
    this.#fitted = withVerdicts(this.#fitted, new Map([[slot, verdict]]));
    const { state } = this;
    if ("slots" in state) this.#states.enter({ ...state, slots: this.#slots });
  }

  get #slots(): readonly number[] {
    return usableSlots(this.#fitted?.slots ?? []).map(({ slot }) => slot);
  }

  #obey(): void {
    const { orders, team } = this.#options;
    const { state } = this;
    team.obey(chainOrder(orders.order, this.#setPoints, this.#powerSharePct));
    if (state.is === "hashing" || state.is === "paused" || state.is === "asleep")
      this.#states.enter({ is: upState(orders.order), slots: state.slots });
  }

  async #live(stopped: AbortSignal): Promise<void> {
    const { hardware, orders } = this.#options;
    while (!stopped.aborted) {
      const turn = new AbortController();
      this.#turn = turn;
      const signal = AbortSignal.any([stopped, turn.signal]);
      const unhooks = [hardware.onTrip(turn.abort.bind(turn)), this.#isolation.listen()];
      try {
        if (orders.order === "curtailed") await this.#rest(signal);
        else await this.#run(signal);
      } catch (error) {
        // What ended the turn says more than what broke when it ended.
        await this.#end(signal.aborted ? signal.reason : error);
      } finally {
        for (const unhook of unhooks) unhook();
      }
    }
  }

  /** Throws when it ends, for whatever reason. */
  async #run(signal: AbortSignal): Promise<never> {
    const { hardware, team } = this.#options;
    const isRunning = await this.#identify(signal);
    if (!isRunning) await this.#askOrder(signal);
    const slots = isRunning ? await this.#takeOver(signal) : await this.#powerUp(signal);
    // The supply's bus is free while the chips come up; the move to the running voltage waits for its turn there.
    void hardware.rail.calibrate(signal);
    this.#states.enter({ is: "bringUp", slots, isTakeOver: isRunning });
    // One may have been taken out since.
    await this.#bringUp(this.#usable(), signal);
    this.#states.enter({ is: upState(this.#options.orders.order), slots: this.#slots });
    this.#retries.succeeded();
    const failed = team.failed(signal);
    const { railMv, openMv } = this.#setPoints;
    // Cores are open: the chips go on with the voltage that they run at. A large move takes many rounds of a slow bus.
    if (railMv !== undefined && railMv !== openMv)
      await Promise.race([failed, hardware.rail.changeTo(railMv, signal)]);
    throw await failed;
  }

  /** Resolves with whether the machine runs already. What is known since an earlier turn is not asked again. */
  async #identify(signal: AbortSignal): Promise<boolean> {
    const { hardware } = this.#options;
    if (this.#fitted !== undefined) return false;
    this.#states.enter({ is: "identify" });
    if (this.#isFound) {
      this.#fitted = await hardware.identify(signal);
      return false;
    }
    const { fitted, isRunning } = await hardware.find(signal);
    this.#isFound = true;
    this.#fitted = fitted;
    return isRunning;
  }

  /** Finds out which slot hangs on which tty, where that is not known; the power is off afterwards. */
  async #askOrder(signal: AbortSignal): Promise<void> {
    const { wiring } = this.#options;
    if (wiring === undefined || this.#fitted === undefined) return;
    if (!wiring.mustAsk(this.#fitted)) return;
    const slots = await this.#powerUp(signal);
    this.#states.enter({ is: "chainOrder", slots });
    await wiring.ask(this.#fitted, slots, signal).finally(() => this.#powerDown("chainOrder"));
    signal.throwIfAborted();
    await wiring.take();
  }

  /** The rail stays on; the chips start anew. */
  async #takeOver(signal: AbortSignal): Promise<readonly number[]> {
    const { hardware, team, log } = this.#options;
    log.info("the running machine is taken over");
    this.#options.onPower(true);
    await team.stop();
    const slots = this.#usable();
    hardware.setPowered(slots);
    const { openMv } = this.#setPoints;
    if (openMv !== undefined) await hardware.rail.changeTo(openMv, signal);
    return slots;
  }

  /** From whatever there was to an output that is there. */
  async #powerUp(signal: AbortSignal): Promise<readonly number[]> {
    const { hardware } = this.#options;
    const { openMv } = this.#setPoints;
    if (openMv === undefined) throw new MinerError("MACHINE_NOT_DRIVEN", { missing: "railMv" });
    await this.#powerDown("start");
    this.#usable();
    this.#states.enter({ is: "selfTest" });
    this.#fitted = await hardware.selfTest(signal);
    const slots = this.#usable();
    hardware.setPowered(slots);
    this.#states.enter({ is: "power", railMv: openMv });
    await hardware.rail.prepare(openMv, signal);
    this.#options.onPower(true);
    await hardware.rail.switchOn(signal);
    const failed = await hardware.openConverters(slots, signal);
    if (failed.size === 0) return slots;
    this.#fitted = withIsolated(this.#fitted, failed);
    const left = this.#usable();
    hardware.setPowered(left);
    return left;
  }

  /** Isolates what is not to be used. Throws when there is no supply, or no board that can be used. */
  #usable(): readonly number[] {
    if (this.#fitted === undefined) throw new MinerError("INTERNAL", { missing: "fitted" });
    const fitted = withIsolated(this.#fitted, this.#isolation.spent);
    this.#fitted = fitted;
    if (fitted.supply.is === "refused") throw errorOf(fitted.supply);
    for (const { slot, verdict } of fitted.slots)
      if (verdict.is === "isolated") this.#options.team.isolate(slot, errorOf(verdict));
    const slots = usableSlots(fitted.slots).map(({ slot }) => slot);
    const verdict = fitted.slots[0]?.verdict;
    if (slots.length === 0 && verdict?.is === "isolated") throw errorOf(verdict);
    return slots;
  }

  async #bringUp(slots: readonly number[], signal: AbortSignal): Promise<void> {
    const { team, orders } = this.#options;
    team.obey(chainOrder(orders.order, this.#setPoints, this.#powerSharePct));
    team.start(slots);
    await team.settled(signal);
    const { failure } = team;
    if (failure !== undefined) throw failure;
  }

  /** Hash power off until another order. */
  async #rest(signal: AbortSignal): Promise<void> {
    const { hardware, log } = this.#options;
    await this.#powerDown("curtailed");
    this.#curtailment.enter();
    if (this.#fitted === undefined)
      try {
        this.#isFound = true;
        this.#fitted = await hardware.identify(signal);
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ error: findingText(findingOf(error)) }, "not identified while curtailed");
      }
    await this.#curtailment.confirm(signal);
    await untilAborted(signal);
  }

  async #end(cause: unknown): Promise<void> {
    if (cause === ORDERED || cause === STOPPED) return;
    if (cause === CURTAILED) await this.#powerDown("curtailed");
    else await this.#fault(faultError(cause));
  }

  async #fault(error: MinerError): Promise<void> {
    const { hardware, clock, log } = this.#options;
    const facts = { code: error.code, ...error.context };
    log.error(facts, "machine failed: power goes off");
    hardware.noteFault(error);
    const turn = new AbortController();
    this.#turn = turn;
    await this.#powerDown(error.code);
    const waitMs = this.#retries.failed(error.code === "TEMPERATURE_CUT" ? HOT_RETRY_MS : 0);
    const retryAtMs = waitMs === undefined ? undefined : clock.nowMs() + waitMs;
    this.#states.enter({ is: "fault", error, failures: this.#retries.failures, retryAtMs });
    if (waitMs === undefined) log.error(facts, "machine is given up until resume");
    const signal = AbortSignal.any([this.#stop.signal, turn.signal]);
    if (waitMs === undefined) await untilAborted(signal);
    else await clock.sleep(waitMs, signal).catch(() => undefined); // stop, resume or curtail
    hardware.clearTrip(turn.signal.reason === ORDERED ? "owner" : "rule");
    this.#fitted = undefined;
    this.#isolation.reset();
  }

  async #endBy(last: () => Promise<void>): Promise<void> {
    this.#stop.abort(STOPPED);
    this.#states.enter({ is: "stopping" });
    await last();
    await within(this.#life, END_LIMIT_MS, this.#options.clock);
  }

  #powerDown(reason: string): Promise<void> {
    return powerDown(this.#options, reason);
  }
}
