import { targetFromDifficulty } from "../../bitcoin/target.js";
import { MinerError } from "../../lib/errors.js";
import type { PoolJob, ShareSubmission } from "../pool-client.js";
import type { Link } from "../transport/link.js";
import { DifficultySuggester } from "./difficulty-suggester.js";
import { Handshake } from "./handshake.js";
import type { WorkTerms } from "./job-book.js";
import { LineConnection } from "./line-connection.js";
import { type PoolCall, type PoolMessage, type RequestId, parseLine } from "./messages.js";
import { NoticeLimit } from "./notice-limit.js";
import {
  type Request,
  extranonceSubscribeRequest,
  requestLine,
  resultLine,
  submitRequest,
  suggestDifficultyRequest,
  unknownMethodLine,
} from "./requests.js";
import type { Response } from "./responses.js";
import type { SessionEnd, SessionListener, SessionOptions } from "./session-listener.js";
import { SilenceWatch } from "./silence-watch.js";

const MAX_RECONNECT_WAIT_S = 60;

// Documented: the difficulty of V1 before the first mining.set_difficulty.
const INITIAL_DIFFICULTY = 1;

/** One connection to a pool, from connect to its end. Not reused. */
export class StratumV1Session {
  readonly #options: SessionOptions;
  readonly #listener: SessionListener;
  readonly #connection: LineConnection;
  readonly #handshake: Handshake;
  readonly #suggester: DifficultySuggester;
  readonly #notices: NoticeLimit;
  readonly #cancelOpenTimeout: () => void;
  /** Ids of requests whose answers change nothing. */
  readonly #optional = new Set<number>();
  #noLine: SilenceWatch | undefined;
  #noJob: SilenceWatch | undefined;
  #lastId = 0;
  #isOver = false;
  #hasWork = false;
  #badJobsInARow = 0;
  #terms: WorkTerms;

