import { bringUpChain, type ChainSettings } from "../asic/chain/bring-up-chain.js";
import type { RunningChain } from "../asic/chain/running-chain.js";
import type { BringUp, ChainGeometry } from "../asic/bring-up/steps.js";
import type { Network } from "../bitcoin/network.js";
import type { ChainPort, NonceRecord } from "../hal/chain-port.js";
import type { Clock } from "../lib/clock.js";
import { isMinerError, MinerError } from "../lib/errors.js";
import type { Logger } from "../lib/logger.js";
import { ChainWork } from "../mining/chain-work.js";
import type { JobHandling, JobTaker } from "../mining/dispatcher.js";
import type { ChainRates, RateMark } from "../mining/hashrate-book.js";
import type { PoolJob } from "../pool/pool-client.js";
import type { ChainSnapshot, ChainStateName } from "../telemetry/snapshot.js";
import { ChainWatch } from "./chain-watch.js";
import { NO_WORK, NoWorkTimer } from "./no-work-timer.js";

/** A chain that failed is tried again after this long: long enough for a human to read the log in between. */
const RETRY_MS = 30_000;

/** From then on the measured rate says more than the clock: two minutes make thousands of nonces. */
const MEASURED_S = 120;

export interface ChainControllerOptions {
  readonly slot: number;
  readonly tty: string;
  readonly port: ChainPort;
  readonly bringUp: BringUp;
  readonly geometry: ChainGeometry;
  readonly settings: ChainSettings;
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the chain should make at the configured clock, TH/s. */
  readonly nominalThs: number;
  /** What a batch of answers proved is counted here. */
  readonly rates: ChainRates;
  /** True: the hash rate decides what the chips report, false: the settings' `ticketDifficulty` is the most. */
  readonly isTicketAutomatic: boolean;
  /** All answers, and those of them that prove work, each of at least `ticketDifficulty`. */
  readonly onNonces: (
    nonces: readonly NonceRecord[],
    verified: readonly NonceRecord[],
    ticketDifficulty: number,
  ) => void;
  /** The chain began or ceased to hash. */
  readonly onHashing: () => void;
}

type State =
  | { readonly is: "off" }
  | { readonly is: "bringingUp" }
  | { readonly is: "waitingForWork"; readonly chain: RunningChain }
  | {
      readonly is: "hashing";
      readonly chain: RunningChain;
      readonly work: ChainWork;
      readonly since: RateMark;
    }
  /** In reset until there is work. */
  | { readonly is: "idle" }
  | { readonly is: "faulted"; readonly error: MinerError };

/** Life of one chain: brings it up, keeps it in work, and starts over when something breaks. */
export class ChainController implements JobTaker {
  readonly #options: ChainControllerOptions;
  #state: State = { is: "off" };
  #lastError: MinerError | undefined;
  #job: PoolJob | undefined;
  #jobArrived: (() => void) | undefined;
  readonly #noWork: NoWorkTimer;
  #bringUps = 0;
  #hasLink = true;
  #stop = new AbortController();
  #life: Promise<void> = Promise.resolve();

  constructor(options: ChainControllerOptions) {
    this.#options = options;
    this.#noWork = new NoWorkTimer(options.clock);
    options.port.events.on("nonces", (nonces) => {
      const { ticketDifficulty } = this;
      const verified =
        this.#state.is === "hashing" ? options.rates.count(nonces, ticketDifficulty) : [];
      options.onNonces(nonces, verified, ticketDifficulty);
    });
    options.port.events.on("linkDown", () => {
      this.#hasLink = false;
    });
    options.port.events.on("linkUp", () => {
      this.#hasLink = true;
    });
  }

  /** Begins to bring the chain up; returns at once. */
  start(): void {
    this.#stop = new AbortController();
    this.#life = this.#live(this.#stop.signal);
  }

