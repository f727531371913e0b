import { difficultyOfHash } from "../../bitcoin/target.js";
import type { Network } from "../../bitcoin/network.js";
import { toHex } from "../../lib/bytes.js";
import { classifyReject } from "../stratum-v1/reject-reason.js";
import type { Response } from "../stratum-v1/responses.js";
import type { FirstJudgement } from "./connection-state.js";
import type { Verdict } from "./judge-submit.js";

/** One submit as `pool check --json` prints it. */
export interface SubmitCheck {
  /** Seconds of the transcript. */
  readonly t: number;
  /** Of the transcript, from 1. */
  readonly line: number;
  /** Id and job as the miner sent them. */
  readonly id: unknown;
  readonly job: unknown;
  /** 80 bytes hex; null, like hash and difficulty, when the header cannot be rebuilt. */
  readonly header: string | null;
  /** As block explorers print it: most significant byte first. */
  readonly hash: string | null;
  readonly difficulty: number | null;
  /** What the job asks for: the difficulty that held when it was announced. Null without a job. */
  readonly poolDifficulty: number | null;
  /** `accepted`, the pool's words, or null when no answer came. */
  readonly answer: string | null;
  /** What the share is, whatever the answer. */
  readonly verdict: Verdict;
  /** Whether the pool accepted what is good and refused what is not; null without an answer. */
  readonly agrees: boolean | null;
}

/** A submit whose answer may still come. */
export interface OpenSubmit {
  readonly t: number;
  readonly line: number;
  readonly id: unknown;
  readonly job: unknown;
  readonly first: FirstJudgement;
  answer: Response | undefined;
  /** Answered, or the answer is waited for no longer. */
  isOver: boolean;
  /** Seconds of the transcript; before, a line may come that explains the answer. */
  closesAtS: number;
}

/** Judges a submit for good, when its answer is there or will not come. */
export function closeSubmit(submit: OpenSubmit, network: Network): SubmitCheck {
  const { t, line, id, job, first, answer } = submit;
  const share = first.judgement?.share;
  const verdict = lastVerdict(first, answer);
  return {
    t,
    line,
    id,
    job,
    header: share === undefined ? null : toHex(share.header),
    hash: share === undefined ? null : toHex(Uint8Array.from(share.hashLe).reverse()),
    difficulty: share === undefined ? null : difficultyOfHash(share.hashLe, network),
    poolDifficulty: first.judgement?.job.difficulty ?? null,
    answer: answer === undefined ? null : answerText(answer),
    verdict,
    agrees: answer === undefined ? null : wasAccepted(answer) === (verdict === "good"),
  };
}

function lastVerdict(first: FirstJudgement, answer: Response | undefined): Verdict {
  const { verdict, judgement, worker } = first;
  if (worker?.isRefused === true) return "worker-not-authorized";
  if (verdict !== "good" || answer === undefined || wasAccepted(answer)) return verdict;
  // The pool had withdrawn the job when the share arrived; the line that says so was on its way.
  const isStale = classifyReject(answer.errorText, answer.errorCode) === "stale";
  return isStale && judgement?.job.isWithdrawn === true ? "stale-job" : verdict;
}

/** True when the pool took the share. */
export function wasAccepted(answer: Response | undefined): boolean {
  return answer?.isOk === true && answer.result === true;
}

function answerText(answer: Response): string {
  if (wasAccepted(answer)) return "accepted";
  const { errorText, errorCode } = answer;
  return errorText ?? (errorCode === undefined ? "rejected" : `rejected with code ${errorCode}`);
}

/** A check as a line for readers. */
export function formatSubmitCheck(check: SubmitCheck): string {
  const { difficulty, poolDifficulty, answer, verdict, agrees } = check;
  return [
    check.t.toFixed(6),
    agrees === false ? "DISAGREE" : verdict === "good" ? "ok" : "BAD",
    verdict,
    `job=${String(check.job)}`,
    `difficulty=${difficulty === null ? "-" : difficulty.toPrecision(6)}`,
    `of=${poolDifficulty ?? "-"}`,
    `answer=${answer ?? "none"}`,
    `hash=${check.hash ?? "-"}`,
  ].join(" ");
}
