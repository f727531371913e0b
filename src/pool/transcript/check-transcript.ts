import type { Network } from "../../bitcoin/network.js";
import { parseResponse } from "../stratum-v1/responses.js";
import { ConnectionState, type Worker } from "./connection-state.js";
import { VERDICTS, type Verdict } from "./judge-submit.js";
import {
  closeSubmit,
  formatSubmitCheck,
  type OpenSubmit,
  type SubmitCheck,
  wasAccepted,
} from "./submit-check.js";
import { readTranscript, type TranscriptLine, type UnreadableLine } from "./transcript-lines.js";

/** A line that is JSON, and says something that cannot be used. */
export interface UnusableLine {
  readonly line: number;
  readonly unusable: string;
}

/** The last line of a check. */
export interface TranscriptTotals {
  readonly total: true;
  readonly submits: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly unanswered: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Accepted, and not good. */
  readonly acceptedButWrong: number;
  /** Good, and not accepted. */
  readonly refusedButGood: number;
  /** Sum of the difficulties of the jobs of accepted shares. */
  readonly acceptedDifficulty: number;
  /** Times that mining.subscribe was sent. */
  readonly sessions: number;
  /** Answers to nothing in the transcript, or too late to be waited for. */
  readonly strayAnswers: number;
  readonly unreadableLines: number;
  readonly unusableLines: number;
}

export type TranscriptItem = SubmitCheck | UnreadableLine | UnusableLine | TranscriptTotals;

// Decided: submits are printed in their order, so one without an answer holds up those behind it; no
// more of them than this, and for no longer.
const MAX_WAITING = 10_000;
const MAX_WAITING_S = 600;

// Seen: DATUM refuses a share of the block before 33 us ahead of the job that says so. Decided: as stale.
const EXPLANATION_S = 1;

// Requests other than shares that are never answered, as mining.suggest_difficulty mostly is.
const MAX_ASKED = 20_000;

type Request =
  | { readonly kind: "configure" | "subscribe" | "other" }
  | { readonly kind: "authorize"; readonly worker: Worker }
  | { readonly kind: "submit"; readonly submit: OpenSubmit };

/** Judges each submit of a transcript, in their order, and gives the totals last. Holds a bounded part of it. */
export async function* checkTranscript(
  chunks: AsyncIterable<Uint8Array>,
  network: Network,
): AsyncGenerator<TranscriptItem> {
  const checker = new TranscriptChecker(network);
  for await (const line of readTranscript(chunks)) yield* checker.take(line);
  yield* checker.end();
}

