import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

type Reply = Readonly<Record<string, unknown>>;

/** A plain client of a socket that speaks JSON lines with ids: many requests may be under way. */
export class JsonLineClient {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on("line", (line) => {
      const { id, ...reply } = JSON.parse(line) as Record<string, unknown>;
      this.#waiting.get(Number(id))?.(reply);
      this.#waiting.delete(Number(id));
    });
  }

  static async connect(path: string): Promise<JsonLineClient> {
    const socket = connect(path);
    await once(socket, "connect");
    return new JsonLineClient(socket);
  }

  /** The answer without its id. */
  ask(request: Reply): Promise<Reply> {
    const id = ++this.#lastId;
    this.#socket.write(`${JSON.stringify({ id, ...request })}\n`);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  close(): void {
    this.#socket.destroy();
  }
}
