import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

/** A certificate with its chain, and its key, in PEM. */
export interface PoolCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface PoolTls extends PoolCertificate {
  /** Certificates that a fault can show instead, by name. */
  readonly others?: Readonly<Record<string, PoolCertificate>>;
}

export interface PoolListenerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly tls: PoolTls | undefined;
  /** A TCP connection came in; false when it is not to be served. */
  readonly accepts: (tcp: Socket) => boolean;
  /** A connection is ready for lines: after TLS when there is any. */
  readonly onConnection: (socket: Socket, tcp: Socket) => void;
}

/** The port of a pool. It can be closed and opened again; the number stays. */
export class PoolListener {
  readonly #options: PoolListenerOptions;
  readonly #connections = new Set<Socket>();
  #server: Server | undefined;
  #port: number;
  #certificate: PoolCertificate | undefined;

  constructor(options: PoolListenerOptions) {
    this.#options = options;
    this.#port = options.port;
    this.#certificate = options.tls;
  }

  get port(): number {
    return this.#port;
  }

  /** Rejects with the error of the operating system when the port is not free. */
  async open(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((tcp) => {
      this.#accept(tcp);
    });
    this.#server = server;
    server.listen(this.#port, this.#options.host);
    await once(server, "listening");
    const address = server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
  }

  /** Refuses connections from now on; those that are there stay. Resolves when none is left. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, "close");
    server.close();
    await closed;
  }

  /** Ends every TCP connection, also those that are not served yet or never will be. */
  endConnections(): void {
    for (const tcp of this.#connections) tcp.destroy();
  }

  /** Shows the certificate of that name to later connections; undefined for the pool's own. */
  useCertificate(name: string | undefined): void {
    const { tls } = this.#options;
    const certificate = name === undefined ? tls : tls?.others?.[name];
    if (certificate === undefined && name !== undefined)
      throw new RangeError(`the pool has no certificate ${name}`);
    this.#certificate = certificate;
  }

  #accept(tcp: Socket): void {
    // Whatever ends it before it is served; a connection that is served has a listener of its own.
    tcp.on("error", () => undefined);
    this.#connections.add(tcp);
    tcp.once("close", () => this.#connections.delete(tcp));
    const { accepts, onConnection } = this.#options;
    if (!accepts(tcp)) return;
    if (this.#certificate === undefined) {
      onConnection(tcp, tcp);
      return;
    }
    const secureContext = createSecureContext({ ...this.#certificate });
    const socket = new TLSSocket(tcp, { isServer: true, secureContext });
    socket.on("error", () => tcp.destroy());
    socket.once("secure", () => {
      onConnection(socket, tcp);
    });
  }
}
