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
  /** When the enable line went off last, on the wall clock of the virtual machine; undefined when it never did. */
  readonly offUnixMs: number | undefined;
}

interface TruthAnswer {
  readonly nowMs: number;
  readonly unixMs: number;
  readonly changes: readonly { readonly what: string; readonly to: 0 | 1; readonly atMs: number }[];
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
    const { supply, boards, changes, nowMs, unixMs } = JSON.parse(value) as TruthAnswer;
    const off = changes.filter(({ what, to }) => what === "enable" && to === 1).at(-1);
    return {
      atUs: monotonicUs(),
      isEnabled: supply.enableLine === 0,
      railMv: supply.railMv,
      setpointMv: supply.setpointMv,
      chipsW: boards.reduce((sum, { powerW }) => sum + powerW, 0),
      offUnixMs: off && unixMs - nowMs + off.atMs,
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
