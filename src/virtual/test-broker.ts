import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { Aedes } from "aedes";

/** An MQTT broker of this process that lets everybody do everything. It speaks MQTT 3.1.1 only. */
export class TestBroker {
  readonly url: string;
  readonly #broker: Aedes;
  readonly #server: Server;
  readonly #sockets: ReadonlySet<Socket>;

  private constructor(broker: Aedes, server: Server, sockets: ReadonlySet<Socket>) {
    this.#broker = broker;
    this.#server = server;
    this.#sockets = sockets;
    this.url = `mqtt://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  }

  /** Undefined where the library is not installed: it is no part of the program on a machine. */
  static async start(): Promise<TestBroker | undefined> {
    const library = await import("aedes").catch(() => undefined);
    if (library === undefined) return undefined;
    const broker = await library.Aedes.createBroker();
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      broker.handle(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TestBroker(broker, server, sockets);
  }

  async stop(): Promise<void> {
    await new Promise<void>((closed) => {
      this.#broker.close(closed);
    });
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
