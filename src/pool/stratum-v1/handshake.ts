import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import type { PoolTimeouts } from "../pool-client.js";
import { isUsableExtranonce } from "./messages.js";
import {
  type DeviceInfo,
  type Request,
  authorizeRequest,
  configureRequest,
  subscribeRequest,
} from "./requests.js";
import {
  type Response,
  type SubscribeResult,
  parseConfigureResult,
  parseSubscribeResult,
} from "./responses.js";

/** What to say when a connection is there. */
export interface HandshakePlan {
  /** Nothing optional may block for long; the rest is fatal to the session. */
  readonly timeouts: Pick<PoolTimeouts, "configureMs" | "handshakeMs">;
  /** Name and version of this program as pools see it. */
  readonly agent: string;
  readonly user: string;
  readonly password: string;
  readonly info: DeviceInfo | undefined;
  /** False for pools that close the connection on mining.configure. */
  readonly withConfigure: boolean;
  /** Session to go on with. */
  readonly resumeId: string | undefined;
}

export interface HandshakeListener {
  onSubscribed(extranonce: SubscribeResult): void;
  /** Configure was answered: the granted mask, undefined for no rolling. */
  onConfigured(versionMask: number | undefined): void;
  /** Authorized, and every answer that work depends on is there. */
  onUsable(): void;
  onAuthorizeRefused(error: MinerError): void;
  /** The pool does not know the session that was to be resumed, or cannot resume any. */
  onResumeRefused(error: MinerError): void;
  onFailed(error: MinerError): void;
}

type Step = "configure" | "subscribe" | "authorize";

/** The opening of a session: configure, subscribe, authorize, sent together and answered in any order. */
export class Handshake {
  readonly #clock: Clock;
  readonly #plan: HandshakePlan;
  readonly #nextId: () => number;
  readonly #listener: HandshakeListener;
  readonly #asked = new Map<number, Step>();
  readonly #open = new Map<Step, () => void>();
  #isUsable = false;
  #isSubscribed = false;
  #isConfigured = false;
  #isOver = false;
  /** A login refused before the resumption was answered: pools refuse it with the subscription. */
  #refusal: MinerError | undefined;

  constructor(
    clock: Clock,
    plan: HandshakePlan,
    nextId: () => number,
    listener: HandshakeListener,
  ) {
    this.#clock = clock;
    this.#plan = plan;
    this.#nextId = nextId;
    this.#listener = listener;
  }

  /** True from `onUsable` on. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** True while a close by the pool may be its answer to configure or to the resumption. */
  get isAtRisk(): boolean {
    const { withConfigure, resumeId } = this.#plan;
    const hasRisk = (withConfigure && !this.#isConfigured) || resumeId !== undefined;
    return hasRisk && !this.#isSubscribed;
  }

  /** The requests that open the session, in the order that works with every pool; starts the deadlines. */
  begin(): readonly Request[] {
    const { agent, user, password, info, withConfigure, resumeId } = this.#plan;
    const requests: Request[] = [];
    if (withConfigure) requests.push(configureRequest(this.#ask("configure"), info));
    requests.push(subscribeRequest(this.#ask("subscribe"), agent, resumeId));
    requests.push(authorizeRequest(this.#ask("authorize"), user, password));
    return requests;
  }

  /** Takes an answer; false when it is not to one of these requests. */
  answer(response: Response): boolean {
    const step = this.#asked.get(response.id);
    if (step === undefined) return false;
    this.#asked.delete(response.id);
    if (step === "configure") this.#onConfigured(response);
    else if (step === "subscribe") this.#onSubscribed(response);
    else this.#onAuthorized(response);
    return true;
  }

  /** Cancels the deadlines. */
  stop(): void {
    this.#isOver = true;
    for (const cancel of this.#open.values()) cancel();
    this.#open.clear();
    this.#asked.clear();
  }

  #ask(step: Step): number {
    const id = this.#nextId();
    this.#asked.set(id, step);
    const { configureMs, handshakeMs } = this.#plan.timeouts;
    const timeoutMs = step === "configure" ? configureMs : handshakeMs;
    const cancel = this.#clock.after(timeoutMs, () => {
      // A late answer to configure still counts, as a change of the mask.
      if (step === "configure") this.#settle(step);
      else this.#listener.onFailed(new MinerError("POOL_SILENT", { request: step, timeoutMs }));
    });
    this.#open.set(step, cancel);
    return id;
  }

  #onConfigured(response: Response): void {
    this.#isConfigured = response.isOk;
    this.#listener.onConfigured(parseConfigureResult(response).versionMask);
    this.#settle("configure");
  }

  #onSubscribed(response: Response): void {
    const extranonce = parseSubscribeResult(response);
    if (
      extranonce === undefined ||
      !isUsableExtranonce(extranonce.extranonce1, extranonce.extranonce2Size)
    ) {
      const what = "unusable answer to mining.subscribe";
      const poolText = response.errorText ?? null;
      const error = new MinerError("POOL_PROTOCOL", { what, poolText });
      if (this.#plan.resumeId !== undefined && !response.isOk)
        this.#listener.onResumeRefused(error);
      else this.#listener.onFailed(error);
      return;
    }
    this.#isSubscribed = true;
    this.#listener.onSubscribed(extranonce);
    if (this.#refusal !== undefined) this.#listener.onAuthorizeRefused(this.#refusal);
    this.#settle("subscribe");
  }

  #onAuthorized(response: Response): void {
    if (response.isOk && response.result === true) {
      this.#settle("authorize");
      return;
    }
    const { user, resumeId } = this.#plan;
    const poolText = response.errorText ?? null;
    const error = new MinerError("POOL_AUTH_REFUSED", { user, poolText });
    if (resumeId !== undefined && !this.#isSubscribed) this.#refusal = error;
    else this.#listener.onAuthorizeRefused(error);
  }

  #settle(step: Step): void {
    this.#open.get(step)?.();
    this.#open.delete(step);
    if (this.#isOver || this.#isUsable || this.#open.size > 0) return;
    this.#isUsable = true;
    this.#listener.onUsable();
  }
}
