import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { monotonicUs } from "./monotonic.js";

/** What is really so at the supply and at the chips. */
export interface Truth {
  /** When the answer had come: the state is at least as old. */
  readonly atUs: number;
  /** The level of the enable line asks for the output. */
  readonly isEnabled: boolean;
  readonly railMv: number;
  /** What the supply was told; null where nobody did. */
  readonly setpointMv: number | null;
  /** What all chips take. */
  readonly chipsW: number;
}

interface TruthAnswer {
  readonly supply: {
    readonly enableLine: 0 | 1;
    readonly railMv: number;
    readonly setpointMv: number | null;
  };
  readonly boards: readonly { readonly powerW: number }[];
}

/** Asks a virtual machine what is really so, again and again over one connection. */
export class TruthWatch {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  constructor(socketPath: string) {
    this.#socket = connect(socketPath);
    this.#lines = createInterface({ input: this.#socket })[Symbol.asyncIterator]();
  }

  async now(): Promise<Truth> {
    this.#socket.write('{"id":1,"do":"truth"}\n');
    const { value } = (await this.#lines.next()) as { value: string | undefined };
    if (value === undefined) throw new Error("the virtual machine does not tell the truth");
    const { supply, boards } = JSON.parse(value) as TruthAnswer;
    return {
      atUs: monotonicUs(),
      isEnabled: supply.enableLine === 0,
      railMv: supply.railMv,
      setpointMv: supply.setpointMv,
      chipsW: boards.reduce((sum, { powerW }) => sum + powerW, 0),
    };
  }

  /** Asks every `intervalMs` until the answer fits. Throws when it does not in time. */
  async until(
    what: string,
    fits: (truth: Truth) => boolean,
    { intervalMs = 1, limitMs = 60_000 } = {},
  ): Promise<Truth> {
    for (const endMs = performance.now() + limitMs; performance.now() < endMs;) {
      const truth = await this.now();
      if (fits(truth)) return truth;
      await sleep(intervalMs);
    }
    throw new Error(`in vain: ${what}`);
  }

  close(): void {
    this.#socket.destroy();
  }
}
