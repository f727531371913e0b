import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const CONNECT_PAUSE_MS = 50;

interface Answer {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly event?: string;
}

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** QEMU's machine protocol (docs/interop/qmp-spec): a JSON object a line, answered in order. */
export class Monitor {
  readonly #socket: Socket;
  readonly #asked: Asked[] = [];
  /** Names of what happened to the emulator, the oldest first: RESET, SHUTDOWN, ... */
  readonly happened: string[] = [];
  onHappened: (what: string) => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const lines = createInterface({ input: socket });
    // The emulator ends; a line reader passes errors of its socket on, and unheard each of the two throws.
    for (const source of [socket, lines]) source.on("error", () => undefined);
    socket.once("close", () => {
      for (const { reject } of this.#asked.splice(0)) reject(new Error("the emulator has ended"));
    });
    lines.on("line", (line) => {
      this.#take(JSON.parse(line) as Answer);
    });
  }

  /** Waits until the emulator has made its socket. */
  static async open(path: string, signal: AbortSignal): Promise<Monitor> {
    for (;;) {
      signal.throwIfAborted();
      const socket = connect(path);
      try {
        await once(socket, "connect");
        const monitor = new Monitor(socket);
        await monitor.ask("qmp_capabilities");
        return monitor;
      } catch {
        socket.destroy();
        await sleep(CONNECT_PAUSE_MS);
      }
    }
  }

  ask(execute: string, parameters: object = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error("the emulator has ended"));
        return;
      }
      this.#asked.push({ resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute, arguments: parameters })}\n`);
    });
  }

  get(path: string, property: string): Promise<unknown> {
    return this.ask("qom-get", { path, property });
  }

  async set(path: string, property: string, value: unknown): Promise<void> {
    await this.ask("qom-set", { path, property, value });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(answer: Answer): void {
    if (answer.event !== undefined) {
      this.happened.push(answer.event);
      this.onHappened(answer.event);
    }
    if ("return" in answer) this.#asked.shift()?.resolve(answer.return);
    if (answer.error !== undefined) this.#asked.shift()?.reject(new Error(answer.error.desc));
  }
}
