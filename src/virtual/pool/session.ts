import { hex32, toHex } from "../../lib/bytes.js";
import type { TypedEmitter } from "../../lib/events.js";
import { parseClientLine } from "./client-line.js";
import { configureResult } from "./configure.js";
import type { Connection } from "./connection.js";
import type { HeaderMemory } from "./header-memory.js";
import { notifyParams, type JobTemplate } from "./job-template.js";
import type { Ledger } from "./ledger.js";
import type { PoolEvents, ShareEvent } from "./pool-events.js";
import { stratumError, type RejectReason, type StratumError } from "./reject-reason.js";
import { SentJobs } from "./sent-jobs.js";
import type { Settings } from "./settings.js";
import { judgeShare, parseSubmission, type RebuiltShare } from "./share-judge.js";
import { blockTarget, hashDifficulty, shareTarget } from "./share-target.js";
import { clampDifficulty, retarget } from "./vardiff.js";

/** What all sessions of a pool share. */
export interface SessionHost {
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly events: TypedEmitter<PoolEvents>;
  /** Headers of the shares accepted so far, from all connections. */
  readonly headers: HeaderMemory;
  nextExtranonce1(): Uint8Array;
  /** A job that no other session has. */
  makeJob(clean: boolean): JobTemplate;
  /** A share met the network target. */
  onBlockFound(): void;
}

// The part of a share event that depends on how far the check came.
type Outcome = Pick<ShareEvent, "result" | "worker" | "jobId" | "difficulty"> & {
  readonly share?: RebuiltShare | undefined;
};

/** The conversation with one miner. */
export class Session {
  readonly #host: SessionHost;
  readonly #connection: Connection;
  readonly #number: number;
  readonly #workers = new Set<string>();
  readonly #jobs = new SentJobs();
  #extranonce1: Uint8Array | undefined;
  #hasExtranonceSubscribe = false;
  #versionMask: number | undefined;
  #getsJobs = false;
  #difficulty: number;
  #sentDifficulty: number | undefined;
  #suggestedMin = 0;
  #acceptedSinceRetarget = 0;
  #cancelRetarget: (() => void) | undefined;

  /** `number` counts the connections of the pool from 1. */
  constructor(host: SessionHost, connection: Connection, number: number) {
    this.#host = host;
    this.#connection = connection;
    this.#number = number;
    this.#difficulty = host.settings.startDifficulty;
  }

  /** Handles one line of the miner; `atMs` is the clock time at which it came in. */
  receive(line: string, atMs: number): void {
    const message = parseClientLine(line);
    if (message.is === "response") return;
    if (message.is === "invalid") {
      this.#breakOff();
      return;
    }
    const { id, method, params } = message;
    switch (method) {
      case "mining.configure":
        this.#configure(id, params);
        break;
      case "mining.subscribe":
        this.#subscribe(id);
        break;
      case "mining.authorize":
        this.#authorize(id, params);
        break;
      case "mining.suggest_difficulty":
        this.#suggestDifficulty(params);
        break;
      case "mining.extranonce.subscribe":
        this.#hasExtranonceSubscribe = true;
        this.#answer(id, true);
        break;
      case "mining.submit":
        this.#host.events.emit("submitLine", { atMs, connection: this.#number, line });
        this.#submit(id, params, atMs);
        break;
      default:
        this.#refuse(id, [20, "Unknown method", null]);
    }
  }

