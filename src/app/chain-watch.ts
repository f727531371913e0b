import { damageFacts } from "../asic/chain/chip-answers.js";
import type { RunningChain } from "../asic/chain/running-chain.js";
import { needsSelfTest, selfTestVerdict } from "../asic/chain/self-test.js";
import type { BringUp, ChainGeometry } from "../asic/bring-up/steps.js";
import { FAMILIES } from "../asic/families.js";
import { NONCE_VERDICTS, type ChainPort, type NonceVerdict } from "../hal/chain-port.js";
import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import type { Logger } from "../lib/logger.js";
import type { ChainWork } from "../mining/chain-work.js";
import { noncesPerS } from "../mining/ticket-choice.js";

/** How often the self-test is looked at until it is decided. */
const SELF_TEST_MS = 2000;
/**
 * A chain that found less than one in so many of the nonces that it should does not get to its self-test's end.
 * Inferred: of 640 expected nonces nobody finds less than 64 by bad luck, and a chain may be much weaker than its clock.
 */
const TOO_FEW_FACTOR = 10;
/** Shorter waits would count the time that a busy program takes. Inferred. */
const LEAST_WAIT_S = 30;
/** How often the chips are counted while they mine. */
const CENSUS_MS = 30_000;
/** With so many nonces a chip on average, a working chip without any is one in a hundred million. */
const MEAN_NONCES_FOR_IDLE = 20;
/** The weakest single chip finds more than 40 nonces in this time at the stock ticket difficulty. */
const BARREN_CENSUSES = 4;

export interface ChainWatchOptions {
  readonly port: ChainPort;
  readonly chain: RunningChain;
  readonly bringUp: BringUp;
  readonly geometry: ChainGeometry;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the chips report now. */
  readonly work: Pick<ChainWork, "ticketDifficulty">;
  /** Chips that answer but find nothing; told when it changes, undefined when all work again. */
  readonly onIdleChips: (error: MinerError | undefined) => void;
}

type Verdicts = Record<NonceVerdict, number>;

/** Looks after a hashing chain: first the self-test of families with inferred facts, then a census of its chips. */
export class ChainWatch {
  readonly #options: ChainWatchOptions;
  readonly #verdictsAtStart: Verdicts;
  readonly #worksAtStart: number;
  #validAtCensus: Uint32Array;
  #validAtIdleCheck: Uint32Array;
  #worksAtCensus: number;
  #foundAtCensus: number;
  #barrenCensuses = 0;
  #idle = "";

  constructor(options: ChainWatchOptions) {
    this.#options = options;
    const { nonces, worksSent } = options.port.counters();
    this.#verdictsAtStart = { ...nonces };
    this.#worksAtStart = worksSent;
    this.#worksAtCensus = worksSent;
    this.#validAtCensus = this.#validByChip();
    this.#validAtIdleCheck = this.#validAtCensus;
    this.#foundAtCensus = sumOf(this.#validAtCensus);
  }

  /**
   * Runs until the signal is aborted (throws its reason) or the chain has to be brought up again.
   * @throws CHAIN_SELF_TEST_FAILED, CHAIN_BROKEN, CHAIN_SILENT
   */
  async watch(signal: AbortSignal): Promise<never> {
    await this.#selfTest(signal);
    for (;;) {
      await this.#options.clock.sleep(CENSUS_MS, signal);
      await this.#countChips();
      this.#lookForIdleChips();
    }
  }

