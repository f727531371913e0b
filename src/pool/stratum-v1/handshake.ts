import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import type { PoolTimeouts } from "../pool-client.js";
import { isUsableExtranonce } from "./messages.js";
import {
  type Request,
  authorizeRequest,
  configureRequest,
  extranonceSubscribeRequest,
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
  /** False for pools that close the connection on mining.configure. */
  readonly withConfigure: boolean;
  /** Ask to be told of extranonce changes. */
  readonly withExtranonceSubscribe: boolean;
}

export interface HandshakeListener {
  onSubscribed(extranonce: SubscribeResult): void;
  /** Configure was answered: the granted mask, undefined for no rolling. */
  onConfigured(versionMask: number | undefined): void;
  /** Authorized, and every answer that work depends on is there. */
  onUsable(): void;
  onAuthorizeRefused(error: MinerError): void;
  onFailed(error: MinerError): void;
}

type Step = "configure" | "subscribe" | "authorize" | "extranonce-subscribe";

/** The opening of a session: configure, subscribe, authorize, sent together and answered in any order. */
export class Handshake {
  readonly #clock: Clock;
  readonly #plan: HandshakePlan;
  readonly #nextId: () => number;
  readonly #listener: HandshakeListener;
  readonly #asked = new Map<number, Step>();
  readonly #open = new Map<Step, () => void>();
  #isUsable = false;

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

  /** The requests that open the session, in the order that works with every pool; starts the deadlines. */
  begin(): readonly Request[] {
    const { agent, user, password, withConfigure } = this.#plan;
    const requests: Request[] = [];
    if (withConfigure) requests.push(configureRequest(this.#ask("configure")));
    requests.push(subscribeRequest(this.#ask("subscribe"), agent));
    requests.push(authorizeRequest(this.#ask("authorize"), user, password));
    return requests;
  }

  /** The requests that follow a good authorize. */
  continue(): readonly Request[] {
    if (!this.#plan.withExtranonceSubscribe) return [];
    const id = this.#nextId();
    this.#asked.set(id, "extranonce-subscribe");
    return [extranonceSubscribeRequest(id)];
  }

  /** Takes an answer; false when it is not to one of these requests. */
  answer(response: Response): boolean {
    const step = this.#asked.get(response.id);
    if (step === undefined) return false;
    this.#asked.delete(response.id);
    if (step === "configure") this.#onConfigured(response);
    else if (step === "subscribe") this.#onSubscribed(response);
    else if (step === "authorize") this.#onAuthorized(response);
    return true;
  }

  /** Cancels the deadlines. */
  stop(): void {
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
    this.#listener.onConfigured(parseConfigureResult(response).versionMask);
    this.#settle("configure");
  }

  #onSubscribed(response: Response): void {
    const extranonce = parseSubscribeResult(response);
    if (
      extranonce === undefined ||
      !isUsableExtranonce(extranonce.extranonce1, extranonce.extranonce2Size)
    ) {
      this.#listener.onFailed(
        new MinerError("POOL_PROTOCOL", {
          what: "unusable answer to mining.subscribe",
          poolText: response.errorText ?? null,
        }),
      );
      return;
    }
    this.#listener.onSubscribed(extranonce);
    this.#settle("subscribe");
  }

  #onAuthorized(response: Response): void {
    if (response.isOk && response.result === true) {
      this.#settle("authorize");
      return;
    }
    const { user } = this.#plan;
    const poolText = response.errorText ?? null;
    this.#listener.onAuthorizeRefused(new MinerError("POOL_AUTH_REFUSED", { user, poolText }));
  }

  #settle(step: Step): void {
    this.#open.get(step)?.();
    this.#open.delete(step);
    if (this.#isUsable || this.#open.size > 0) return;
    this.#isUsable = true;
    this.#listener.onUsable();
  }
}
