import type { Clock } from "../../lib/clock.js";
import { isMinerError, MinerError } from "../../lib/errors.js";
import type { ChainCounters, ChainPort } from "../../hal/chain-port.js";
import { DISCOVERY_SILENCE_MS, RESET_MS } from "../bring-up/build.js";
import type { BringUp, ChainGeometry, ChainSettings, Step } from "../bring-up/steps.js";
import { FAMILIES } from "../families.js";
import { damageFacts } from "./chip-answers.js";
import type { ResetPlace } from "./reset-group.js";
import { RunningChain } from "./running-chain.js";
import { StepRunner } from "./step-runner.js";

export type { ChainSettings };

/** Tries from reset before a chain is given up. */
const ATTEMPTS = 3;

/** The part of a pino logger that bring-up uses. */
export interface ChainLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export interface BringUpChainOptions {
  readonly port: ChainPort;
  readonly bringUp: BringUp;
  readonly geometry: ChainGeometry;
  readonly settings: ChainSettings;
  readonly clock: Clock;
  readonly log: ChainLog;
  readonly signal?: AbortSignal;
  /** False: a chain that rests must be out of reset all the same, as others do not answer beside one in reset. */
  readonly restsInReset: boolean;
  /** Of the first attempt: a chain that is tried again, or fails, keeps nobody waiting. */
  readonly together?: ResetPlace | undefined;
}

/**
 * Brings a chain from whatever state it is in to the point where it takes work. Starts again from reset when chips do
 * not answer as they should, three times in all; a chain that is given up rests in reset, or just out of it.
 * Blocking time of one attempt: 5 to 20 s, most of it the frequency ramp.
 * @throws CHAIN_SILENT, CHAIN_BROKEN, CHAIN_EXTRA_CHIPS, CHAIN_WRONG_CHIP, CHAIN_REGISTER_TIMEOUT of the last attempt;
 *   PLL_UNREACHABLE before anything is sent; what the port throws.
 */
export async function bringUpChain(options: BringUpChainOptions): Promise<RunningChain> {
  const { port, bringUp, geometry, settings, clock, log, signal, together } = options;
  const steps = bringUp.steps(geometry, settings);
  const firstWork = steps.findIndex(({ is }) => is === "firstWork");
  const before = firstWork < 0 ? steps : steps.slice(0, firstWork);
  const after: Step[] = firstWork < 0 ? [] : steps.slice(firstWork + 1);
  const runner = new StepRunner({
    port,
    family: FAMILIES[bringUp.model],
    geometry,
    allowShortChain: settings.allowShortChain,
    clock,
    signal,
    together,
  });
  const startedMs = clock.nowMs();
  const countersBefore = port.counters();
  for (let attempt = 1; ; ++attempt) {
    try {
      await runner.run(before);
      const elapsedMs = clock.nowMs() - startedMs;
      const chain = new RunningChain({ ...options, runner, after, attempts: attempt, elapsedMs });
      log.info({ chain: port.name, ...chain.report }, "chain is up");
      const { loss } = chain;
      if (loss !== undefined)
        log.warn({ code: loss.code, ...loss.context }, "only whole domains work");
      return chain;
    } catch (error) {
      if (!isRetryable(error) || attempt === ATTEMPTS) {
        const reason = await locate(error, runner, options);
        await rest(options);
        throw withLineDamage(reason, countersBefore, port.counters());
      }
      log.warn({ chain: port.name, attempt, code: error.code, ...error.context }, "chain retried");
    } finally {
      together?.leave();
    }
  }
}

/** The error that led here matters more than one of the reset line. */
async function rest({ port, restsInReset, clock, log }: BringUpChainOptions): Promise<void> {
  try {
    await restInReset(port, restsInReset, clock);
  } catch (error) {
    log.warn({ chain: port.name, error }, "chain could not be put into reset");
  }
}

/** Chips that do nothing: held in reset, or as a reset leaves them. */
export async function restInReset(
  port: ChainPort,
  restsInReset: boolean,
  clock: Clock,
): Promise<void> {
  await port.setReset(true);
  if (restsInReset) return;
  await clock.sleep(RESET_MS);
  await port.setReset(false);
}

function isRetryable(error: unknown): error is MinerError {
  return isMinerError(
    error,
    "CHAIN_SILENT",
    "CHAIN_BROKEN",
    "CHAIN_EXTRA_CHIPS",
    "CHAIN_WRONG_CHIP",
    "CHAIN_REGISTER_TIMEOUT",
  );
}

/** On a damaged line healthy chips seem to be missing: who reads the report must know. */
function withLineDamage(reason: unknown, before: ChainCounters, after: ChainCounters): unknown {
  const crcErrors = after.crcErrors - before.crcErrors;
  const garbageBytes = after.garbageBytes - before.garbageBytes;
  if (!isRetryable(reason) || crcErrors + garbageBytes === 0) return reason;
  const facts = { ...reason.context, crcErrors, garbageBytes };
  return new MinerError(reason.code, facts, { cause: reason });
}

/** A count alone names no chip: addresses do, so they are given out once more for the report. */
async function locate(
  error: unknown,
  runner: StepRunner,
  { port, geometry }: BringUpChainOptions,
): Promise<unknown> {
  if (!isMinerError(error, "CHAIN_BROKEN") || "behindChip" in error.context) return error;
  const census = await runner.locateBreak(DISCOVERY_SILENCE_MS);
  if (census.missing.length === 0) return error;
  const facts = { chain: port.name, ...damageFacts(census, geometry) };
  return new MinerError("CHAIN_BROKEN", facts, { cause: error });
}
