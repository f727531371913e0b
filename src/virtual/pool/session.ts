import { toHex, hex32 } from "../../lib/bytes.js";
import type { TypedEmitter } from "../../lib/events.js";
import { parseClientLine } from "./client-line.js";
import { configureResult } from "./configure.js";
import type { Connection } from "./connection.js";
import { DifficultySearch } from "./difficulty-search.js";
import type { Peer, PoolMessage } from "./faults/fault.js";
import type { FaultSet } from "./faults/fault-set.js";
import type { HeaderMemory } from "./header-memory.js";
import { notifyParams, type JobTemplate } from "./job-template.js";
import type { Ledger } from "./ledger.js";
import type { PoolEvents } from "./pool-events.js";
import { stratumError, type StratumError } from "./reject-reason.js";
import type { ResumeMemory, Subscription } from "./resume-memory.js";
import type { Settings } from "./settings.js";
import { judgeSubmit, type JudgedShare } from "./share-desk.js";
import { SentJobs } from "./sent-jobs.js";
import type { SentJob } from "./share-judge.js";
import { blockTarget, hashDifficulty, shareTarget } from "./share-target.js";

/** What all sessions of a pool share. */
export interface SessionHost {
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly events: TypedEmitter<PoolEvents>;
  readonly faults: FaultSet;
  /** Headers of the shares accepted so far, from all connections. */
  readonly headers: HeaderMemory;
  readonly subscriptions: ResumeMemory;
  nextExtranonce1(): Uint8Array;
  /** A job that no other session has. */
  makeJob(clean: boolean): JobTemplate;
  /** A share met the network target. */
  onBlockFound(): void;
}

/** The conversation with one miner. */
export class Session implements Peer {
  readonly number: number;
  readonly link: Connection;
  readonly #host: SessionHost;
  readonly #workers = new Set<string>();
  #subscription: Subscription | undefined;
  #hasExtranonceSubscribe = false;
  #versionMask: number | undefined;
  #getsJobs = false;
  #difficulty: number;
  #sentDifficulty: number | undefined;
  #lastSubmitAtMs: number;
  readonly #search: DifficultySearch | undefined;

  /** `number` counts the connections of the pool from 1. */
  constructor(host: SessionHost, connection: Connection, number: number) {
    this.number = number;
    this.link = connection;
    this.#host = host;
    this.#difficulty = host.settings.startDifficulty;
    const { vardiff, clock } = host.settings;
    this.#lastSubmitAtMs = clock.nowMs();
    this.#search =
      vardiff &&
      new DifficultySearch({
        ...{ vardiff, clock },
        difficulty: () => this.#difficulty,
        setDifficulty: (difficulty) => {
          this.setDifficulty(difficulty);
        },
      });
  }

  get isAuthorized(): boolean {
    return this.#workers.size > 0;
  }

