import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { HttpConfig } from "../../app/http-config.js";
import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import { ConnectionLimits } from "./connection-limits.js";

const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 8 * 1024;
/** A client that takes its time holds a connection, and no more. */
const TIMES = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 5000,
};

/** Documented: RFC 8996: what came before TLS 1.2 is not to be spoken. */
const TLS_RULES = { minVersion: "TLSv1.2", handshakeTimeout: 10_000 } as const;

/** The servers that the configuration asks for. */
export class Listeners {
  readonly #servers: readonly Server[];

  private constructor(servers: readonly Server[]) {
    this.#servers = servers;
  }

  /** Rejects with HTTP_NOT_STARTED; nothing listens then. */
  static async open(
    { port, tls, address }: Pick<HttpConfig, "port" | "tls" | "address">,
    clock: Clock,
    answer: RequestListener,
  ): Promise<Listeners> {
    const options = { maxHeaderSize: MAX_HEADER_BYTES, ...TIMES };
    const limits = new ConnectionLimits(clock);
    const listener: RequestListener = (incoming, outgoing) => {
      if (limits.mayAsk(incoming, outgoing)) answer(incoming, outgoing);
    };
    const listeners: Server[] = [];
    try {
      if (port !== null) {
        const server = createServer(options, listener);
        await listen(server, port, address, limits);
        listeners.push(server);
      }
      if (tls !== undefined) {
        const files = { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) };
        const server = createSecureServer({ ...options, ...TLS_RULES, ...files }, listener);
        await listen(server, tls.port, address, limits);
        listeners.push(server);
      }
    } catch (cause) {
      for (const server of listeners) server.close();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MinerError("HTTP_NOT_STARTED", { reason }, { cause });
    }
    return new Listeners(listeners);
  }

  get ports(): readonly number[] {
    return this.#servers.map((server) => (server.address() as AddressInfo).port);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    }
  }
}

function listen(
  server: Server,
  port: number,
  address: string | undefined,
  limits: ConnectionLimits,
): Promise<void> {
  server.maxConnections = MAX_CONNECTIONS;
  server.on("connection", (socket) => {
    limits.admit(socket);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...(address !== undefined && { host: address }) }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
