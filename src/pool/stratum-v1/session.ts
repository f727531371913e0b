import type { Network } from "../../bitcoin/network.js";
import { targetFromDifficulty } from "../../bitcoin/target.js";
import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import type { PoolJob, PoolNotice, PoolTimeouts, ShareSubmission } from "../pool-client.js";
import type { Endpoint, LinkSecurity, OpenLink } from "../transport/link.js";
import { Handshake, type HandshakePlan } from "./handshake.js";
import type { WorkTerms } from "./job-book.js";
import { LineConnection } from "./line-connection.js";
import { type PoolCall, type PoolMessage, type RequestId, parseLine } from "./messages.js";
import type { Notify } from "./notify.js";
import {
  type Request,
  requestLine,
  resultLine,
  submitRequest,
  unknownMethodLine,
} from "./requests.js";
import type { Response, SubscribeResult } from "./responses.js";
import { SilenceWatch } from "./silence-watch.js";

const MAX_RECONNECT_WAIT_S = 60;

// Documented: the difficulty of V1 before the first mining.set_difficulty.
const INITIAL_DIFFICULTY = 1;

export interface SessionOptions {
  readonly clock: Clock;
  readonly endpoint: Endpoint;
  readonly openLink: OpenLink;
  readonly timeouts: PoolTimeouts;
  readonly network: Network;
  readonly plan: HandshakePlan;
}

/** Why a session ended by itself. */
export type SessionEnd =
  | { readonly kind: "failed"; readonly error: MinerError }
  /** Closed without a word after mining.configure: classic ckpool. */
  | { readonly kind: "configure-refused"; readonly error: MinerError }
  | { readonly kind: "authorize-refused"; readonly error: MinerError }
  /** The pool sent client.reconnect. */
  | { readonly kind: "reconnect-asked"; readonly waitMs: number };

export interface SessionListener {
  onConnected(): void;
  onSubscribed(extranonce: SubscribeResult): void;
  onUsable(): void;
  onNotify(notify: Notify): void;
  /** Size undefined: as before. */
  onExtranonce(extranonce1: Uint8Array, extranonce2Size: number | undefined): void;
  onMaskChanged(): void;
  /** An answer to something else than the opening requests. */
  onAnswer(response: Response): void;
  /** All lines of one read were handled. */
  onReadDone(): void;
  onNotice(notice: PoolNotice): void;
  /** Last call; not made after `close`. */
  onEnd(end: SessionEnd): void;
}

/** One connection to a pool, from TCP connect to its end. Not reused. */
export class StratumV1Session {
  readonly #options: SessionOptions;
  readonly #listener: SessionListener;
  readonly #connection: LineConnection;
  readonly #handshake: Handshake;
  readonly #cancelConnectTimeout: () => void;
  #noLine: SilenceWatch | undefined;
  #noJob: SilenceWatch | undefined;
  #lastId = 0;
  #isConnected = false;
  #hasHeard = false;
  #isOver = false;
  #badJobsInARow = 0;
  #terms: WorkTerms;

