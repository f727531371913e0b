import { type Socket, connect } from "node:net";
import { MinerError } from "../../lib/errors.js";
import type { Endpoint, Link, LinkListener, LinkSecurity, OpenLink } from "./link.js";

// As ESP-Miner: a link without traffic is probed after 60 s.
const KEEP_ALIVE_DELAY_MS = 60_000;

// Node's own 250 ms is shorter than a round trip over satellite.
const ADDRESS_ATTEMPT_MS = 2_500;

// A pool that does not read is cut off before its unread answers fill the memory.
const MAX_UNSENT_BYTES = 256 * 1024;

/** Plain TCP; the name is resolved now, and every address it has is tried, IPv6 and IPv4. */
export const openTcp: OpenLink = (endpoint, listener) => new TcpLink(endpoint, listener);

class TcpLink implements Link {
  readonly security: LinkSecurity = "none";
  readonly #socket: Socket;
  #isOver = false;
  #reason = "closed by the pool";

  constructor(endpoint: Endpoint, listener: LinkListener) {
    const socket = connect({
      host: endpoint.host,
      port: endpoint.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
    });
    this.#socket = socket;
    socket.on("connect", () => {
      if (!this.#isOver) listener.onOpen();
    });
    socket.on("data", (chunk: Buffer) => {
      if (!this.#isOver) listener.onData(chunk);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#reason = error.code ?? error.message;
    });
    socket.on("close", () => {
      if (this.#isOver) return;
      this.close();
      listener.onClose(new MinerError("POOL_UNREACHABLE", { ...endpoint, reason: this.#reason }));
    });
  }

  get remote(): Endpoint | undefined {
    const { remoteAddress: host, remotePort: port } = this.#socket;
    return host === undefined || port === undefined ? undefined : { host, port };
  }

  write(text: string): boolean {
    if (this.#isOver) return true;
    this.#socket.write(text);
    return this.#socket.writableLength <= MAX_UNSENT_BYTES;
  }

  setReading(isReading: boolean): void {
    if (isReading) this.#socket.resume();
    else this.#socket.pause();
  }

  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }
}
