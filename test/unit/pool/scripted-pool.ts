import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, createServer } from "node:net";
import { createInterface } from "node:readline";

/** A line of the client, as JSON. */
export interface ClientLine {
  readonly id: number;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Values in the order they came, for one reader who waits for them. */
class Mailbox<Value> {
  readonly #values: Value[] = [];
  #wake: (() => void) | undefined;

  put(value: Value): void {
    this.#values.push(value);
    this.#wake?.();
  }

  async take(): Promise<Value> {
    for (;;) {
      const value = this.#values.shift();
      if (value !== undefined) return value;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  get size(): number {
    return this.#values.length;
  }
}

/** The pool's end of one connection, driven by a test. */
export class PoolPeer {
  readonly #socket: Socket;
  readonly #lines = new Mailbox<ClientLine>();
  readonly #pongs = new Mailbox<ClientLine>();
  /** Resolves when the connection is closed, by either end. */
  readonly closed: Promise<unknown>;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", resolve));
    // A reset is one way to close; `closed` tells of it.
    socket.on("error", () => undefined);
    const reader = createInterface({ input: socket });
    reader.on("error", () => undefined);
    reader.on("line", (line) => {
      const parsed = JSON.parse(line) as ClientLine;
      (parsed.result === "pong" ? this.#pongs : this.#lines).put(parsed);
    });
  }

  /** The next request, answer or other line of the client, pongs left out. */
  next(): Promise<ClientLine> {
    return this.#lines.take();
  }

  /** Lines that nobody has taken. */
  get unread(): number {
    return this.#lines.size;
  }

  send(...messages: readonly (object | string)[]): void {
    const lines = messages.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
    this.#socket.write(lines.map((line) => `${line}\n`).join(""));
  }

  /** Bytes as they are, without a line end. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  notify(method: string, ...params: readonly unknown[]): void {
    this.send({ id: null, method, params });
  }

  answer(request: ClientLine, result: unknown, error: unknown = null): void {
    this.send({ id: request.id, result, error });
  }

  /** Waits until the client has handled everything sent so far. */
  async settled(): Promise<void> {
    this.send({ id: "settled", method: "mining.ping", params: [] });
    await this.#pongs.take();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Answers configure (when it comes), subscribe and authorize. */
  async welcome(terms: Partial<Welcome> = {}): Promise<readonly ClientLine[]> {
    const { mask, extranonce1, extranonce2Size, sessionId } = { ...WELCOME, ...terms };
    const requests: ClientLine[] = [];
    for (;;) {
      const request = await this.next();
      requests.push(request);
      if (request.method === "mining.configure")
        this.answer(
          request,
          mask === undefined
            ? { "version-rolling": false }
            : { "version-rolling": true, "version-rolling.mask": mask },
        );
      if (request.method === "mining.subscribe")
        this.answer(request, [[["mining.notify", sessionId]], extranonce1, extranonce2Size]);
      if (request.method === "mining.authorize") {
        this.answer(request, true);
        return requests;
      }
    }
  }
}

interface Welcome {
  readonly mask: string | undefined;
  readonly extranonce1: string;
  readonly extranonce2Size: number;
  readonly sessionId: string;
}

const WELCOME: Welcome = {
  mask: "1fffe000",
  extranonce1: "c19a026b",
  extranonce2Size: 4,
  sessionId: "1",
};

/** A pool on the loopback that does what a test tells it. */
export class ScriptedPool {
  readonly #server: Server;
  readonly #peers = new Mailbox<PoolPeer>();
  readonly #sockets = new Set<Socket>();
  #last: PoolPeer | undefined;

  private constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      this.#peers.put(new PoolPeer(socket));
    });
  }

  static async listen(port = 0): Promise<ScriptedPool> {
    const pool = new ScriptedPool();
    pool.#server.listen(port, "127.0.0.1");
    await once(pool.#server, "listening");
    return pool;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `stratum+tcp://127.0.0.1:${this.port}`;
  }

  /** The next connection of a client. */
  async accept(): Promise<PoolPeer> {
    this.#last = await this.#peers.take();
    return this.#last;
  }

  /** The connection accepted last. */
  get peer(): PoolPeer {
    if (this.#last === undefined) throw new Error("no connection was accepted");
    return this.#last;
  }

  /** Connections that nobody has taken. */
  get waiting(): number {
    return this.#peers.size;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Parameters of a mining.notify that any client takes; `prevhash` is any short text. */
export function notifyParams(
  jobId: string | number,
  {
    prevhash = "A",
    coinb2 = "00000000",
    ntime = "6b029ac0",
    version = "20000000",
    clean = false,
  } = {},
): readonly unknown[] {
  const prevhashHex = Buffer.from(prevhash).toString("hex").padEnd(64, "0");
  return [jobId, prevhashHex, "0100", coinb2, [], version, "1d00ffff", ntime, clean];
}
