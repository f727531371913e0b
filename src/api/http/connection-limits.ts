import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../lib/clock.js";
import { networkOf } from "./auth/network-of.js";

/** As on the port of cgminer: one that holds all it can get leaves room for others. */
const MAX_OF_ADDRESS = 16;
/** Requests of a connection that wait for their answers. Inferred: browsers and libraries send the next after the answer. */
const MAX_AT_ONCE = 4;
/** Node reads a thousand small requests at a time, two megabytes of memory: who floods must not do it at once again. */
const SHUT_MS = 10_000;
const MAX_SHUT = 1000;

/** What an address and a connection may hold; who takes more is closed without a byte. */
export class ConnectionLimits {
  readonly #clock: Clock;
  readonly #open = new Map<string, Set<Socket>>();
  readonly #waiting = new WeakMap<Socket, number>();
  /** Who has flooded, and until when it stays outside; who did last comes last. */
  readonly #shutUntilMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  admit(socket: Socket): void {
    const from = networkOf(socket.remoteAddress ?? "");
    const open = this.#open.get(from) ?? new Set();
    if (open.size >= MAX_OF_ADDRESS || this.#isShut(from)) {
      socket.destroy();
      return;
    }
    this.#open.set(from, open.add(socket));
    socket.once("close", () => {
      open.delete(socket);
      if (open.size === 0) this.#open.delete(from);
    });
  }

  /** False: the connection is closed. */
  mayAsk({ socket }: IncomingMessage, outgoing: ServerResponse): boolean {
    if (socket.destroyed) return false;
    const waiting = this.#waiting.get(socket) ?? 0;
    if (waiting >= MAX_AT_ONCE) {
      this.#shut(networkOf(socket.remoteAddress ?? ""));
      socket.destroy();
      return false;
    }
    this.#waiting.set(socket, waiting + 1);
    outgoing.once("close", () => {
      this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1);
    });
    return true;
  }

  #isShut(from: string): boolean {
    const untilMs = this.#shutUntilMs.get(from) ?? -Infinity;
    if (untilMs > this.#clock.nowMs()) return true;
    this.#shutUntilMs.delete(from);
    return false;
  }

  /** All that it has open ends too. */
  #shut(from: string): void {
    this.#shutUntilMs.delete(from);
    this.#shutUntilMs.set(from, this.#clock.nowMs() + SHUT_MS);
    const [oldest] = this.#shutUntilMs.keys();
    if (this.#shutUntilMs.size > MAX_SHUT && oldest !== undefined) this.#shutUntilMs.delete(oldest);
    for (const socket of [...(this.#open.get(from) ?? [])]) socket.destroy();
  }
}
