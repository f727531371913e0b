import type { Network } from "../../bitcoin/network.js";
import { targetFromDifficulty } from "../../bitcoin/target.js";
import { toHex } from "../../lib/bytes.js";
import { isUsableExtranonce, parseLine, type PoolCall } from "../stratum-v1/messages.js";
import {
  type Extranonce,
  parseConfigureResult,
  parseSubscribeResult,
  type Response,
} from "../stratum-v1/responses.js";
import { JobMemory } from "./job-memory.js";
import { type Judgement, judgeSubmit, parseSubmit, type Verdict } from "./judge-submit.js";

/** A name for which mining.authorize was sent. */
export interface Worker {
  isRefused: boolean;
}

/** A judgement with what later lines may still change in it. */
export interface FirstJudgement {
  readonly verdict: Verdict;
  readonly judgement: Judgement | undefined;
  readonly worker: Worker | undefined;
}

// Documented: the difficulty of V1 before the first mining.set_difficulty.
const INITIAL_DIFFICULTY = 1;

// Decided: more shares than a connection sends between two blocks, some 20 MB.
const MAX_REMEMBERED = 2 ** 18;

/** What both ends of the connection of a transcript know at one line of it. */
export class ConnectionState {
  readonly #network: Network;
  readonly #jobs = new JobMemory();
  readonly #workers = new Map<string, Worker>();
  /** Hashes of the shares that met their target since the last block. */
  readonly #sent = new Set<string>();
  #prevhash: Uint8Array | undefined;
  #extranonce: Extranonce | undefined;
  #terms: { readonly difficulty: number; readonly target: bigint };
  #poolMask: number | undefined;
  #hasConfigured = false;
  /** The mask that was given since the last mining.configure. */
  #newMask: number | undefined;

  constructor(network: Network) {
    this.#network = network;
    this.#terms = initialTerms(network);
  }

  /** Another connection opens; `hasConfigured` when its mining.configure stands before this line. */
  reopen(hasConfigured: boolean): void {
    this.#workers.clear();
    this.#terms = initialTerms(this.#network);
    this.#poolMask = hasConfigured ? this.#newMask : undefined;
    this.#hasConfigured = hasConfigured;
  }

  /** mining.configure was sent; until the answer comes what was granted before holds. */
  configure(): void {
    this.#hasConfigured = true;
    this.#newMask = undefined;
  }

  onConfigured(response: Response): void {
    this.#setMask(parseConfigureResult(response).versionMask);
  }

  /** False when the answer is unusable. Jobs of the connection before stay good with the same extranonce1. */
  onSubscribed(response: Response): boolean {
    const extranonce = parseSubscribeResult(response);
    if (
      extranonce === undefined ||
      !isUsableExtranonce(extranonce.extranonce1, extranonce.extranonce2Size)
    )
      return false;
    if (this.#extranonce === undefined || !isSame(this.#extranonce, extranonce))
      this.#jobs.withdrawAll();
    this.#extranonce = extranonce;
    return true;
  }

  /** mining.authorize was sent. Pools take it as done for the lines that follow it at once. */
  authorize(user: string): Worker {
    const worker = { isRefused: false };
    this.#workers.set(user, worker);
    return worker;
  }

  /** Takes a line of the pool that is no answer; gives what is wrong with it, if something is. */
  onCall(text: string, t: number): string | undefined {
    const message = parseLine(text, this.#network);
    if (message.kind === "call") return this.#apply(message.call, t);
    return message.kind === "unknown-call" || message.kind === "response"
      ? undefined
      : message.reason;
  }

  /** Judges a mining.submit by what holds now. */
  judge(params: unknown, t: number): FirstJudgement {
    const submit = parseSubmit(params);
    const refused = (verdict: Verdict): FirstJudgement => {
      return { verdict, judgement: undefined, worker: undefined };
    };
    if (submit === undefined) return refused("malformed");
    if (this.#extranonce === undefined) return refused("not-subscribed");
    const worker = this.#workers.get(submit.worker);
    const job = this.#jobs.find(submit.jobId);
    if (job === undefined)
      return refused(worker === undefined ? "worker-not-authorized" : "unknown-job");
    const judgement = judgeSubmit(submit, job, this.#poolMask, t);
    if (worker === undefined) return { verdict: "worker-not-authorized", judgement, worker };
    const isRepeated = judgement.verdict === "good" && !this.#remember(judgement);
    return { verdict: isRepeated ? "duplicate" : judgement.verdict, judgement, worker };
  }

  #apply(call: PoolCall, t: number): string | undefined {
    switch (call.method) {
      case "mining.notify": {
        const { prevhash } = call.job;
        if (this.#extranonce === undefined) return "mining.notify before mining.subscribe";
        if (this.#prevhash === undefined || Buffer.compare(this.#prevhash, prevhash) !== 0)
          this.#sent.clear();
        this.#prevhash = prevhash;
        this.#jobs.add({ notify: call.job, ...this.#extranonce, ...this.#terms, t });
        return undefined;
      }
      case "mining.set_difficulty":
      case "mining.set_target":
        this.#terms = { difficulty: call.difficulty, target: call.target };
        return undefined;
      case "mining.set_extranonce": {
        const extranonce2Size = call.extranonce2Size ?? this.#extranonce?.extranonce2Size;
        if (extranonce2Size === undefined) return "mining.set_extranonce before mining.subscribe";
        this.#extranonce = { extranonce1: call.extranonce1, extranonce2Size };
        return undefined;
      }
      case "mining.set_version_mask":
        if (!this.#hasConfigured) return "mining.set_version_mask without mining.configure";
        this.#setMask(call.mask);
        return undefined;
      default:
        return undefined;
    }
  }

  #setMask(mask: number | undefined): void {
    this.#poolMask = mask;
    this.#newMask = mask;
  }

  /** False when the same header was sent before. */
  #remember({ share }: Judgement): boolean {
    const hash = share === undefined ? "" : toHex(share.hashLe);
    if (this.#sent.has(hash)) return false;
    this.#sent.add(hash);
    for (const oldest of this.#sent) {
      if (this.#sent.size <= MAX_REMEMBERED) break;
      this.#sent.delete(oldest);
    }
    return true;
  }
}

function initialTerms(network: Network): { difficulty: number; target: bigint } {
  const difficulty = INITIAL_DIFFICULTY;
  return { difficulty, target: targetFromDifficulty(difficulty, network) };
}

function isSame(one: Extranonce, other: Extranonce): boolean {
  return (
    one.extranonce2Size === other.extranonce2Size &&
    Buffer.compare(one.extranonce1, other.extranonce1) === 0
  );
}
