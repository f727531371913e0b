import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Offer {
  readonly bytes: Buffer;
  readonly etag: string;
}

/** Bundles are some 30 MB each: older ones are asked for no more. */
const MOST = 3;

/** Where the board fetches bundles: a server with strong ETags and ranges, so that a download goes on where it broke off. */
export class BundleServer {
  readonly #offers = new Map<string, Offer>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response);
    });
  }

  static async start(): Promise<BundleServer> {
    const server = new BundleServer();
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  /** Resolves with the address. */
  offer(name: string, bytes: Buffer): string {
    const etag = `"${createHash("sha256").update(bytes).digest("hex")}"`;
    const path = `/${name}.bundle`;
    this.#offers.set(path, { bytes, etag });
    const [oldest] = this.#offers.keys();
    if (this.#offers.size > MOST && oldest !== undefined) this.#offers.delete(oldest);
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${String(port)}${path}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    const offer = this.#offers.get(url);
    if (offer === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { bytes, etag } = offer;
    const isSame = headers["if-range"] === etag;
    const from = isSame ? Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0) : 0;
    const rest = bytes.subarray(from);
    const all = String(bytes.length);
    response.writeHead(from > 0 ? 206 : 200, {
      ...{ etag, "content-length": rest.length },
      ...(from > 0 && {
        "content-range": `bytes ${String(from)}-${String(bytes.length - 1)}/${all}`,
      }),
    });
    response.end(rest);
  }
}
