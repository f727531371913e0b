import { chmodSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isMinerError, MinerError, type ErrorCode, type ErrorContext } from "../../lib/errors.js";
import type { Logger } from "../../lib/logger.js";

/** What a client may ask for, by method name. A handler's value, or what it promises, must be plain JSON. */
export type ControlHandlers = Readonly<
  Record<string, (params: unknown, beside: BesideParams) => unknown>
>;

/** What may stand beside the parameters. */
interface BesideParams {
  /** Id of an order: the same again has no second effect. */
  readonly order?: string | undefined;
  /** Afterwards the order is refused. */
  readonly expiresUnixMs?: number | undefined;
}

export interface ControlRequest extends BesideParams {
  readonly id: number;
  readonly method: string;
  readonly params?: unknown;
}

export type ControlReply =
  | { readonly id: number | null; readonly result: unknown }
  | {
      readonly id: number | null;
      readonly error: { readonly code: ErrorCode; readonly context: ErrorContext };
    };

export function controlSocketPath(dataDir: string): string {
  return join(dataDir, "control.sock");
}

/** Answers JSON lines on a unix socket in the data directory; only its owner may connect. */
export class ControlServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #handlers: Promise<ControlHandlers>;
  #setHandlers: (handlers: ControlHandlers) => void = () => undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.#handlers = new Promise((resolve) => {
      this.#setHandlers = resolve;
    });
  }

  /**
   * Listens, which makes the data directory this process's own; who asks gets its answer after `serve`. A socket
   * left behind by a killed process is replaced.
   * @throws DATA_DIR_IN_USE when a living controller answers on it
   */
  static async start(dataDir: string, log: Logger): Promise<ControlServer> {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const path = controlSocketPath(dataDir);
    if (existsSync(path)) {
      if (await isAlive(path)) throw new MinerError("DATA_DIR_IN_USE", { dataDir });
      rmSync(path);
    }
    const server = createServer();
    const control = new ControlServer(server);
    server.on("connection", (socket) => {
      control.#accept(socket, log);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
    return control;
  }

  /** Answers from now on. */
  serve(handlers: ControlHandlers): void {
    this.#setHandlers(handlers);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket, log: Logger): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    const onError = (error: Error): void => {
      log.debug({ error: error.message }, "control client went away");
    };
    // A line reader passes errors of its socket on as long as it is open; unheard, each of the two throws.
    const lines = createInterface({ input: socket });
    socket.on("error", onError);
    lines.on("error", onError);
    lines.on("line", (line) => {
      void this.#handlers
        .then((handlers) => answer(line, handlers))
        .then((reply) => {
          if (socket.writable) socket.write(`${reply}\n`);
        });
    });
  }
}

/** The text of the reply. Never rejects. */
async function answer(line: string, handlers: ControlHandlers): Promise<string> {
  let id: number | null = null;
  const replyOf = (reply: ControlReply): string => JSON.stringify(reply);
  try {
    const request = JSON.parse(line) as Partial<ControlRequest> | null;
    id = typeof request?.id === "number" ? request.id : null;
    const method = String(request?.method);
    const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
    if (handler === undefined)
      throw new MinerError("CONTROL_REFUSED", {
        method,
        expected: Object.keys(handlers).join(", "),
      });
    return replyOf({ id, result: await handler(request?.params, beside(request)) });
  } catch (error) {
    if (isMinerError(error))
      return replyOf({ id, error: { code: error.code, context: error.context } });
    const reason = error instanceof SyntaxError ? "not JSON" : String(error);
    return replyOf({ id, error: { code: "CONTROL_REFUSED", context: { reason } } });
  }
}

function beside(request: Partial<ControlRequest> | null): BesideParams {
  const { order, expiresUnixMs } = request ?? {};
  return {
    order: typeof order === "string" ? order : undefined,
    // What is no time has passed: better refused than obeyed late.
    expiresUnixMs: expiresUnixMs === undefined ? undefined : finite(expiresUnixMs),
  };
}

function finite(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
