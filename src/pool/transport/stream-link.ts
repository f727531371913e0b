import type { LookupFunction, Socket } from "node:net";
import { MinerError, isMinerError } from "../../lib/errors.js";
import { dialThroughProxy } from "./dial-proxy.js";
import { dialTcp, socketReason } from "./dial-tcp.js";
import type { Endpoint, Link, LinkListener, LinkSecurity, OpenLink } from "./link.js";
import { makeNameLookup } from "./name-lookup.js";
import type { ProxyAddress } from "./proxy-url.js";
import { startTls } from "./start-tls.js";
import { isTlsError, tlsReason } from "./tls-reason.js";
import type { TlsTrust } from "./tls-trust.js";

// A pool that does not read is cut off before its unread answers fill the memory.
const MAX_UNSENT_BYTES = 256 * 1024;

/** What stands between us and the pool; with none of it, plain TCP. */
export interface LinkPath {
  readonly proxy?: ProxyAddress | undefined;
  readonly tls?: TlsTrust | undefined;
  /** In place of the system's. */
  readonly lookup?: LookupFunction;
}

/** Links that go this way. */
export function makeOpenLink(path: LinkPath): OpenLink {
  const way = { ...path, lookup: makeNameLookup(path.lookup) };
  return (endpoint, listener) => new StreamLink(way, endpoint, listener);
}

class StreamLink implements Link {
  readonly security: LinkSecurity;
  readonly #endpoint: Endpoint;
  readonly #listener: LinkListener;
  readonly #abort = new AbortController();
  #socket: Socket | undefined;
  #remote: Endpoint | undefined;
  #isOver = false;

  constructor(path: LinkPath, endpoint: Endpoint, listener: LinkListener) {
    this.security = path.tls?.security ?? "none";
    this.#endpoint = endpoint;
    this.#listener = listener;
    void this.#dial(path).then(
      (socket) => {
        this.#use(socket);
      },
      (error: unknown) => {
        this.#finish(isMinerError(error) ? error : internal(error));
      },
    );
  }

  get remote(): Endpoint | undefined {
    return this.#socket && this.#remote;
  }

  write(text: string): boolean {
    if (this.#isOver || this.#socket === undefined) return true;
    this.#socket.write(text);
    return this.#socket.writableLength <= MAX_UNSENT_BYTES;
  }

  setReading(isReading: boolean): void {
    if (isReading) this.#socket?.resume();
    else this.#socket?.pause();
  }

  close(): void {
    this.#isOver = true;
    this.#socket?.destroy();
    this.#abort.abort();
  }

  async #dial({ proxy, tls, lookup }: LinkPath): Promise<Socket> {
    const { signal } = this.#abort;
    const endpoint = this.#endpoint;
    const socket =
      proxy === undefined
        ? await dialTcp(endpoint, signal, lookup)
        : await dialThroughProxy(proxy, endpoint, signal, lookup);
    this.#remote = remoteOf(socket);
    return tls === undefined ? socket : await startTls(socket, endpoint, tls, signal);
  }

  #use(socket: Socket): void {
    if (this.#isOver) return;
    this.#socket = socket;
    let error = socket.errored;
    socket.on("error", (cause) => {
      error = cause;
    });
    socket.on("close", () => {
      this.#finish(this.#lost(error));
    });
    socket.on("data", (chunk: Buffer) => {
      if (!this.#isOver) this.#listener.onData(chunk);
    });
    // It may have ended between the last step and this one.
    if (socket.closed) this.#finish(this.#lost(error));
    else this.#listener.onOpen();
  }

  #lost(error: Error | null): MinerError {
    if (error === null)
      return new MinerError("POOL_UNREACHABLE", {
        ...this.#endpoint,
        reason: "closed by the pool",
      });
    // TLS 1.3 servers refuse a client after their part of the handshake.
    if (isTlsError(error))
      return new MinerError("POOL_TLS_REFUSED", { ...this.#endpoint, reason: tlsReason(error) });
    return new MinerError("POOL_UNREACHABLE", { ...this.#endpoint, reason: socketReason(error) });
  }

  #finish(error: MinerError): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.onClose(error);
  }
}

function remoteOf({ remoteAddress: host, remotePort: port }: Socket): Endpoint | undefined {
  return host === undefined || port === undefined ? undefined : { host, port };
}

function internal(cause: unknown): MinerError {
  return new MinerError("INTERNAL", { part: "link" }, { cause });
}
