import type { Clock } from "../../lib/clock.js";
import type { ErrorCode, ErrorContext, MinerError } from "../../lib/errors.js";
import { hexNumber } from "../../lib/bytes.js";
import { createPoolClient, type PoolClientDeps } from "../create-pool-client.js";
import type { PoolClient, PoolJob, PoolNotice, PoolSnapshot, PoolState } from "../pool-client.js";
import type { PoolSettings } from "../pool-settings.js";
import type { Endpoint, LinkSecurity } from "../transport/link.js";
import { type Finding, findingsOf, shareIntervalS } from "./findings.js";

export interface PoolProbeDeps extends PoolClientDeps {
  /** `createPoolClient` when left out. */
  readonly createClient?: typeof createPoolClient;
}

export interface PoolProbeLimits {
  /** For connection, login and first work together. */
  readonly timeoutMs: number;
  /** What the pool is to be used for; without it nothing is said about share rates and search space. */
  readonly hashrateThs?: number | undefined;
}

/** The work that the pool gave. */
export interface ProbedWork {
  readonly jobId: string | number;
  /** BIP34; null when the coinbase does not say. */
  readonly blockHeight: number | null;
  /** Clock of this machine less the time in the job. */
  readonly ageS: number;
  /** What the pool said of the first job that was seen. */
  readonly clean: boolean;
  readonly coinbaseBytes: number;
  readonly merkleBranches: number;
}

/** What a session with a pool showed. Plain JSON, without secrets. */
export interface PoolProbeReport {
  readonly name: string;
  readonly url: string;
  readonly user: string;
  readonly network: "mainnet" | "virtual";
  readonly isUsable: boolean;
  /** What speaks against the pool, the worst first. */
  readonly findings: readonly Finding[];
  /** Why there was no session with work; null when there was. */
  readonly error: { readonly code: ErrorCode; readonly context: ErrorContext } | null;
  readonly security: LinkSecurity | null;
  readonly remote: Endpoint | null;
  /** From the start, all three; null when it did not come so far. */
  readonly connectMs: number | null;
  readonly authorizeMs: number | null;
  readonly firstWorkMs: number | null;
  readonly difficulty: number | null;
  /** Mean time between shares at the given hash rate. */
  readonly shareIntervalS: number | null;
  readonly suggestedDifficulty: number | null;
  /** Version bits that may be rolled, `0x` and eight digits. */
  readonly versionMask: string | null;
  readonly extranonce1Size: number | null;
  readonly extranonce2Size: number | null;
  readonly work: ProbedWork | null;
  /** What the pool wanted to be shown. */
  readonly messages: readonly string[];
  /** What of the pool's lines could not be used. */
  readonly warnings: readonly string[];
}

// Decided: pools that answer a suggested difficulty or greet do it within this time after the first work.
const LISTEN_MS = 1_000;

const MAX_NOTICES = 20;

/**
 * Opens a session, waits for work and closes it again; sends no share. Never rejects for what a pool does. Takes
 * `timeoutMs` and a second at the most.
 * @throws what createPoolClient throws
 */
export function probePool(
  settings: PoolSettings,
  deps: PoolProbeDeps,
  limits: PoolProbeLimits,
): Promise<PoolProbeReport> {
  const client = (deps.createClient ?? createPoolClient)(settings, deps);
  return new Promise((resolve) => {
    const probe = new Probe(settings, client, deps.clock, limits, (report) => {
      resolve(report);
    });
    probe.start();
  });
}

class Probe {
  readonly #settings: PoolSettings;
  readonly #client: PoolClient;
  readonly #clock: Clock;
  readonly #limits: PoolProbeLimits;
  readonly #done: (report: PoolProbeReport) => void;
  readonly #startMs: number;
  readonly #notices: PoolNotice[] = [];
  readonly #listeners: (() => void)[] = [];
  #cancel: () => void = () => undefined;
  #connectMs: number | undefined;
  #authorizeMs: number | undefined;
  #firstWorkMs: number | undefined;
  #firstJob: PoolJob | undefined;
  #job: PoolJob | undefined;
  /** Of the session; gone from the client when that has ended. */
  #seen: PoolSnapshot | undefined;