  /** Sends a job, and before it the difficulty when that is new; nothing before subscribe. */
  announce(template: JobTemplate): void {
    const { settings, ledger, events } = this.#host;
    if (!this.#getsJobs || this.#extranonce1 === undefined) return;
    if (this.#sentDifficulty !== this.#difficulty) {
      this.#notify("mining.set_difficulty", [this.#difficulty]);
      this.#sentDifficulty = this.#difficulty;
    }
    const sentAtMs = settings.clock.nowMs();
    this.#jobs.add({
      template,
      extranonce1: this.#extranonce1,
      extranonce2Size: settings.extranonce2Size,
      difficulty: this.#difficulty,
      target: shareTarget(this.#difficulty, settings.difficulty1Target),
      sentAtMs,
    });
    this.#notify("mining.notify", notifyParams(template));
    ledger.addJob(this.#difficulty, sentAtMs);
    events.emit("jobSent", {
      atMs: sentAtMs,
      connection: this.#number,
      jobId: template.id,
      clean: template.clean,
      difficulty: this.#difficulty,
    });
  }

  /** Gives the difficulty to all later jobs, and one such job at once. */
  setDifficulty(difficulty: number): void {
    if (difficulty === this.#difficulty) return;
    this.#difficulty = difficulty;
    if (this.#getsJobs) this.announce(this.#host.makeJob(false));
  }

  /** Moves a miner that asked for it to another extranonce1, with a clean job. */
  changeExtranonce1(): void {
    if (!this.#hasExtranonceSubscribe || this.#extranonce1 === undefined) return;
    this.#extranonce1 = this.#host.nextExtranonce1();
    const { extranonce2Size } = this.#host.settings;
    this.#notify("mining.set_extranonce", [toHex(this.#extranonce1), extranonce2Size]);
    this.announce(this.#host.makeJob(true));
  }

  sendText(line: string): void {
    this.#connection.sendText(line);
  }

  /** Closes the connection. */
  close(): void {
    this.#connection.close();
  }

  /** Stops what still runs after the connection is closed. */
  onClosed(): void {
    this.#cancelRetarget?.();
    this.#getsJobs = false;
  }

  #configure(id: number, params: readonly unknown[]): void {
    const result = configureResult(params, this.#host.settings.versionMask);
    if (result["version-rolling"] === true) this.#versionMask = this.#host.settings.versionMask;
    this.#answer(id, result);
  }

  #subscribe(id: number): void {
    const { settings } = this.#host;
    const isFirst = this.#extranonce1 === undefined;
    this.#extranonce1 ??= this.#host.nextExtranonce1();
    const subscriptions = [["mining.notify", hex32(this.#number)]];
    this.#answer(id, [subscriptions, toHex(this.#extranonce1), settings.extranonce2Size]);
    if (isFirst && settings.sendsJobsAfter === "subscribe") this.#startJobs();
  }

  #authorize(id: number, params: readonly unknown[]): void {
    const { settings, ledger } = this.#host;
    const [user] = params;
    if (this.#extranonce1 === undefined) {
      // Captured from ckpool: a text where others have an array.
      this.#connection.send({ result: false, error: "Failed subscription", id });
      return;
    }
    const isKnown = typeof user === "string" && (settings.users?.includes(user) ?? user !== "");
    if (!isKnown) {
      this.#refuse(id, stratumError("unauthorized"));
      return;
    }
    this.#workers.add(user);
    ledger.addWorker(user);
    this.#answer(id, true);
    if (!this.#getsJobs) this.#startJobs();
  }

  /** Documented: ckpool takes the suggestion as the lower limit of its own search. */
  #suggestDifficulty(params: readonly unknown[]): void {
    const { vardiff } = this.#host.settings;
    const [difficulty] = params;
    // Captured from ckpool: closes when this comes before subscribe, and never answers it.
    if (this.#extranonce1 === undefined) this.#breakOff();
    else if (vardiff !== undefined && typeof difficulty === "number" && difficulty > 0) {
      this.#suggestedMin = clampDifficulty(difficulty, vardiff);
      this.setDifficulty(this.#suggestedMin);
    }
  }

  #startJobs(): void {
    this.#getsJobs = true;
    this.announce(this.#host.makeJob(true));
    this.#scheduleRetarget();
  }

  #scheduleRetarget(): void {
    const { vardiff, clock } = this.#host.settings;
    if (vardiff === undefined) return;
    this.#cancelRetarget = clock.after(vardiff.retargetIntervalS * 1000, () => {
      const accepted = this.#acceptedSinceRetarget;
      this.#acceptedSinceRetarget = 0;
      const limits = { ...vardiff, min: Math.max(vardiff.min, this.#suggestedMin) };
      this.setDifficulty(retarget(this.#difficulty, accepted, vardiff.retargetIntervalS, limits));
      this.#scheduleRetarget();
    });
  }

  #submit(id: number, params: readonly unknown[], atMs: number): void {
    const { ledger, events, settings } = this.#host;
    const { share, ...outcome } = this.#judge(params);
    const { result, worker, difficulty = 0 } = outcome;
    const shareDifficulty = share && hashDifficulty(share.hash, settings.difficulty1Target);
    if (result === "accepted") {
      this.#acceptedSinceRetarget += difficulty;
      ledger.addAccepted(worker, difficulty, shareDifficulty ?? 0, atMs);
      this.#answer(id, true);
    } else {
      // A name of somebody else is not charged with this miner's mistake.
      ledger.addRejected(this.#workers.has(worker) ? worker : undefined, result);
      this.#refuse(id, stratumError(result));
    }
    events.emit("share", {
      ...outcome,
      atMs,
      connection: this.#number,
      shareDifficulty,
      header: share?.header,
    });
    if (result === "accepted" && share !== undefined) this.#checkBlock(share);
  }

  #judge(params: readonly unknown[]): Outcome {
    const { clock } = this.#host.settings;
    const nothing = { worker: "", jobId: undefined, difficulty: undefined };
    if (this.#extranonce1 === undefined) return { ...nothing, result: "not-subscribed" };
    const submission = parseSubmission(params);
    if (submission === undefined) return { ...nothing, result: "malformed" };
    const { worker, jobId } = submission;
    const refused = (result: RejectReason): Outcome => ({ ...nothing, worker, jobId, result });
    if (this.#workers.size === 0) return refused("unauthorized");
    if (!this.#workers.has(worker)) return refused("worker-mismatch");
    const job = this.#jobs.find(jobId, clock.nowMs());
    if (typeof job === "string") return refused(job);

    const { difficulty } = job;
    const judgement = judgeShare(submission, job, {
      unixS: Math.floor(clock.unixMs() / 1000),
      versionMask: this.#versionMask,
    });
    const { share } = judgement;
    if (!judgement.ok) return { worker, jobId, difficulty, share, result: judgement.reason };
    const isNew = this.#host.headers.add(judgement.share.header, clock.nowMs());
    return { worker, jobId, difficulty, share, result: isNew ? "accepted" : "duplicate" };
  }

  #checkBlock(share: RebuiltShare): void {
    const nbits = new DataView(share.header.buffer, share.header.byteOffset).getUint32(72, true);
    if (share.hash > blockTarget(nbits)) return;
    this.#host.ledger.addBlock();
    this.#host.onBlockFound();
  }

  #answer(id: number, result: unknown): void {
    this.#connection.send({ result, error: null, id });
  }

  #refuse(id: number, error: StratumError): void {
    this.#connection.send({ result: false, error, id });
  }

  #notify(method: string, params: readonly unknown[]): void {
    this.#connection.send({ params, id: null, method });
  }

  #breakOff(): void {
    this.#host.ledger.addProtocolError();
    this.close();
  }
}
