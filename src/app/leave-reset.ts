import { RESET_MS } from "../asic/bring-up/build.js";
import type { ResetPlace } from "../asic/chain/reset-group.js";
import type { ChainControllerOptions } from "./chain-state.js";

/** A reset pulse that ends with those of other chains. Throws nothing; a stop ends it in reset. */
export async function leaveReset(
  { port, clock, log }: Pick<ChainControllerOptions, "port" | "clock" | "log">,
  together: ResetPlace,
  stopped: AbortSignal,
): Promise<void> {
  try {
    await port.setReset(true);
    await together.ready(stopped);
    await clock.sleep(RESET_MS, stopped);
    await port.setReset(false);
  } catch (error) {
    if (!stopped.aborted)
      log.warn({ chain: port.name, error: String(error) }, "chain not out of reset");
  } finally {
    together.leave();
  }
}