  constructor(
    settings: PoolSettings,
    client: PoolClient,
    clock: Clock,
    limits: PoolProbeLimits,
    done: (report: PoolProbeReport) => void,
  ) {
    this.#settings = settings;
    this.#client = client;
    this.#clock = clock;
    this.#limits = limits;
    this.#done = done;
    this.#startMs = clock.nowMs();
  }

  start(): void {
    this.#listeners.push(
      this.#client.on("state", (state, error) => {
        this.#onState(state, error);
      }),
      this.#client.on("authorized", () => {
        this.#authorizeMs ??= this.#sinceStartMs();
        this.#seen = this.#client.snapshot();
      }),
      this.#client.on("job", (job) => {
        this.#onJob(job);
      }),
      this.#client.on("notice", (notice) => {
        if (this.#notices.length < MAX_NOTICES) this.#notices.push(notice);
      }),
    );
    this.#cancel = this.#clock.after(this.#limits.timeoutMs, () => {
      this.#finish(this.#client.snapshot().lastError);
    });
    this.#client.start();
  }

  #onState(state: PoolState, error: MinerError | undefined): void {
    if (state === "opening") {
      this.#connectMs ??= this.#sinceStartMs();
      this.#seen = this.#client.snapshot();
    }
    // Without an error it only follows the pool's wish to connect anew.
    if (state === "waiting" && error !== undefined) this.#finish(error);
  }

  #onJob(job: PoolJob): void {
    this.#job = job;
    this.#seen = this.#client.snapshot();
    if (this.#firstJob !== undefined) return;
    this.#firstJob = job;
    this.#firstWorkMs = this.#sinceStartMs();
    this.#cancel();
    this.#cancel = this.#clock.after(LISTEN_MS, () => {
      this.#finish(undefined);
    });
  }

  #finish(error: MinerError | undefined): void {
    this.#cancel();
    for (const remove of this.#listeners.splice(0)) remove();
    this.#client.stop();
    this.#done(this.#report(error));
  }

  #report(error: MinerError | undefined): PoolProbeReport {
    const { name, url, user, network } = this.#settings;
    const { hashrateThs } = this.#limits;
    const seen = this.#seen;
    const job = this.#job;
    const findings = findingsOf({
      error,
      job,
      hashrateThs,
      security: seen?.security,
      isConnected: this.#connectMs !== undefined,
      isAuthorized: this.#authorizeMs !== undefined,
      workAgeS: job === undefined ? undefined : this.#ageS(job),
      timeoutMs: this.#limits.timeoutMs,
    });
    return {
      name,
      url,
      user,
      network: network.name,
      isUsable: findings.every(({ severity }) => severity !== "unusable"),
      findings,
      error: error === undefined ? null : { code: error.code, context: error.context },
      security: seen?.security ?? null,
      remote: seen?.remote ?? null,
      connectMs: this.#connectMs ?? null,
      authorizeMs: this.#authorizeMs ?? null,
      firstWorkMs: this.#firstWorkMs ?? null,
      difficulty: job?.difficulty ?? null,
      shareIntervalS:
        job === undefined || hashrateThs === undefined
          ? null
          : shareIntervalS(job.difficulty, hashrateThs),
      suggestedDifficulty: seen?.suggestedDifficulty ?? null,
      versionMask: job === undefined ? null : hexNumber(job.versionMask, 8),
      extranonce1Size: seen?.extranonce1Size ?? null,
      extranonce2Size: seen?.extranonce2Size ?? null,
      work: job === undefined ? null : this.#work(job),
      messages: this.#textOf("pool-message"),
      warnings: [...this.#textOf("warning"), ...this.#textOf("ignored-line")],
    };
  }

  #work(job: PoolJob): ProbedWork {
    return {
      jobId: job.jobId,
      blockHeight: this.#seen?.blockHeight ?? null,
      ageS: this.#ageS(job),
      clean: this.#firstJob?.clean ?? job.clean,
      coinbaseBytes: job.coinbasePrefix.length + job.extranonce2Size + job.coinbaseSuffix.length,
      merkleBranches: job.merkleBranches.length,
    };
  }

  #ageS({ ntime }: PoolJob): number {
    return Math.round(this.#clock.unixMs() / 1000) - ntime;
  }

  #textOf(wanted: PoolNotice["kind"]): readonly string[] {
    return this.#notices.filter(({ kind }) => kind === wanted).map(({ text }) => text);
  }

  #sinceStartMs(): number {
    return this.#clock.nowMs() - this.#startMs;
  }
}
