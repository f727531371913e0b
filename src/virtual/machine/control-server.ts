import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { isMinerError, MinerError } from "../../lib/errors.js";

/** A request without its `id` and `do`. */
export type ControlArguments = Readonly<Record<string, unknown>>;

/** What each word in `do` does; the answer's fields besides `id` and `ok`. */
export type ControlActions = Readonly<
  Record<string, (given: ControlArguments) => object | Promise<object>>
>;

/** The control socket: a JSON object a line in, one a line out. */
export class ControlServer {
  readonly #server = createServer();
  readonly #actions: ControlActions;
  readonly #sockets = new Set<Socket>();

  constructor(actions: ControlActions) {
    this.#actions = actions;
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

  async #answer(line: string): Promise<object> {
    let id: unknown = null;
    try {
      const request = parseRequest(line);
      id = request.id ?? null;
      const action = Object.hasOwn(this.#actions, request.word)
        ? this.#actions[request.word]
        : undefined;
      if (action === undefined)
        throw new MinerError("VIRTUAL_REQUEST_INVALID", {
          do: request.word,
          expected: Object.keys(this.#actions).join(", "),
        });
      return { id, ok: true, ...(await action(request.given)) };
    } catch (error) {
      if (isMinerError(error)) return { id, ok: false, code: error.code, context: error.context };
      return { id, ok: false, code: "INTERNAL", context: { message: String(error) } };
    }
  }
}

function parseRequest(line: string): { id: unknown; word: string; given: ControlArguments } {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch (cause) {
    throw new MinerError(
      "VIRTUAL_REQUEST_INVALID",
      { expected: "a JSON object a line" },
      { cause },
    );
  }
  if (typeof request !== "object" || request === null || Array.isArray(request))
    throw new MinerError("VIRTUAL_REQUEST_INVALID", { expected: "a JSON object a line" });
  const { id, do: word, ...given } = request as Record<string, unknown>;
  if (typeof word !== "string")
    throw new MinerError("VIRTUAL_REQUEST_INVALID", { parameter: "do", expected: "text" });
  return { id, word, given };
}
