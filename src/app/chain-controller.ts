import { bringUpChain } from "../asic/chain/bring-up-chain.js";
import type { ResetPlace } from "../asic/chain/reset-group.js";
import type { RunningChain } from "../asic/chain/running-chain.js";
import { MinerError } from "../lib/errors.js";
import { ChainWork } from "../mining/chain-work.js";
import type { JobHandling, JobTaker } from "../mining/dispatcher.js";
import type { PoolJob } from "../pool/pool-client.js";
import type { ChainFact } from "../safety/rail-facts.js";
import type { ChainSnapshot } from "../telemetry/snapshot.js";
import { ChainClock } from "./chain-clock.js";
import { ChainJobs } from "./chain-jobs.js";
import { ChainPowerFact } from "./chain-power-fact.js";
import { ChainRecovery } from "./chain-recovery.js";
import { chainSnapshot } from "./chain-snapshot.js";
import {
  standingOf,
  type ChainControllerOptions,
  type ChainOrder,
  type ChainStanding,
  type ChainState,
} from "./chain-state.js";
import { failureOf, hookTrouble } from "./chain-trouble.js";
import { likelyThs, nominalThsOf } from "./likely-ths.js";
import { leaveReset } from "./leave-reset.js";
import { rest, restUntilWork } from "./rest-until-work.js";
import { ChainWatch } from "./chain-watch.js";
import { NO_WORK, NoWorkTimer } from "./no-work-timer.js";

const IN_TURN: JobHandling = { urgent: false };

/** Life of one chain: brings it up, keeps it in work, and starts over when something breaks. */
export class ChainController implements JobTaker {
  readonly #options: ChainControllerOptions;
  readonly #jobs = new ChainJobs();
  readonly #noWork: NoWorkTimer;
  readonly #recovery: ChainRecovery;
  readonly #power: ChainPowerFact;
  #state: ChainState = { is: "off" };
  #order: ChainOrder;
  #walk: ChainClock | undefined;
  #lastError: MinerError | undefined;
  #bringUps = 0;
  #stop = new AbortController();
  #life: Promise<void> = Promise.resolve();

  constructor(options: ChainControllerOptions) {
    const { port, clock, settings } = options;
    this.#options = options;
    this.#order = { freqMHz: settings.freqMHz, works: true };
    this.#noWork = new NoWorkTimer(clock);
    this.#recovery = new ChainRecovery(port, clock);
    this.#power = new ChainPowerFact(clock);
    port.events.on("nonces", (nonces) => {
      this.#power.nonces(nonces.length);
      const { ticketDifficulty } = this;
      const verified =
        this.#state.is === "hashing" ? options.rates.count(nonces, ticketDifficulty) : [];
      options.onNonces(nonces, verified, ticketDifficulty);
    });
  }

  get slot(): number {
    return this.#options.slot;
  }

  /** Begins to bring the chain up, `together` with others where they share a rail; returns at once. */
  start(together?: ResetPlace): void {
    this.#stop = new AbortController();
    this.#life = this.#live(this.#stop.signal, together).finally(() => together?.leave());
  }

