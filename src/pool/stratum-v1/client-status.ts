import type { MinerError } from "../../lib/errors.js";
import type { PoolHealth, PoolSnapshot, PoolState } from "../pool-client.js";
import { type JobBook, rollable } from "./job-book.js";
import type { StratumV1Session } from "./session.js";
import type { ShareDesk } from "./share-desk.js";
import type { ShareTally } from "./share-tally.js";
import type { StratumV1Options } from "./stratum-v1-options.js";

/** The parts of a client that a report looks at. */
interface ReportSources {
  readonly options: StratumV1Options;
  readonly jobs: JobBook;
  readonly tally: ShareTally;
  readonly desk: ShareDesk;
}

/** How a client stands and what it has counted, and the reports of both. */
export class ClientStatus {
  readonly #sources: ReportSources;
  state: PoolState = "stopped";
  /** Why the last session ended; undefined when none has, or a new one is ready. */
  lastError: MinerError | undefined;
  /** Since when shares can be sent. */
  usableSinceMs: number | undefined;
  /** Since when there is work too. */
  readySinceMs: number | undefined;
  failuresInARow = 0;
  sessions = 0;
  sessionResumed = 0;
  unknownReplies = 0;

  constructor(sources: ReportSources) {
    this.#sources = sources;
  }

  health(session: StratumV1Session | undefined): PoolHealth {
    const { options, jobs, tally, desk } = this.#sources;
    const nowMs = options.clock.nowMs();
    const hasWork = this.readySinceMs !== undefined;
    return {
      state: this.state,
      readySinceMs: this.readySinceMs,
      oldestUnansweredMs: desk.oldestMs,
      ...tally.health(nowMs),
      jobAgeMs: hasWork ? nowMs - jobs.newWorkAtMs : undefined,
      badJobsInARow: session?.badJobsInARow ?? 0,
      failuresInARow: this.failuresInARow,
      blockHeight: hasWork ? jobs.blockHeight : undefined,
    };
  }

  snapshot(session: StratumV1Session | undefined): PoolSnapshot {
    const { options, jobs, tally, desk } = this.#sources;
    const { readySinceMs, jobAgeMs, blockHeight, oldestUnansweredMs } = this.health(session);
    const nowMs = options.clock.nowMs();
    return {
      name: options.name ?? options.url,
      url: options.url,
      user: options.user,
      state: this.state,
      security: session?.link.security,
      remote: session?.link.remote,
      readySinceS: readySinceMs === undefined ? undefined : (nowMs - readySinceMs) / 1000,
      lastError: this.lastError,
      difficulty: session?.terms.difficulty ?? 1,
      suggestedDifficulty: session?.suggestedDifficulty,
      extranonce1Size: jobs.extranonce1Size,
      extranonce2Size: jobs.extranonce2Size,
      versionMask: rollable(0, session?.terms.poolMask),
      ...tally.snapshot(nowMs),
      pending: desk.pending,
      held: desk.held,
      oldestUnansweredMs,
      unknownReplies: this.unknownReplies,
      sessions: this.sessions,
      sessionResumed: this.sessionResumed,
      jobAgeMs,
      blockHeight,
      isSuspicious: session?.isSuspicious ?? false,
    };
  }
}
