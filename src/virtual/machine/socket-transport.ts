import { rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { HostBytesListener, Transport } from "./transport.js";

/** Bytes that may wait for a host which does not read. */
const MAXIMUM_UNREAD_BYTES = 65_536;

/** A chain on a socket, one host at a time: a new one takes the place of the old. It has no baud rate. */
export class SocketTransport implements Transport {
  readonly path: string;
  readonly #server: Server;
  #socket: Socket | undefined;
  #isPaused = false;
  #isUnplugged = false;

  /** Made by `listenUnix` and `listenTcp`; `server` need not listen yet. */
  constructor(path: string, server: Server, onBytes: HostBytesListener) {
    this.path = path;
    this.#server = server;
    server.on("connection", (socket) => {
      this.#accept(socket, onBytes);
    });
  }

  /** A unix socket at `path`. */
  static async listenUnix(path: string, onBytes: HostBytesListener): Promise<SocketTransport> {
    const server = createServer();
    const transport = new SocketTransport(path, server, onBytes);
    await listening(server, () => server.listen(path));
    return transport;
  }

  /** A TCP port of this machine; the file `path` holds its number. */
  static async listenTcp(path: string, onBytes: HostBytesListener): Promise<SocketTransport> {
    const server = createServer();
    const transport = new SocketTransport(path, server, onBytes);
    await listening(server, () => server.listen(0, "127.0.0.1"));
    writeFileSync(path, `${String((server.address() as AddressInfo).port)}\n`);
    return transport;
  }

  hostListensBaud(): undefined {
    return undefined;
  }

  write(bytes: Uint8Array): number {
    const socket = this.#socket;
    if (socket === undefined) return bytes.length;
    if (socket.writableLength > MAXIMUM_UNREAD_BYTES) return 0;
    socket.write(bytes);
    return bytes.length;
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (isPaused) this.#socket?.pause();
    else this.#socket?.resume();
  }

  /** Nothing outlives a connection. */
  forgetHost(): void {
    return;
  }

  unplug(): void {
    this.#isUnplugged = true;
    this.#socket?.destroy();
  }

  plugIn(): void {
    this.#isUnplugged = false;
  }

  close(): Promise<void> {
    this.#socket?.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => {
        rmSync(this.path, { force: true });
        resolve();
      });
    });
  }

  #accept(socket: Socket, onBytes: HostBytesListener): void {
    if (this.#isUnplugged) {
      socket.destroy();
      return;
    }
    this.#socket?.destroy();
    this.#socket = socket;
    socket.setNoDelay(true);
    if (this.#isPaused) socket.pause();
    socket.on("data", (bytes) => {
      onBytes(bytes, undefined);
    });
    // A broken connection is a host that went away; "close" follows.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
  }
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.removeListener("error", reject);
      resolve();
    });
    listen();
  });
}
