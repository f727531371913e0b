import { once } from "node:events";
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";

/** Documented: RFC 1928, section 6. */
export const SOCKS_REPLY = { granted: 0, notAllowed: 2, hostUnreachable: 4, refused: 5 } as const;

export interface SocksProxyOptions {
  /** Wanted from every client; without it no login is asked for. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Answers every request with this in place of connecting. */
  readonly reply?: number;
  /** Where a request for `host` really goes; to that host if not given. */
  readonly resolve?: (host: string) => string;
}

/** A SOCKS5 proxy on the loopback (RFC 1928, RFC 1929), for CONNECT only. */
export class SocksProxy {
  /** The targets asked for, as `host:port`; an IPv6 one in full, without brackets. */
  readonly targets: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: SocksProxyOptions) {
    this.#server = createServer((client) => {
      this.#keep(client);
      void this.#serve(client, options).catch(() => client.destroy());
    });
  }

  static async listen(options: SocksProxyOptions = {}): Promise<SocksProxy> {
    const proxy = new SocksProxy(options);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
  }

  async #serve(client: Socket, { login, reply, resolve }: SocksProxyOptions): Promise<void> {
    const methods = await read(client, (await read(client, 2))[1] ?? 0);
    const wanted = login === undefined ? 0 : 2;
    if (!methods.includes(wanted)) {
      client.end(Buffer.from([5, 0xff]));
      return;
    }
    client.write(Buffer.from([5, wanted]));
    if (login !== undefined && !(await this.#takesLogin(client, login))) return;
    const kind = (await read(client, 4))[3];
    const host = await readHost(client, kind);
    const port = (await read(client, 2)).readUInt16BE(0);
    this.targets.push(`${host}:${port}`);
    if (reply !== undefined) {
      client.end(answer(reply));
      return;
    }
    const upstream = connect({ host: resolve?.(host) ?? host, port });
    this.#keep(upstream);
    upstream.once("error", () => client.end(answer(SOCKS_REPLY.refused)));
    upstream.once("connect", () => {
      client.write(answer(SOCKS_REPLY.granted));
      client.pipe(upstream).pipe(client);
    });
    client.once("close", () => upstream.destroy());
  }

  async #takesLogin(
    client: Socket,
    { user, password }: { user: string; password: string },
  ): Promise<boolean> {
    const given = await read(client, (await read(client, 2))[1] ?? 0);
    const secret = await read(client, (await read(client, 1))[0] ?? 0);
    const isRight = given.toString() === user && secret.toString() === password;
    client.write(Buffer.from([1, isRight ? 0 : 1]));
    if (!isRight) client.end();
    return isRight;
  }
}

function answer(reply: number): Buffer {
  return Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]);
}

async function readHost(client: Socket, kind: number | undefined): Promise<string> {
  if (kind === 1) return [...(await read(client, 4))].join(".");
  if (kind === 4) return (await read(client, 16)).toString("hex").replace(/.{4}(?!$)/g, "$&:");
  return (await read(client, (await read(client, 1))[0] ?? 0)).toString();
}

/** Exactly so many bytes. */
async function read(socket: Socket, count: number): Promise<Buffer> {
  for (;;) {
    if (count === 0) return Buffer.alloc(0);
    const chunk = socket.read(count) as Buffer | null;
    if (chunk !== null && chunk.length === count) return chunk;
    if (socket.readableEnded || socket.destroyed) throw new Error("the client went away");
    await once(socket, "readable");
  }
}