  /** Starts to connect. */
  constructor(options: SessionOptions, listener: SessionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#terms = {
      difficulty: INITIAL_DIFFICULTY,
      target: targetFromDifficulty(INITIAL_DIFFICULTY, options.network),
      poolMask: undefined,
    };
    this.#handshake = new Handshake(options.clock, options.plan, () => this.nextId(), {
      onSubscribed: (extranonce) => {
        listener.onSubscribed(extranonce);
      },
      onConfigured: (versionMask) => {
        this.#changeMask(versionMask);
      },
      onUsable: () => {
        this.#onUsable();
      },
      onAuthorizeRefused: (error) => {
        this.#end({ kind: "authorize-refused", error });
      },
      onFailed: (error) => {
        this.fail(error);
      },
    });
    this.#cancelConnectTimeout = options.clock.after(options.timeouts.openMs, () => {
      this.fail(this.#unreachable("connect time-out"));
    });
    this.#connection = new LineConnection(options.openLink, options.endpoint, {
      onConnect: () => {
        this.#onConnect();
      },
      onLines: (lines) => {
        this.#onLines(lines);
      },
      onClose: (error) => {
        this.#onClose(error);
      },
    });
  }

  /** What a job that arrives now is worth. */
  get terms(): WorkTerms {
    return this.#terms;
  }

  /** True once shares can be sent and jobs be worked on. */
  get isUsable(): boolean {
    return this.#handshake.isUsable && !this.#isOver;
  }

  /** No new work for so long that the pool may have lost us. */
  get isSuspicious(): boolean {
    return this.#noJob?.isSilent ?? false;
  }

  get security(): LinkSecurity {
    return this.#connection.security;
  }

  /** Where the bytes go, once connected. */
  get remote(): Endpoint | undefined {
    return this.#connection.remote;
  }

  /** Unusable jobs since the last good one. */
  get badJobsInARow(): number {
    return this.#badJobsInARow;
  }

  /** An id for a request of this session. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** Sends a share in this turn; the answer will carry `id`. May end the session. */
  submit(id: number, job: PoolJob, share: ShareSubmission): void {
    const { user } = this.#options.plan;
    this.#connection.write(requestLine(submitRequest(id, user, job, share, this.#terms.poolMask)));
  }

  /** Ends the session as failed. */
  fail(error: MinerError): void {
    this.#end({ kind: "failed", error });
  }

  /** Ends the session; the listener hears nothing any more. */
  close(): void {
    this.#isOver = true;
    this.#cancelConnectTimeout();
    this.#handshake.stop();
    this.#noLine?.stop();
    this.#noJob?.stop();
    this.#connection.close();
  }

  #end(end: SessionEnd): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.onEnd(end);
  }

  #onConnect(): void {
    this.#isConnected = true;
    this.#cancelConnectTimeout();
    const { clock, endpoint, timeouts } = this.#options;
    const silentMs = timeouts.noLineMs;
    this.#noLine = new SilenceWatch(clock, silentMs, () => {
      this.fail(new MinerError("POOL_SILENT", { ...endpoint, silentMs }));
    });
    this.#listener.onConnected();
    this.#send(this.#handshake.begin());
  }

  #onUsable(): void {
    this.#send(this.#handshake.continue());
    const { clock, timeouts } = this.#options;
    this.#noJob = new SilenceWatch(clock, timeouts.noJobMs, () => {
      this.#notice("warning", `no new work for ${timeouts.noJobMs / 1000} s`);
    });
    this.#listener.onUsable();
  }

  #onClose(error: MinerError): void {
    const wasRefused = this.#isConnected && !this.#hasHeard;
    const kind = wasRefused && this.#options.plan.withConfigure ? "configure-refused" : "failed";
    this.#end({ kind, error });
  }

  #onLines(lines: readonly string[]): void {
    this.#hasHeard = true;
    this.#noLine?.touch();
    for (const line of lines) {
      this.#handle(parseLine(line, this.#options.network));
      if (this.#isOver) return;
    }
    this.#listener.onReadDone();
  }

  #handle(message: PoolMessage): void {
    switch (message.kind) {
      case "response":
        if (!this.#handshake.answer(message.response)) this.#listener.onAnswer(message.response);
        break;
      case "call":
        this.#onCall(message.call, message.id);
        break;
      case "unknown-call":
        this.#notice("ignored-line", `unknown method ${message.method}`);
        this.#reply(message.id, unknownMethodLine);
        break;
      case "ignored":
        if (message.method === "mining.notify") this.#badJobsInARow += 1;
        this.#notice("ignored-line", message.reason);
        break;
      case "malformed":
        this.fail(
          new MinerError("POOL_PROTOCOL", { ...this.#options.endpoint, what: message.reason }),
        );
        break;
    }
  }

  #onCall(call: PoolCall, id: RequestId | undefined): void {
    switch (call.method) {
      case "mining.notify":
        this.#noJob?.touch();
        this.#badJobsInARow = 0;
        this.#listener.onNotify(call.job);
        break;
      case "mining.set_difficulty":
        this.#terms = { ...this.#terms, difficulty: call.difficulty, target: call.target };
        break;
      case "mining.set_extranonce":
        this.#listener.onExtranonce(call.extranonce1, call.extranonce2Size);
        break;
      case "mining.set_version_mask":
        if (this.#options.plan.withConfigure) this.#changeMask(call.mask);
        else this.#notice("ignored-line", "mining.set_version_mask without mining.configure");
        break;
      case "client.reconnect":
        this.#onReconnect(call);
        break;
      case "client.show_message":
        this.#notice("pool-message", call.text);
        break;
      case "client.get_version":
        this.#reply(id, (to) => resultLine(to, this.#options.plan.agent));
        break;
      case "mining.ping":
        this.#reply(id, (to) => resultLine(to, "pong"));
        break;
    }
  }

  #changeMask(poolMask: number | undefined): void {
    this.#terms = { ...this.#terms, poolMask };
    this.#listener.onMaskChanged();
  }

  /** Only the configured address is used, as anybody on the way could have sent the line. */
  #onReconnect({ host, port, waitS }: Extract<PoolCall, { method: "client.reconnect" }>): void {
    const { endpoint } = this.#options;
    if ((host ?? endpoint.host) !== endpoint.host || (port ?? endpoint.port) !== endpoint.port)
      this.#notice("warning", "client.reconnect to another address is not followed");
    const waitMs = Math.min(waitS, MAX_RECONNECT_WAIT_S) * 1000;
    this.#end({ kind: "reconnect-asked", waitMs });
  }

  #send(requests: readonly Request[]): void {
    if (requests.length > 0) this.#connection.write(requests.map(requestLine).join(""));
  }

  #reply(id: RequestId | undefined, line: (id: RequestId) => string): void {
    if (id !== undefined) this.#connection.write(line(id));
  }

  #notice(kind: PoolNotice["kind"], text: string): void {
    this.#listener.onNotice({ kind, text });
  }

  #unreachable(reason: string): MinerError {
    return new MinerError("POOL_UNREACHABLE", { ...this.#options.endpoint, reason });
  }
}
