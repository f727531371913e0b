import type { ChainPort } from "../hal/chain-port.js";

/** Whether the line of a chain is there. */
export class LinkState {
  readonly #port: ChainPort;
  #isUp = true;

  constructor(port: ChainPort) {
    this.#port = port;
    port.events.on("linkDown", () => {
      this.#isUp = false;
    });
    port.events.on("linkUp", () => {
      this.#isUp = true;
    });
  }

  /** Resolves when the line is there; rejects with the signal's reason when aborted. */
  up(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isUp) {
        resolve(); // it came back while the failure was still on its way here
        return;
      }
      const onAbort = (): void => {
        unhook();
        reject(signal.reason as Error);
      };
      const unhook = this.#port.events.on("linkUp", () => {
        unhook();
        signal.removeEventListener("abort", onAbort);
        resolve();
      });
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}
