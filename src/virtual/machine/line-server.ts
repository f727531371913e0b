import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** A unix socket that takes a JSON object a line and answers each with one; answers may overtake one another. */
export class LineServer {
  readonly #server = createServer();
  readonly #answer: (line: string) => Promise<object>;
  readonly #sockets = new Set<Socket>();

  /** @param answer never rejects */
  constructor(answer: (line: string) => Promise<object>) {
    this.#answer = answer;
    this.#server.on("connection", (socket) => {
      this.#accept(socket);
    });
  }

  /** Rejects when the socket cannot be made. */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(path, resolve);
    });
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    // A client that went away; "close" follows. A line reader passes errors of its socket on; unheard, each throws.
    const onError = (): void => undefined;
    const lines = createInterface({ input: socket });
    socket.on("error", onError);
    lines.on("error", onError);
    lines.on("line", (line) => {
      void this.#answer(line).then((reply) => {
        if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`);
      });
    });
  }
}

/** A line as an object; undefined when it is anything else. */
export function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
