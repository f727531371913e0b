import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "./auth/network-of.js";

/** As on the port of cgminer: one that holds all it can get leaves room for others. */
const MAX_OF_ADDRESS = 16;
/** Requests of a connection that wait for their answers. Inferred: browsers and libraries send the next after the answer. */
const MAX_AT_ONCE = 4;

/** What an address and a connection may hold; who takes more is closed without a byte. */
export class ConnectionLimits {
  readonly #open = new Map<string, number>();
  readonly #waiting = new WeakMap<Socket, number>();

  admit(socket: Socket): void {
    const from = networkOf(socket.remoteAddress ?? "");
    const open = this.#open.get(from) ?? 0;
    if (open >= MAX_OF_ADDRESS) {
      socket.destroy();
      return;
    }
    this.#open.set(from, open + 1);
    socket.once("close", () => {
      const left = (this.#open.get(from) ?? 1) - 1;
      if (left > 0) this.#open.set(from, left);
      else this.#open.delete(from);
    });
  }

  /** False: the connection is closed. */
  mayAsk({ socket }: IncomingMessage, outgoing: ServerResponse): boolean {
    const waiting = this.#waiting.get(socket) ?? 0;
    if (waiting >= MAX_AT_ONCE) socket.destroy();
    if (socket.destroyed) return false;
    this.#waiting.set(socket, waiting + 1);
    outgoing.once("close", () => {
      this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1);
    });
    return true;
  }
}