  get lastSubmitAtMs(): number {
    return this.#lastSubmitAtMs;
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
        this.#subscribe(id, params);
        break;
      case "mining.authorize":
        this.#authorize(id, params);
        break;
      case "mining.suggest_difficulty":
        this.#suggestDifficulty(params);
        break;
      case "mining.extranonce.subscribe":
        this.#hasExtranonceSubscribe = true;
        this.#answer(id, method, true);
        break;
      case "mining.submit":
        this.#host.events.emit("submitLine", { atMs, connection: this.number, line });
        this.#submit(id, params, atMs);
        break;
      default:
        this.#refuse(id, method, [20, "Unknown method", null]);
    }
  }

  /** Sends a job, and before it the difficulty when that is new; nothing before subscribe. */
  announce(template: JobTemplate): void {
    const { settings, faults } = this.#host;
    const subscription = this.#subscription;
    if (!this.#getsJobs || subscription === undefined || faults.holdsJobs) return;
    if (this.#sentDifficulty !== this.#difficulty) {
      this.notify("mining.set_difficulty", [this.#difficulty]);
      this.#sentDifficulty = this.#difficulty;
    }
    const { extranonce1, extranonce2Size } = subscription;
    this.#sendJob({
      ...{ template, extranonce1, extranonce2Size },
      difficulty: this.#difficulty,
      target: shareTarget(this.#difficulty, settings.difficulty1Target),
      sentAtMs: settings.clock.nowMs(),
    });
  }

  repeatJob(): void {
    const newest = this.#subscription?.jobs.newest;
    if (newest !== undefined && this.#getsJobs)
      this.#sendJob({ ...newest, sentAtMs: this.#host.settings.clock.nowMs() });
  }

  /** Gives the difficulty to all later jobs, and one such job at once. */
  setDifficulty(difficulty: number): void {
    if (difficulty === this.#difficulty) return;
    this.#difficulty = difficulty;
    if (this.#getsJobs) this.announce(this.#host.makeJob(false));
  }

  /** Moves a miner that asked for it to another extranonce1, with a clean job. */
  changeExtranonce1(): void {
    const { extranonce2Size } = this.#subscription ?? {};
    if (this.#hasExtranonceSubscribe && extranonce2Size !== undefined)
      this.moveExtranonce(extranonce2Size);
  }

  moveExtranonce(extranonce2Size: number): void {
    const subscription = this.#subscription;
    if (subscription === undefined) return;
    // Both together keep their size: the coinbase says how long its script is.
    const size = subscription.extranonce1.length + subscription.extranonce2Size;
    const next = Buffer.alloc(Math.max(0, size - extranonce2Size), this.#host.nextExtranonce1());
    subscription.extranonce1 = next;
    subscription.extranonce2Size = extranonce2Size;
    this.notify("mining.set_extranonce", [toHex(next), extranonce2Size]);
    this.announce(this.#host.makeJob(true));
  }

  narrowVersionMask(mask: number): void {
    if (this.#versionMask === undefined) return;
    this.#versionMask &= mask;
    this.notify("mining.set_version_mask", [hex32(this.#versionMask)]);
  }

  stopVersionRolling(): void {
    this.#versionMask = undefined;
  }

  setDifficultyInsideJob(difficulty: number): void {
    this.#difficulty = difficulty;
    if (!this.#getsJobs) return;
    this.notify("mining.set_difficulty", [difficulty]);
    this.#sentDifficulty = difficulty;
  }

  revoke(): void {
    this.#workers.clear();
  }

  notify(method: string, params: readonly unknown[]): void {
    this.#send({ method, isAnswer: false, body: { params, id: null, method } });
  }

  /** Closes the connection. */
  close(): void {
    this.link.close();
  }

  /** Stops what still runs after the connection is closed. */
  onClosed(): void {
    this.#search?.stop();
    this.#getsJobs = false;
  }

  #sendJob(job: SentJob): void {
    const { ledger, events, settings } = this.#host;
    this.#subscription?.jobs.add(job);
    settings.witness?.onJob(this.number, job);
    this.notify("mining.notify", notifyParams(job.template));
    ledger.addJob(job.difficulty, job.sentAtMs);
    events.emit("jobSent", {
      atMs: job.sentAtMs,
      connection: this.number,
      jobId: String(job.template.id),
      clean: job.template.clean,
      difficulty: job.difficulty,
    });
  }

  #configure(id: number, params: readonly unknown[]): void {
    const result = configureResult(params, this.#host.settings.versionMask);
    if (result["version-rolling"] === true) this.#versionMask = this.#host.settings.versionMask;
    this.#answer(id, "mining.configure", result);
  }

  #subscribe(id: number, params: readonly unknown[]): void {
    const { settings, subscriptions } = this.#host;
    const [, sessionId] = params;
    if (sessionId !== undefined && settings.resume === "refused") {
      this.#refuse(id, "mining.subscribe", [20, "Unknown session", null]);
      return;
    }
    const isFirst = this.#subscription === undefined;
    if (settings.resume === "honoured") this.#subscription ??= subscriptions.find(sessionId);
    this.#subscription ??= subscriptions.add(
      this.#host.nextExtranonce1(),
      settings.extranonce2Size,
    );
    const { sessionId: given, extranonce1, extranonce2Size } = this.#subscription;
    const pair = ["mining.notify", given];
    this.#answer(id, "mining.subscribe", [[pair], toHex(extranonce1), extranonce2Size]);
    if (isFirst && settings.sendsJobsAfter === "subscribe") this.#startJobs();
  }

  #authorize(id: number, params: readonly unknown[]): void {
    const { settings, ledger, faults } = this.#host;
    const [user] = params;
    if (this.#subscription === undefined) {
      // Captured from ckpool: a text where others have an array.
      const body = { result: false, error: "Failed subscription", id };
      this.#send({ method: "mining.authorize", isAnswer: true, body });
      return;
    }
    const isKnown =
      typeof user === "string" &&
      (faults.authorize(user) ?? settings.users?.includes(user) ?? user !== "");
    if (!isKnown) {
      this.#refuse(id, "mining.authorize", stratumError("unauthorized"));
      return;
    }
    this.#workers.add(user);
    ledger.addWorker(user);
    this.#answer(id, "mining.authorize", true);
    if (!this.#getsJobs) this.#startJobs();
  }

  #suggestDifficulty([difficulty]: readonly unknown[]): void {
    // Captured from ckpool: closes when this comes before subscribe, and never answers it.
    if (this.#subscription === undefined) this.#breakOff();
    else if (typeof difficulty === "number" && difficulty > 0) this.#search?.suggest(difficulty);
  }

  #startJobs(): void {
    this.#getsJobs = true;
    // Who resumes a session may still send what was found for its jobs.
    this.announce(this.#host.makeJob(this.#subscription?.jobs.newest === undefined));
    this.#search?.start();
  }

  #submit(id: number, params: readonly unknown[], atMs: number): void {
    const { ledger, events, settings, faults, headers } = this.#host;
    const { clock } = settings;
    this.#lastSubmitAtMs = atMs;
    const judged = judgeSubmit(params, {
      isSubscribed: this.#subscription !== undefined,
      workers: this.#workers,
      jobs: this.#subscription?.jobs ?? new SentJobs(),
      versionMask: this.#versionMask,
      ...{ headers, clock },
    });
    const told = faults.judge(judged.verdict, this);
    settings.witness?.onShare({
      ...{ ...judged, atMs, params, connection: this.number },
      extranonce1: this.#subscription?.extranonce1,
      told: told === "ignored" ? undefined : told,
    });
    if (told === "ignored") return;
    const { submission, job, share } = judged;
    const worker = submission?.worker ?? "";
    const shareDifficulty = share && hashDifficulty(share.hash, settings.difficulty1Target);
    if (told === "accepted") {
      const difficulty = job?.difficulty ?? 0;
      this.#search?.add(difficulty);
      ledger.addAccepted(worker, difficulty, shareDifficulty ?? 0, atMs);
      this.#answer(id, "mining.submit", true);
    } else {
      // A name of somebody else is not charged with this miner's mistake.
      ledger.addRejected(this.#workers.has(worker) ? worker : undefined, told);
      this.#refuse(id, "mining.submit", stratumError(told));
    }
    events.emit("share", {
      ...{ atMs, connection: this.number, result: told, worker, jobId: submission?.jobId },
      ...{ difficulty: job?.difficulty, shareDifficulty, header: share?.header },
    });
    this.#checkBlock(judged);
  }

  #checkBlock({ verdict, share, job }: JudgedShare): void {
    if (verdict !== "accepted" || share === undefined || job === undefined) return;
    if (share.hash > blockTarget(job.template.nbits)) return;
    this.#host.ledger.addBlock();
    this.#host.onBlockFound();
  }

  #answer(id: number, method: string, result: unknown): void {
    this.#send({ method, isAnswer: true, body: { result, error: null, id } });
  }

  #refuse(id: number, method: string, error: StratumError): void {
    this.#send({ method, isAnswer: true, body: { result: false, error, id } });
  }

  #send(message: PoolMessage): void {
    this.#host.faults.send(message, this, ({ body }) => {
      this.link.send(body);
    });
  }

  #breakOff(): void {
    this.#host.ledger.addProtocolError();
    this.close();
  }
}