  /** Stops work and holds the chain in reset. */
  async stop(): Promise<void> {
    this.#stop.abort(new MinerError("CHAIN_CLOSED", { chain: this.#options.port.name }));
    this.#options.port.stopWork(true);
    await this.#life;
    await this.#options.port.setReset(true).catch((error: unknown) => {
      this.#options.log.warn({ error: String(error) }, "reset line not driven at stop");
    });
    this.#enter({ is: "off" });
  }

  get nominalThs(): number {
    return this.#state.is === "hashing" ? this.#state.chain.expectedThs : 0;
  }

  takeJob(job: PoolJob, handling: JobHandling = { urgent: false }): void {
    const state = this.#state;
    if (state.is === "hashing") {
      // Time without a pool says nothing about the chips.
      if (this.#job === undefined) this.#enter({ ...state, since: this.#options.rates.mark() });
      state.work.takeJob(job, handling);
    }
    this.#noWork.end();
    this.#hold(job);
    this.#jobArrived?.();
  }

  dropJob(): void {
    const state = this.#state;
    if (state.is === "hashing") state.work.dropJob();
    this.#hold(undefined);
    this.#noWork.begin();
  }

  /** What its chips report now. */
  get ticketDifficulty(): number {
    const { settings } = this.#options;
    return this.#state.is === "hashing"
      ? this.#state.work.ticketDifficulty
      : settings.ticketDifficulty;
  }

  /** TH/s that it makes, as far as that is known: measured, or what it should make. */
  get likelyThs(): number {
    const { rates, nominalThs } = this.#options;
    if (this.#state.is === "faulted") return 0;
    const measured =
      this.isHashing && this.#state.is === "hashing" ? rates.since(this.#state.since) : undefined;
    const isKnown = measured !== undefined && measured.seconds >= MEASURED_S;
    return isKnown ? measured.ths : nominalThs;
  }

  /** The chips are up and have work. */
  get isHashing(): boolean {
    return this.#state.is === "hashing" && this.#job !== undefined;
  }

  #hold(job: PoolJob | undefined): void {
    const wasHashing = this.isHashing;
    this.#job = job;
    if (this.isHashing !== wasHashing) this.#options.onHashing();
  }

  #enter(state: State): void {
    const wasHashing = this.isHashing;
    this.#state = state;
    if (this.isHashing !== wasHashing) this.#options.onHashing();
  }

  async #live(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      const trouble = new AbortController();
      const signal = AbortSignal.any([stopped, trouble.signal]);
      const unhook = this.#hookTrouble(trouble);
      try {
        await this.#bringUpAndMine(signal, (error) => {
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

  #hookTrouble(trouble: AbortController): () => void {
    const { port } = this.#options;
    const unhooks = [
      port.events.on("linkDown", () => {
        trouble.abort(new MinerError("LINK_HUNG_UP", { chain: port.name }));
      }),
      port.events.on("deadMan", () => {
        trouble.abort(new MinerError("CHAIN_DEAD_MAN", { chain: port.name }));
      }),
    ];
    return () => {
      for (const unhook of unhooks) unhook();
    };
  }

  async #bringUpAndMine(signal: AbortSignal, fail: (error: unknown) => void): Promise<void> {
    const { port, bringUp, geometry, settings, network, clock, log } = this.#options;
    this.#enter({ is: "bringingUp" });
    this.#bringUps += 1;
    const chain = await bringUpChain({ port, bringUp, geometry, settings, clock, log, signal });
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
    const job = await this.#firstJob(signal);
    await work.begin(job);
    this.#lastError = undefined;
    this.#enter({ is: "hashing", chain, work, since: this.#options.rates.mark() });
    this.#noWork.watch(() => {
      fail(NO_WORK);
    });
    log.info({ chain: port.name, jobIntervalMs: chain.jobTiming.intervalMs }, "chain hashes");
    // What came while the chain learned its first job.
    if (this.#job === undefined) {
      work.dropJob();
      this.#noWork.begin();
    } else if (this.#job !== job) work.takeJob(this.#job, { urgent: true });
    const onIdleChips = (error: MinerError | undefined): void => {
      this.#lastError = error;
      if (error === undefined) log.info({ chain: port.name }, "every chip works again");
      else log.warn({ code: error.code, ...error.context }, "chips answer but find nothing");
    };
    const watch = { port, chain, bringUp, geometry, settings, clock, log, onIdleChips };
    await new ChainWatch(watch).watch(signal);
  }

  async #firstJob(signal: AbortSignal): Promise<PoolJob> {
    while (this.#job === undefined) {
      await new Promise<void>((resolve, reject) => {
        this.#jobArrived = resolve;
        signal.addEventListener(
          "abort",
          () => {
            reject(signal.reason as Error);
          },
          { once: true },
        );
        if (signal.aborted) reject(signal.reason as Error);
      });
    }
    this.#jobArrived = undefined;
    return this.#job;
  }

  /** Throws nothing; a stop ends it too. */
  async #restUntilWork(stopped: AbortSignal): Promise<void> {
    const { port, log } = this.#options;
    port.stopWork(true);
    this.#enter({ is: "idle" });
    log.info({ chain: port.name }, "chain is held in reset until there is work");
    try {
      await port.setReset(true);
      await this.#firstJob(stopped);
    } catch (error) {
      // A chain that cannot be held in reset is brought up with the next work all the same.
      if (!stopped.aborted) log.warn({ chain: port.name, error: String(error) }, "rest");
    }
  }

  async #recover(cause: unknown, stopped: AbortSignal): Promise<void> {
    if (stopped.aborted) return;
    const { port, clock, log } = this.#options;
    const error = isMinerError(cause)
      ? cause
      : new MinerError("INTERNAL", { chain: port.name, reason: String(cause) }, { cause });
    port.stopWork(true);
    this.#enter({ is: "faulted", error });
    this.#lastError = error;
    log.error({ chain: port.name, code: error.code, ...error.context }, "chain failed");
    try {
      if (error.code === "LINK_HUNG_UP") await this.#linkUp(stopped);
      else if (error.code !== "CHAIN_DEAD_MAN") await clock.sleep(RETRY_MS, stopped);
    } catch {
      // Only the stop signal ends the wait early, and the caller looks at it.
    }
  }

  #linkUp(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#hasLink) {
        resolve(); // it came back while the failure was still on its way here
        return;
      }
      const onAbort = (): void => {
        unhook();
        reject(signal.reason as Error);
      };
      const unhook = this.#options.port.events.on("linkUp", () => {
        unhook();
        signal.removeEventListener("abort", onAbort);
        resolve();
      });
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  snapshot(): ChainSnapshot {
    const { slot, tty, port, geometry, rates } = this.#options;
    const state = this.#state;
    const chain = state.is === "hashing" || state.is === "waitingForWork" ? state.chain : undefined;
    const isIdle = state.is === "hashing" && !this.isHashing;
    const since = state.is === "hashing" && !isIdle ? rates.since(state.since) : undefined;
    const { cores, valid, hardwareErrors } = port.coreCounters();
    const perChip = (counts: Uint32Array): number[] =>
      Array.from({ length: geometry.chips }, (_, chip) =>
        counts.subarray(chip * cores, (chip + 1) * cores).reduce((sum, count) => sum + count, 0),
      );
    const error = state.is === "faulted" ? state.error : this.#lastError;
    return {
      slot,
      state: (isIdle ? "waitingForWork" : state.is) satisfies ChainStateName,
      tty,
      expectedChips: geometry.chips,
      chips: chain?.report.foundChips ?? 0,
      freqMHz: chain?.actualMHz ?? 0,
      nominalThs: chain?.expectedThs ?? 0,
      hashrateThs: since?.ths ?? 0,
      hashrateUncertaintyThs: since?.uncertaintyThs ?? 0,
      hashrate: rates.windows(),
      chipHashrate15m: rates.chips("15m"),
      ticketDifficulty: this.ticketDifficulty,
      jobIntervalMs: chain?.jobTiming.intervalMs ?? 0,
      bringUps: this.#bringUps,
      error: error === undefined ? null : { code: error.code, context: error.context },
      counters: port.counters(),
      chipNonces: perChip(valid),
      chipHardwareErrors: perChip(hardwareErrors),
    };
  }
}
