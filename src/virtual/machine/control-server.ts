import { isMinerError, MinerError } from "../../lib/errors.js";
import { LineServer, parseObject } from "./line-server.js";

/** A request without its `id` and `do`. */
export type ControlArguments = Readonly<Record<string, unknown>>;

/** What each word in `do` does; the answer's fields besides `id` and `ok`. */
export type ControlActions = Readonly<
  Record<string, (given: ControlArguments) => object | Promise<object>>
>;

/** The control socket: a JSON object a line in, one a line out. */
export class ControlServer {
  readonly #actions: ControlActions;
  readonly #server = new LineServer((line) => this.#answer(line));

  constructor(actions: ControlActions) {
    this.#actions = actions;
  }

  /** Rejects when the socket cannot be made. */
  listen(path: string): Promise<void> {
    return this.#server.listen(path);
  }

  close(): Promise<void> {
    return this.#server.close();
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
  const request = parseObject(line);
  if (request === undefined)
    throw new MinerError("VIRTUAL_REQUEST_INVALID", { expected: "a JSON object a line" });
  const { id, do: word, ...given } = request;
  if (typeof word !== "string")
    throw new MinerError("VIRTUAL_REQUEST_INVALID", { parameter: "do", expected: "text" });
  return { id, word, given };
}