  /** Stops work and holds the chain in reset. What it failed of is still shown. */
  async stop(): Promise<void> {
    this.#stop.abort(new MinerError("CHAIN_CLOSED", { chain: this.#options.port.name }));
    this.#options.port.stopWork(true);
    await this.#life;
    await this.#options.port.setReset(true).catch((error: unknown) => {
      this.#options.log.warn({ error: String(error) }, "reset line not driven at stop");
    });
    this.#enter({ is: "off" });
  }

  /**
   * Out of a machine whose other chains go on, for the reason that `error` names; in reset when this resolves.
   * @throws what the reset line throws
   */
  async withdraw(error: MinerError): Promise<void> {
    this.#stop.abort(error);
    this.#options.port.stopWork(true);
    await this.#life;
    await this.#options.port.setReset(true);
    this.#enter({ is: "isolated", error });
  }

  /** For the permit. */
  fact(): ChainFact {
    return this.#power.now(this.slot, this.#state, this.isHashing, this.#order.works);
  }

  /** Leaves reset with the others, and does nothing else until it is stopped. */
  accompany(together: ResetPlace): void {
    this.#stop = new AbortController();
    this.#life = leaveReset(this.#options, together, this.#stop.signal);
  }

  /** The hashboard is not used, for the reason that `error` names; call it while the chain is stopped. */
  isolate(error: MinerError): void {
    this.#enter({ is: "isolated", error });
  }

  /** Holds from now on, at once where the chips are up. */
  obey(order: ChainOrder): void {
    const { works } = this.#order;
    this.#order = order;
    if (works && !order.works) this.#withhold();
    else if (!works && order.works) this.#grant();
    this.#walk?.aim(order.freqMHz);
  }

  /** Does not wait for the next retry any longer, and forgets how often it failed. */
  retry(): void {
    this.#recovery.retry();
  }

  get standing(): ChainStanding {
    return standingOf(this.#state);
  }

  /** What it failed of last; undefined when it works again. */
  get error(): MinerError | undefined {
    return this.#state.is === "faulted" || this.#state.is === "isolated"
      ? this.#state.error
      : this.#lastError;
  }

  /** No chip of it runs at another clock than was ordered. */
  get isAtOrder(): boolean {
    const state = this.#state;
    if (state.is === "idle") return true;
    const isUp = state.is === "waitingForWork" || state.is === "hashing";
    return isUp && state.chain.freqMHz === this.#order.freqMHz;
  }

  get nominalThs(): number {
    return nominalThsOf(this.#state);
  }

  takeJob(job: PoolJob, handling: JobHandling = IN_TURN): void {
    const state = this.#state;
    if (state.is === "hashing" && !this.#jobs.isWithheld) {
      // Time without a pool says nothing about the chips.
      if (this.#jobs.current === undefined)
        this.#enter({ ...state, since: this.#options.rates.mark() });
      state.work.takeJob(job, handling);
    }
    this.#noWork.end();
    this.#noting(() => {
      this.#jobs.offer(job);
    });
  }

  dropJob(): void {
    if (this.#state.is === "hashing") this.#state.work.dropJob();
    this.#noting(() => {
      this.#jobs.offer(undefined);
    });
    if (!this.#jobs.isWithheld) this.#noWork.begin();
  }

  /** What its chips report now. */
  get ticketDifficulty(): number {
    const { settings } = this.#options;
    return this.#state.is === "hashing"
      ? this.#state.work.ticketDifficulty
      : settings.ticketDifficulty;
  }

  /** TH/s that it makes when it works, as far as that is known: measured, or what it should make. */
  get likelyThs(): number {
    return likelyThs(this.#options, this.#state, this.isHashing, this.#order);
  }

  /** The chips are up and have work. */
  get isHashing(): boolean {
    return this.#state.is === "hashing" && this.#jobs.current !== undefined;
  }

  snapshot(): ChainSnapshot {
    return chainSnapshot(this.#options, {
      state: this.#state,
      isHashing: this.isHashing,
      error: this.error,
      bringUps: this.#bringUps,
      ticketDifficulty: this.ticketDifficulty,
    });
  }

  #withhold(): void {
    if (this.#state.is === "hashing") this.#state.work.dropJob();
    this.#noWork.end();
    this.#noting(() => {
      this.#jobs.withhold(true);
    });
  }

  #grant(): void {
    const { offered } = this.#jobs;
    this.#jobs.withhold(false);
    if (offered === undefined) this.#noWork.begin();
    // Whatever was withdrawn in the meantime is stale now.
    else this.#regain({ ...offered, clean: true });
  }

  /** As if there had been no pool until now. */
  #regain(job: PoolJob): void {
    const state = this.#state;
    if (state.is === "hashing") {
      this.#enter({ ...state, since: this.#options.rates.mark() });
      state.work.takeJob(job, { urgent: true });
    }
    this.#options.onHashing();
  }

  /** Says so when the change makes the chain begin or cease to hash. */
  #noting(change: () => void): void {
    const wasHashing = this.isHashing;
    change();
    if (this.isHashing === wasHashing) return;
    this.#power.changed();
    this.#options.onHashing();
  }

  #enter(state: ChainState): void {
    const before = this.#state;
    this.#noting(() => {
      this.#state = state;
    });
    if (before.is !== state.is) this.#options.onState?.();
  }

  async #live(stopped: AbortSignal, together: ResetPlace | undefined): Promise<void> {
    while (!stopped.aborted) {
      const trouble = new AbortController();
      const signal = AbortSignal.any([stopped, trouble.signal]);
      const unhook = hookTrouble(this.#options.port, trouble);
      try {
        await this.#bringUpAndMine(signal, together, (error) => {
          trouble.abort(error);
        });
      } catch (error) {
        if (error === NO_WORK) await this.#restUntilWork(stopped);
        else await this.#recover(error, stopped);
      } finally {
        unhook();
        this.#noWork.stop();
      }
    }
  }

  async #bringUpAndMine(
    signal: AbortSignal,
    together: ResetPlace | undefined,
    fail: (error: unknown) => void,
  ): Promise<void> {
    const { port, bringUp, geometry, restsInReset, network, clock, log } = this.#options;
    this.#enter({ is: "bringingUp" });
    this.#bringUps += 1;
    const settings = { ...this.#options.settings, freqMHz: this.#order.freqMHz };
    const deps = { port, bringUp, geometry, settings, clock, log };
    const chain = await bringUpChain({ ...deps, restsInReset, signal, together });
    this.#enter({ is: "waitingForWork", chain });
    const work = new ChainWork({
      port,
      chain,
      network,
      clock,
      ticketDifficulty: settings.ticketDifficulty,
      isTicketAutomatic: this.#options.isTicketAutomatic,
      onFailure: fail,
    });
    const walk = this.#startWalk(chain, work, fail);
    try {
      const job = await this.#jobs.next(signal);
      await work.begin(job);
      this.#mine(chain, work, job, fail);
      const onIdleChips = (error: MinerError | undefined): void => {
        this.#lastError = error ?? chain.loss;
      };
      await new ChainWatch({ ...deps, chain, work, onIdleChips }).watch(signal);
    } finally {
      walk.stop();
      this.#walk = undefined;
    }
  }

  #startWalk(
    chain: RunningChain,
    work: ChainWork,
    onFailure: (error: unknown) => void,
  ): ChainClock {
    const walk = new ChainClock({
      chain,
      onSweep: () => {
        work.retime();
      },
      onReached: () => {
        const state = this.#state;
        // What was made at other clocks says nothing about this one.
        if (state.is === "hashing") this.#enter({ ...state, since: this.#options.rates.mark() });
        this.#options.onState?.();
      },
      onFailure,
    });
    this.#walk = walk;
    // What was ordered during the bring-up.
    walk.aim(this.#order.freqMHz);
    return walk;
  }

  #mine(chain: RunningChain, work: ChainWork, job: PoolJob, fail: (error: unknown) => void): void {
    const { port, rates, log } = this.#options;
    this.#lastError = chain.loss;
    this.#recovery.succeeded();
    this.#enter({ is: "hashing", chain, work, since: rates.mark() });
    this.#noWork.watch(() => {
      fail(NO_WORK);
    });
    log.info({ chain: port.name, jobIntervalMs: chain.jobTiming.intervalMs }, "chain hashes");
    // What came while the chain learned its first job.
    const { current, isWithheld } = this.#jobs;
    if (current === undefined) {
      work.dropJob();
      if (!isWithheld) this.#noWork.begin();
    } else if (current !== job) work.takeJob(current, { urgent: true });
  }

  /** Throws nothing; a stop ends it too. */
  async #restUntilWork(stopped: AbortSignal): Promise<void> {
    this.#enter({ is: "idle" });
    await restUntilWork(this.#options, this.#jobs, stopped);
  }

  async #recover(cause: unknown, stopped: AbortSignal): Promise<void> {
    if (stopped.aborted) return;
    const { port, log } = this.#options;
    const error = failureOf(port, cause);
    port.stopWork(true);
    // What cannot be brought up rests already.
    const wasUp = this.#state.is !== "bringingUp";
    this.#lastError = error;
    const plan = this.#recovery.plan(error);
    this.#enter({ is: "faulted", error, retryAtMs: plan.retryAtMs });
    const facts = { chain: port.name, code: error.code, ...error.context };
    log.error(facts, "chain failed");
    if (plan.is === "givenUp") log.error(facts, "chain is given up until resume");
    if (wasUp) await rest(this.#options);
    await this.#recovery.wait(plan, stopped);
  }
}
