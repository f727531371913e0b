import { createServer, type Server, type Socket } from "node:net";
import { AccessList } from "../../app/cgminer-access.js";
import type { CgminerConfig } from "../../app/cgminer-config.js";
import type { CommandDesk } from "../../app/commands/command-desk.js";
import { MinerError } from "../../lib/errors.js";
import type { Logger } from "../../lib/logger.js";
import { answerTo } from "./answer.js";
import { endWith, readRequest } from "./connection.js";
import { Orders } from "./orders.js";
import { Pace } from "./pace.js";
import { Painter, type PainterOptions } from "./painter.js";
import { bytesOf, failure } from "./reply.js";
import { ReportShelf } from "./report-shelf.js";
import { parseRequest, type Request } from "./request.js";
import { Session } from "./session.js";

/** Of one address; pyasic opens five at a time. */
const MAX_OF_ADDRESS = 16;
const MAX_SERVED = 64;
/** More are not even told so. */
const MAX_CONNECTIONS = 128;
const BUSY = failure(404, "Too many connections, try again");

export interface CgminerServiceOptions extends PainterOptions {
  readonly cgminer: CgminerConfig;
  readonly desk: Pick<CommandDesk, "give">;
  readonly log: Logger;
}

/** Answers the API of cgminer on TCP, in the dialect of stock Antminers: a request, an answer, the end. */
export class CgminerService {
  readonly #options: CgminerServiceOptions;
  readonly #server: Server;
  readonly #list: AccessList;
  readonly #session: Session;
  readonly #painter: Painter;
  /** Who is being served, with its address. */
  readonly #served = new Map<Socket, string>();
  readonly #sockets = new Set<Socket>();
  readonly #pace: Pace;
  readonly #shelf = new ReportShelf();

  private constructor(options: CgminerServiceOptions) {
    const { cgminer, clock } = options;
    this.#options = options;
    this.#list = new AccessList(cgminer.allow, cgminer.groups);
    this.#session = new Session(clock);
    this.#painter = new Painter(options);
    this.#pace = new Pace(clock);
    // Half open: who asks through a pipe has said all before it hears the answer.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#accept(socket);
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Rejects with CGMINER_NOT_STARTED. */
  static async start(options: CgminerServiceOptions): Promise<CgminerService> {
    const { cgminer, log } = options;
    const { port, listen } = cgminer;
    const service = new CgminerService(options);
    await new Promise<void>((resolve, reject) => {
      const server = service.#server;
      server.once("error", (cause) => {
        const facts = { port, listen: listen ?? "all", reason: cause.message };
        service.#painter.stop();
        reject(new MinerError("CGMINER_NOT_STARTED", facts, { cause }));
      });
      server.listen({ port, ...(listen !== undefined && { host: listen }) }, () => {
        server.removeAllListeners("error");
        server.on("error", (error) => {
          log.warn({ reason: error.message }, "a connection to the API of cgminer failed");
        });
        resolve();
      });
    });
    log.info({ port, listen: listen ?? "all" }, "the API of cgminer is served");
    return service;
  }

  async stop(): Promise<void> {
    this.#painter.stop();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    // Not there: the client has gone already.
    const address = socket.remoteAddress ?? "";
    const letter = this.#list.letterOf(address);
    socket.on("error", () => socket.destroy());
    if (letter === undefined) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#served.delete(socket);
    });
    const isServed = this.#hasRoom(address);
    if (isServed) this.#served.set(socket, address);
    this.#serve(socket, address, isServed ? letter : undefined).catch((error: unknown) => {
      this.#options.log.error({ error: String(error) }, "a request of cgminer's API failed");
      socket.destroy();
    });
  }

  #hasRoom(address: string): boolean {
    const own = [...this.#served.values()].filter((each) => each === address).length;
    return own < MAX_OF_ADDRESS && this.#served.size < MAX_SERVED;
  }

  /** @param letter undefined: it is only told that there are too many */
  async #serve(socket: Socket, address: string, letter: string | undefined): Promise<void> {
    const { clock } = this.#options;
    const bytes = await readRequest(socket, clock);
    if (bytes === undefined) {
      socket.destroy();
      return;
    }
    const request = parseRequest(bytes);
    const waitMs = letter === undefined ? undefined : this.#pace.take();
    if (waitMs !== undefined && waitMs > 0) await clock.sleep(waitMs);
    const answer =
      letter === undefined || waitMs === undefined
        ? bytesOf({ is: "one", reply: BUSY }, request.form, this.#painter.picture)
        : await this.#answer(request, letter, address);
    // A client that lingers takes nobody's place.
    this.#served.delete(socket);
    endWith(socket, answer, clock);
  }

  async #answer(request: Request, letter: string, address: string): Promise<Buffer> {
    const { picture } = this.#painter;
    const known = this.#shelf.find(request, letter, picture);
    if (known !== undefined) return known;
    const answer = await answerTo(request, {
      ...{ picture, letter, list: this.#list, session: this.#session },
      orders: new Orders(this.#options.desk, address),
    });
    const bytes = bytesOf(answer, request.form, picture);
    this.#shelf.keep(request, letter, picture, bytes);
    return bytes;
  }
}
