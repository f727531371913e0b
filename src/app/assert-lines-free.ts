import type { Config } from "./config.js";
import { listenerPort } from "./listener-port.js";
import type { ChainWiring } from "./wiring/chain-wiring.js";

/**
 * Opens and closes the tty of every chain. Whoever mines on them already must not lose its power to a second
 * controller, so this comes before anything of the machine is touched.
 * @throws LINK_OPEN_FAILED, LINK_BAUD_REFUSED
 */
export async function assertLinesFree(
  config: Config,
  wiring: Pick<ChainWiring, "ttyOf">,
): Promise<void> {
  for (const slot of config.slots) {
    const port = listenerPort(config, `chain${String(slot)}`, wiring.ttyOf(slot));
    port.open();
    await port.close();
  }
}