  async #selfTest(signal: AbortSignal): Promise<void> {
    const { port, chain, bringUp, clock, log, work } = this.#options;
    const family = FAMILIES[bringUp.model];
    if (!needsSelfTest(family)) return;
    let worksBefore = this.#worksAtStart;
    let workS = 0;
    let dueNonces = 0;
    for (;;) {
      await clock.sleep(SELF_TEST_MS, signal);
      const { nonces, worksSent } = port.counters();
      // Works may be farther apart than looks; without any nobody expects anything.
      const intervalS = Math.max(SELF_TEST_MS, chain.jobTiming.intervalMs) / 1000;
      const passedS = worksSent > worksBefore ? intervalS : 0;
      worksBefore = worksSent;
      workS += passedS;
      dueNonces += passedS * noncesPerS(chain.expectedThs, Math.log2(work.ticketDifficulty));
      const since = Object.fromEntries(
        NONCE_VERDICTS.map((name) => [name, nonces[name] - this.#verdictsAtStart[name]]),
      ) as Verdicts;
      const verdict = selfTestVerdict(family, since, worksSent - this.#worksAtStart);
      if (verdict.is === "failed")
        throw new MinerError("CHAIN_SELF_TEST_FAILED", { chain: port.name, ...verdict.facts });
      if (verdict.is === "passed") {
        log.info({ chain: port.name, nonces: verdict.checked }, "self-test passed");
        return;
      }
      if (workS >= LEAST_WAIT_S && dueNonces >= verdict.needed * TOO_FEW_FACTOR) {
        const facts = {
          stage: "selfTest",
          found: verdict.checked,
          expected: Math.round(dueNonces),
        };
        throw new MinerError("CHAIN_SILENT", { chain: port.name, ...facts });
      }
    }
  }

  /** A chip that found a nonce lives, even when its answer to the census was lost on a noisy line. */
  async #countChips(): Promise<void> {
    const { port, chain, geometry } = this.#options;
    const { missing } = await chain.check();
    const valid = this.#validByChip();
    const hasMined = (chip: number): boolean => valid[chip] !== this.#validAtCensus[chip];
    const wasThere = (chip: number): boolean =>
      !chain.report.missing.some((place) => place.chip === chip);
    const gone = missing.filter(({ chip }) => wasThere(chip) && !hasMined(chip));
    this.#validAtCensus = valid;
    if (gone.length === 0) return;
    const present = new Set(
      Array.from({ length: geometry.chips }, (_, chip) => chip).filter(
        (chip) => wasThere(chip) && !gone.some((place) => place.chip === chip),
      ),
    );
    const facts = damageFacts({ present, missing: gone, strayAddresses: [] }, geometry);
    if (present.size === 0) throw new MinerError("CHAIN_SILENT", { chain: port.name, ...facts });
    // Where short chains are allowed too: the bring-up decides anew which domains are whole.
    throw new MinerError("CHAIN_BROKEN", { chain: port.name, ...facts });
  }

  /**
   * Nothing acknowledges what bring-up writes, so a chip can miss its core enable, answer and find nothing.
   * @throws CHAIN_SILENT when no chip finds anything
   */
  #lookForIdleChips(): void {
    const { port } = this.#options;
    const valid = this.#validAtCensus;
    const { worksSent } = port.counters();
    const everFound = sumOf(valid);
    const isBarren = everFound === this.#foundAtCensus && worksSent > this.#worksAtCensus;
    this.#barrenCensuses = isBarren ? this.#barrenCensuses + 1 : 0;
    this.#foundAtCensus = everFound;
    this.#worksAtCensus = worksSent;
    if (this.#barrenCensuses >= BARREN_CENSUSES)
      throw new MinerError("CHAIN_SILENT", { chain: port.name, stage: "mining" });
    const found = valid.map((count, chip) => count - (this.#validAtIdleCheck[chip] ?? 0));
    if (sumOf(found) < MEAN_NONCES_FOR_IDLE * found.length) return;
    this.#validAtIdleCheck = valid;
    const { missing, left } = this.#options.chain.report;
    const resting = new Set([...missing.map(({ chip }) => chip), ...left]);
    const idle = Array.from(found.keys())
      .filter((chip) => found[chip] === 0 && !resting.has(chip))
      .join(",");
    if (idle === this.#idle) return;
    this.#idle = idle;
    const { log, onIdleChips } = this.#options;
    if (idle === "") {
      log.info({ chain: port.name }, "every chip works again");
      onIdleChips(undefined);
      return;
    }
    const error = new MinerError("CHAIN_IDLE_CHIPS", { chain: port.name, chips: idle });
    log.warn({ code: error.code, ...error.context }, "chips answer but find nothing");
    onIdleChips(error);
  }

  #validByChip(): Uint32Array {
    const { chips, cores, valid } = this.#options.port.coreCounters();
    return Uint32Array.from({ length: chips }, (_, chip) =>
      sumOf(valid.subarray(chip * cores, (chip + 1) * cores)),
    );
  }
}

function sumOf(counts: Uint32Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
