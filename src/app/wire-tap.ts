import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { join } from "node:path";
import type { ChainPort } from "../hal/chain-port.js";
import { toHex } from "../lib/bytes.js";

/** Writes both directions of a chain's wire to `DIR/<chain>.txt` in the capture format. */
export class WireTap {
  readonly #stream: WriteStream;
  readonly #unhook: () => void;

  constructor(
    port: ChainPort,
    dir: string,
    { chip, chips }: { readonly chip: string; readonly chips: number },
  ) {
    mkdirSync(dir, { recursive: true });
    this.#stream = createWriteStream(join(dir, `${port.name}.txt`));
    this.#stream.write(`# chip=${chip} chips=${String(chips)} source=headframe run --tap\n`);
    let startUs: number | undefined;
    this.#unhook = port.events.on("wire", (bursts) => {
      for (const { atUs, fromChips, bytes } of bursts) {
        if (startUs === undefined) {
          startUs = atUs;
          // Captures of one machine can then be laid on one time line.
          this.#stream.write(`# start_us=${String(startUs)} clock=CLOCK_MONOTONIC\n`);
        }
        const seconds = ((atUs - startUs) / 1e6).toFixed(6);
        this.#stream.write(`${seconds} ${fromChips ? "<" : ">"} ${toHex(bytes)}\n`);
      }
    });
  }

  async close(): Promise<void> {
    this.#unhook();
    await new Promise((resolve) => this.#stream.end(resolve));
  }
}
