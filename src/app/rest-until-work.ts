import { restInReset } from "../asic/chain/bring-up-chain.js";
import type { ChainJobs } from "./chain-jobs.js";
import type { ChainControllerOptions } from "./chain-state.js";

type Resting = Pick<ChainControllerOptions, "port" | "restsInReset" | "clock" | "log">;

/** Chips that nobody watches draw no power. Throws nothing. */
export async function rest({ port, restsInReset, clock, log }: Resting): Promise<void> {
  try {
    await restInReset(port, restsInReset, clock);
  } catch (error) {
    log.warn({ chain: port.name, error: String(error) }, "chips could not be put into reset");
  }
}

/** Holds a chain in reset until there is work. Throws nothing; a stop ends it too. */
export async function restUntilWork(
  options: Resting,
  jobs: Pick<ChainJobs, "next">,
  stopped: AbortSignal,
): Promise<void> {
  const { port, log } = options;
  port.stopWork(true);
  log.info({ chain: port.name }, "chain is held in reset until there is work");
  await rest(options);
  // A stop: the caller looks at the signal.
  await jobs.next(stopped).catch(() => undefined);
}
