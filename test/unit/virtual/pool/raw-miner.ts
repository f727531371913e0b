import { connect, type Socket } from "node:net";

/** A line from the pool: an answer when it has a number as id, else a notification. */
export interface PoolLine {
  readonly id: number | null;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly method?: string;
  readonly params?: readonly unknown[];
}

/** A socket that speaks lines and nothing more; it knows nothing of the code under test. */
export class RawMiner {
  readonly lines: PoolLine[] = [];
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #rest = "";
  #nextId = 1;
  #taken = 0;
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setNoDelay(true);
    this.#socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      this.#socket.once("close", () => {
        resolve();
      });
    });
    this.#socket.on("data", (chunk) => {
      const parts = (this.#rest + chunk.toString()).split("\n");
      this.#rest = parts.pop() ?? "";
      this.lines.push(...parts.map((line) => JSON.parse(line) as PoolLine));
      this.#wake();
    });
  }

  /** Connects, configures version rolling unless told not to, subscribes and authorizes. */
  static async open(
    port: number,
    { worker = "w", rolls = true }: { worker?: string; rolls?: boolean } = {},
  ): Promise<RawMiner> {
    const miner = new RawMiner(port);
    if (rolls)
      await miner.call("mining.configure", [
        ["version-rolling"],
        { "version-rolling.mask": "1fffe000", "version-rolling.min-bit-count": 2 },
      ]);
    await miner.call("mining.subscribe", ["raw/1"]);
    await miner.call("mining.authorize", [worker, "x"]);
    return miner;
  }

  write(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Sends a request and gives back its answer. */
  async call(method: string, params: readonly unknown[]): Promise<PoolLine> {
    const id = this.#nextId++;
    this.write(`${JSON.stringify({ id, method, params })}\n`);
    return this.answer(id);
  }

  /** The answer to the request of that id. */
  answer(id: number): Promise<PoolLine> {
    return this.#find((line) => line.id === id);
  }

  /** The next notification of that method that was not taken yet; those before it are skipped. */
  async next(method: string): Promise<readonly unknown[]> {
    const line = await this.#find((candidate, index) => {
      const isIt = index >= this.#taken && candidate.method === method;
      if (isIt) this.#taken = index + 1;
      return isIt;
    });
    return line.params ?? [];
  }

  close(): void {
    this.#socket.destroy();
  }

  async #find(matches: (line: PoolLine, index: number) => boolean): Promise<PoolLine> {
    for (;;) {
      const found = this.lines.find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