class TranscriptChecker {
  readonly #network: Network;
  readonly #state: ConnectionState;
  /** Requests without an answer by id, oldest first: some miners use an id again and again. */
  readonly #asked = new Map<string, Request[]>();
  /** Submits that are not printed yet, oldest first. */
  readonly #waiting = new Set<OpenSubmit>();
  readonly #verdicts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<
    Verdict,
    number
  >;
  readonly #counts = {
    submits: 0,
    accepted: 0,
    rejected: 0,
    unanswered: 0,
    acceptedButWrong: 0,
    refusedButGood: 0,
    acceptedDifficulty: 0,
    sessions: 0,
    strayAnswers: 0,
    unreadableLines: 0,
    unusableLines: 0,
  };
  #lastMethod: string | undefined;

  constructor(network: Network) {
    this.#network = network;
    this.#state = new ConnectionState(network);
  }

  *take(line: TranscriptLine | UnreadableLine): Generator<TranscriptItem> {
    if ("expected" in line) {
      this.#counts.unreadableLines += 1;
      yield line;
      return;
    }
    // What comes later explains nothing any more.
    yield* this.#closeDue(line.t, ({ closesAtS }) => closesAtS < line.t);
    const isRequest = typeof line.fields["method"] === "string";
    if (line.dir === ">" && isRequest) yield* this.#onRequest(line);
    else if (line.dir === "<") {
      const unusable = isRequest
        ? this.#state.onCall(line.text, line.t)
        : this.#onAnswer(line.fields, line.t);
      if (unusable !== undefined) {
        this.#counts.unusableLines += 1;
        yield { line: line.line, unusable };
      }
    }
    yield* this.#closeDue(line.t, ({ closesAtS }) => closesAtS <= line.t);
  }

  /** In their order: one that is not due holds up those behind it. */
  *#closeDue(t: number, isDue: (submit: OpenSubmit) => boolean): Generator<TranscriptItem> {
    for (const submit of this.#waiting) {
      const isLate = this.#waiting.size > MAX_WAITING || submit.t + MAX_WAITING_S < t;
      if (!(submit.isOver && isDue(submit)) && !isLate) break;
      yield this.#close(submit);
    }
  }

  *end(): Generator<TranscriptItem> {
    yield* this.#closeAll();
    const { submits, accepted, rejected, unanswered, ...rest } = this.#counts;
    yield {
      total: true,
      ...{ submits, accepted, rejected, unanswered },
      verdicts: this.#verdicts,
      ...rest,
    };
  }

  *#onRequest({ fields, line, t }: TranscriptLine): Generator<TranscriptItem> {
    const method = String(fields["method"]);
    const params: readonly unknown[] = Array.isArray(fields["params"]) ? fields["params"] : [];
    let request: Request = { kind: "other" };
    if (method === "mining.configure") {
      this.#state.configure();
      request = { kind: "configure" };
    } else if (method === "mining.subscribe") {
      yield* this.#openSession();
      request = { kind: "subscribe" };
    } else if (method === "mining.authorize")
      request = { kind: "authorize", worker: this.#state.authorize(String(params[0])) };
    else if (method === "mining.submit") {
      const id = fields["id"] ?? null;
      const first = this.#state.judge(fields["params"], t);
      const submit: OpenSubmit = {
        ...{ t, line, id, job: params[1] ?? null, first },
        ...{ answer: undefined, isOver: false, closesAtS: t },
      };
      this.#counts.submits += 1;
      this.#waiting.add(submit);
      request = { kind: "submit", submit };
    }
    this.#ask(fields["id"], request);
    this.#lastMethod = method;
  }

  /** A subscription after another one: the miner has connected anew, perhaps with a configure first. */
  *#openSession(): Generator<TranscriptItem> {
    this.#counts.sessions += 1;
    if (this.#counts.sessions === 1) return;
    yield* this.#closeAll();
    const hasConfigured = this.#lastMethod === "mining.configure";
    const configures = [...this.#asked].filter(
      ([, requests]) => requests.at(-1)?.kind === "configure",
    );
    this.#asked.clear();
    if (hasConfigured)
      for (const [id, requests] of configures) this.#asked.set(id, requests.slice(-1));
    this.#state.reopen(hasConfigured);
  }

  #ask(id: unknown, request: Request): void {
    const key = keyOf(id);
    if (key === undefined) return;
    const requests = this.#asked.get(key);
    if (requests === undefined) this.#asked.set(key, [request]);
    else requests.push(request);
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size <= MAX_ASKED) break;
      this.#asked.delete(oldest);
    }
  }

  /** Gives what is wrong with the answer, if something is. */
  #onAnswer(fields: Readonly<Record<string, unknown>>, t: number): string | undefined {
    const request = this.#answered(fields["id"]);
    // The id is looked at above, in any form that a miner may use.
    const response = parseResponse({ ...fields, id: 0 });
    if (request === undefined || response === undefined) {
      this.#counts.strayAnswers += 1;
      return undefined;
    }
    switch (request.kind) {
      case "configure":
        this.#state.onConfigured(response);
        return undefined;
      case "subscribe":
        return this.#state.onSubscribed(response) || !response.isOk
          ? undefined
          : "unusable answer to mining.subscribe";
      case "authorize":
        request.worker.isRefused = !(response.isOk && response.result === true);
        return undefined;
      case "submit":
        request.submit.answer = response;
        request.submit.isOver = true;
        request.submit.closesAtS = wasAccepted(response) ? t : t + EXPLANATION_S;
        return undefined;
      case "other":
        return undefined;
    }
  }

  #answered(id: unknown): Request | undefined {
    const key = keyOf(id);
    const requests = key === undefined ? undefined : this.#asked.get(key);
    if (key === undefined || requests === undefined) return undefined;
    let request = requests.shift();
    while (request?.kind === "submit" && request.submit.isOver) request = requests.shift();
    if (requests.length === 0) this.#asked.delete(key);
    return request;
  }

  *#closeAll(): Generator<TranscriptItem> {
    for (const submit of this.#waiting) yield this.#close(submit);
  }

  #close(submit: OpenSubmit): SubmitCheck {
    submit.isOver = true;
    this.#waiting.delete(submit);
    const check = closeSubmit(submit, this.#network);
    this.#count(check, wasAccepted(submit.answer));
    return check;
  }

  #count({ answer, verdict, agrees, poolDifficulty }: SubmitCheck, isAccepted: boolean): void {
    const counts = this.#counts;
    this.#verdicts[verdict] += 1;
    if (answer === null) counts.unanswered += 1;
    else if (isAccepted) counts.accepted += 1;
    else counts.rejected += 1;
    if (isAccepted) counts.acceptedDifficulty += poolDifficulty ?? 0;
    if (agrees === false && isAccepted) counts.acceptedButWrong += 1;
    else if (agrees === false) counts.refusedButGood += 1;
  }
}

/** A submit or the totals as a line for readers. */
export function formatCheckLine(item: SubmitCheck | TranscriptTotals): string {
  if (!("total" in item)) return formatSubmitCheck(item);
  const verdicts = Object.entries(item.verdicts)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`);
  return (
    `${item.submits} submits in ${item.sessions} sessions: ${verdicts.join(", ") || "none"}; ` +
    `${item.accepted} accepted (${item.acceptedButWrong} of them wrong), ` +
    `${item.rejected} rejected (${item.refusedButGood} of them good), ${item.unanswered} unanswered; ` +
    `${item.unreadableLines} unreadable lines, ${item.unusableLines} unusable, ` +
    `${item.strayAnswers} answers to nothing`
  );
}

/** Pools may answer a number with text. */
function keyOf(id: unknown): string | undefined {
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}