  /** Starts to connect. */
  constructor(options: SessionOptions, listener: SessionListener) {
    const { clock, endpoint, timeouts } = options;
    this.#options = options;
    this.#listener = listener;
    this.#terms = {
      difficulty: INITIAL_DIFFICULTY,
      target: targetFromDifficulty(INITIAL_DIFFICULTY, options.network),
      poolMask: undefined,
    };
    this.#notices = new NoticeLimit(clock, (notice) => {
      listener.onNotice(notice);
    });
    this.#suggester = new DifficultySuggester(clock, options.suggestDifficulty, (difficulty) => {
      this.#sendOptional(suggestDifficultyRequest(this.nextId(), difficulty));
    });
    this.#handshake = new Handshake(clock, options.plan, () => this.nextId(), {
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
      onResumeRefused: (error) => {
        this.#end({ kind: "resume-refused", error });
      },
      onFailed: (error) => {
        this.fail(error);
      },
    });
    this.#cancelOpenTimeout = clock.after(timeouts.openMs, () => {
      const reason = "connect time-out";
      this.fail(new MinerError("POOL_UNREACHABLE", { ...endpoint, reason }));
    });
    this.#connection = new LineConnection(options.openLink, endpoint, {
      onConnect: () => {
        this.#onConnect();
      },
      onLines: (lines, hasMore) => {
        this.#onLines(lines, hasMore);
      },
      onClose: (error) => {
        this.#end({ kind: this.#isAtRisk ? "closed-early" : "failed", error });
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

  get link(): Pick<Link, "security" | "remote"> {
    return this.#connection;
  }

  /** Unusable jobs since the last good one. */
  get badJobsInARow(): number {
    return this.#badJobsInARow;
  }

  get suggestedDifficulty(): number | undefined {
    return this.#suggester.suggested;
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

  /** Work that is no repetition has come. */
  noteNewWork(): void {
    this.#hasWork = true;
    this.#noJob?.touch();
  }

  /** Ends the session as failed. */
  fail(error: MinerError): void {
    this.#end({ kind: "failed", error });
  }

  /** Ends the session; the listener hears nothing any more. */
  close(): void {
    this.#isOver = true;
    this.#cancelOpenTimeout();
    this.#handshake.stop();
    this.#suggester.stop();
    this.#noLine?.stop();
    this.#noJob?.stop();
    this.#connection.close();
  }

  /** A close by the pool may be its answer to what we said first. */
  get #isAtRisk(): boolean {
    return this.#noLine !== undefined && this.#handshake.isAtRisk;
  }

  #end(end: SessionEnd): void {
    if (this.#isOver) return;
    this.close();
    this.#listener.onEnd(end);
  }

  #onConnect(): void {
    this.#cancelOpenTimeout();
    const { clock, endpoint, timeouts } = this.#options;
    const silentMs = timeouts.noLineMs;
    this.#noLine = new SilenceWatch(clock, silentMs, () => {
      this.fail(new MinerError("POOL_SILENT", { ...endpoint, silentMs }));
    });
    this.#listener.onConnected();
    if (this.#isOver) return;
    const opening = this.#handshake.begin();
    this.#connection.write(opening.map(requestLine).join(""));
  }

  #onUsable(): void {
    const { clock, withExtranonceSubscribe } = this.#options;
    // Before what sends, as a write can end the session.
    this.#noJob = new SilenceWatch(clock, this.#options.timeouts.noJobMs, () => {
      this.#onNoJob();
    });
    this.#suggester.start();
    if (withExtranonceSubscribe) this.#sendOptional(extranonceSubscribeRequest(this.nextId()));
    if (!this.#isOver) this.#listener.onUsable();
  }

  /** Decided: a session that has had work may get more; one that never had any is worth nothing. */
  #onNoJob(): void {
    const { endpoint, timeouts } = this.#options;
    const silentMs = timeouts.noJobMs;
    if (this.#hasWork) this.#notices.put("warning", `no new work for ${silentMs / 1000} s`);
    else this.fail(new MinerError("POOL_SILENT", { ...endpoint, request: "work", silentMs }));
  }

  #onLines(lines: readonly string[], hasMore: boolean): void {
    this.#noLine?.touch();
    for (const line of lines) {
      this.#handle(parseLine(line, this.#options.network));
      if (this.#isOver) return;
    }
    if (!hasMore) this.#listener.onReadDone();
  }

  #handle(message: PoolMessage): void {
    switch (message.kind) {
      case "response":
        this.#onResponse(message.response);
        break;
      case "call":
        this.#onCall(message.call, message.id);
        break;
      case "unknown-call":
        this.#notices.put("ignored-line", `unknown method ${message.method}`);
        this.#reply(message.id, unknownMethodLine);
        break;
      case "ignored":
        if (message.method === "mining.notify") this.#badJobsInARow += 1;
        this.#notices.put("ignored-line", message.reason);
        break;
      case "malformed":
        this.fail(
          new MinerError("POOL_PROTOCOL", { ...this.#options.endpoint, what: message.reason }),
        );
        break;
    }
  }

  #onResponse(response: Response): void {
    if (this.#optional.delete(response.id) || this.#handshake.answer(response)) return;
    this.#listener.onAnswer(response);
  }

  #onCall(call: PoolCall, id: RequestId | undefined): void {
    switch (call.method) {
      case "mining.notify":
        this.#badJobsInARow = 0;
        this.#listener.onNotify(call.job);
        break;
      case "mining.set_difficulty":
      case "mining.set_target":
        this.#terms = { ...this.#terms, difficulty: call.difficulty, target: call.target };
        break;
      case "mining.set_extranonce":
        this.#listener.onExtranonce(call.extranonce1, call.extranonce2Size);
        break;
      case "mining.set_version_mask":
        if (this.#options.plan.withConfigure) this.#changeMask(call.mask);
        else this.#notices.put("ignored-line", "mining.set_version_mask without mining.configure");
        break;
      case "client.reconnect": {
        const { host, port, waitS } = call;
        const waitMs = Math.min(waitS, MAX_RECONNECT_WAIT_S) * 1000;
        this.#end({ kind: "reconnect-asked", waitMs, to: { host, port } });
        break;
      }
      case "client.show_message":
        this.#notices.put("pool-message", call.text);
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

  #sendOptional(request: Request): void {
    this.#optional.add(request.id);
    this.#connection.write(requestLine(request));
  }

  #reply(id: RequestId | undefined, line: (id: RequestId) => string): void {
    if (id !== undefined) this.#connection.write(line(id));
  }
}
