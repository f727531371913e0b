import { restInReset } from "../asic/chain/bring-up-chain.js";
import type { ChainJobs } from "./chain-jobs.js";
import type { ChainControllerOptions } from "./chain-state.js";

/** Holds a chain in reset until there is work. Throws nothing; a stop ends it too. */
export async function restUntilWork(
  {
    port,
    restsInReset,
    clock,
    log,
  }: Pick<ChainControllerOptions, "port" | "restsInReset" | "clock" | "log">,
  jobs: Pick<ChainJobs, "next">,
  stopped: AbortSignal,
): Promise<void> {
  port.stopWork(true);
  log.info({ chain: port.name }, "chain is held in reset until there is work");
  try {
    await restInReset(port, restsInReset, clock);
    await jobs.next(stopped);
  } catch (error) {
    // A chain that cannot be held in reset is brought up with the next work all the same.
    if (!stopped.aborted) log.warn({ chain: port.name, error: String(error) }, "rest");
  }
}
