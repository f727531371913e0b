import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Clock } from "../../lib/clock.js";

/** A request of the protocol: what to do, and its parameters. */
export type VirtualRequest = Readonly<Record<string, unknown>> & { readonly do: string };

/** An answer of the virtual machine; `error` may also be `noSocket`, `closed` or `deadline`, which are ours. */
export type VirtualReply =
  | (Readonly<Record<string, unknown>> & { readonly ok: true })
  | { readonly ok: false; readonly error: string };

/** Everything but an I2C transfer, which has a deadline of its own, is answered at once. */
const REQUEST_MS = 2000;

/**
 * The socket on which the virtual machine serves what is not a chain: one connection, many requests under way. It is made
 * when it is needed, so a virtual machine that was restarted is found again; requests that were under way have failed.
 */
export class VirtualSocket {
  readonly #path: string;
  readonly #clock: Clock;
  #socket: Socket | undefined;
  #nextId = 1;
  readonly #waiting = new Map<number, (reply: VirtualReply) => void>();
  #isClosed = false;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Never rejects: what goes wrong is in the answer. */
  ask(request: VirtualRequest, limitMs = REQUEST_MS): Promise<VirtualReply> {
    if (this.#isClosed) return Promise.resolve({ ok: false, error: "closed" });
    const id = this.#nextId++;
    return new Promise((resolve) => {
      // After a stall timers run before what came in meanwhile: one more turn lets that count.
      const cancel = this.#clock.after(limitMs, () => {
        setImmediate(() => {
          this.#settle(id, { ok: false, error: "deadline" });
        });
      });
      this.#waiting.set(id, (reply) => {
        cancel();
        resolve(reply);
      });
      this.#socket ??= this.#connect();
      this.#socket.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.destroy();
    this.#failAll("closed");
  }

  #connect(): Socket {
    const socket = connect(this.#path);
    let isConnected = false;
    socket.on("connect", () => {
      isConnected = true;
    });
    const lost = (): void => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#failAll(isConnected ? "closed" : "noSocket");
    };
    socket.on("error", lost);
    socket.on("close", lost);
    const lines = createInterface({ input: socket });
    // A line reader passes errors of its socket on; unheard they throw.
    lines.on("error", lost);
    lines.on("line", (line) => {
      this.#hear(line);
    });
    return socket;
  }

  #hear(line: string): void {
    let reply: unknown;
    try {
      reply = JSON.parse(line);
    } catch {
      // Not a line of this protocol: whoever waits for an answer runs into the deadline.
      return;
    }
    if (typeof reply !== "object" || reply === null) return;
    const { id, ...rest } = reply as Record<string, unknown>;
    if (typeof id !== "number") return;
    if (rest["ok"] === true) this.#settle(id, { ...rest, ok: true });
    else this.#settle(id, { ok: false, error: String(rest["error"]) });
  }

  #settle(id: number, reply: VirtualReply): void {
    const waiter = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiter?.(reply);
  }

  #failAll(error: string): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { ok: false, error });
  }
}
