import { REJECT_REASONS, stratumError, type Verdict } from "../reject-reason.js";
import { numberOf, type Peer, type PoolFaultTable, type PoolMessage } from "./fault.js";
import { AFTER_SHARES } from "./parameters.js";

const SUBMIT = "mining.submit";

type Next = (message: PoolMessage) => void;

/** Faults of answers, above all of those to shares. */
export const ANSWER_FAULTS: PoolFaultTable = {
  rejectsAll: {
    meaning: "Every share is refused.",
    parameters: {
      reason: { meaning: "Why.", oneOf: [...REJECT_REASONS], fallback: "low-difficulty" },
      afterShares: AFTER_SHARES,
    },
    bitesLater: true,
    begin: (parameters, pool) => {
      let left = numberOf(parameters, "afterShares");
      if (left === 0) pool.bites();
      return {
        judge: (verdict) => {
          if (left-- > 0) return verdict;
          pool.bites();
          return parameters["reason"] as Verdict;
        },
      };
    },
  },
  creditsHalf: {
    meaning: "Every other good share is not credited.",
    parameters: {
      rest: {
        meaning: "What becomes of it.",
        oneOf: ["refused", "unanswered"],
        fallback: "refused",
      },
    },
    begin: ({ rest }) => {
      let count = 0;
      return {
        judge: (verdict) => {
          if (verdict !== "accepted" || ++count % 2 === 0) return verdict;
          return rest === "refused" ? "low-difficulty" : "ignored";
        },
      };
    },
  },
  answersLost: {
    meaning: "Of the answers to shares every so-manieth is lost.",
    parameters: { every: { meaning: "Which.", minimum: 1, maximum: 1e6, fallback: 3 } },
    begin: (parameters) => {
      let count = 0;
      return {
        send: answers(SUBMIT, (message, next) => {
          if (++count % numberOf(parameters, "every") !== 0) next(message);
        }),
      };
    },
  },
  answersLate: {
    meaning: "Answers to shares come late.",
    parameters: { ms: { meaning: "Milliseconds.", minimum: 1, maximum: 600_000, fallback: 2000 } },
    begin: (parameters, pool) => ({
      send: answers(SUBMIT, (message, next) => {
        pool.clock.after(numberOf(parameters, "ms"), () => {
          next(message);
        });
      }),
    }),
  },
  answersShuffled: {
    meaning: "Answers to shares are held back and come in reverse order.",
    parameters: { ms: { meaning: "Milliseconds.", minimum: 1, maximum: 600_000, fallback: 2000 } },
    begin: (parameters, pool) => {
      let held: (() => void)[] = [];
      const release = (): void => {
        for (const answer of held.reverse()) answer();
        held = [];
      };
      pool.every(numberOf(parameters, "ms"), release);
      return {
        send: answers(SUBMIT, (message, next) => {
          held.push(() => {
            next(message);
          });
        }),
        end: release,
      };
    },
  },
  answersDoubled: {
    meaning: "Every answer comes twice.",
    parameters: {},
    begin: () => ({
      send: (message, _peer, next) => {
        next(message);
        if (message.isAnswer) next(message);
      },
    }),
  },
  answersToNobody: {
    meaning: "Answers come in between to requests that were never made.",
    parameters: {},
    begin: () => ({
      send: (message, _peer, next) => {
        next(message);
        if (message.isAnswer)
          next({ ...message, body: { id: 987_654_321, result: false, error: [21, "no", null] } });
      },
    }),
  },
  idsAsText: {
    meaning: "Answers carry their id as text.",
    parameters: {},
    begin: () => ({
      send: changed((body) => ({ ...body, id: String(body["id"]) })),
    }),
  },
  errorAsText: {
    meaning: "Shares are refused now and then, with a text as error.",
    parameters: {},
    begin: () => refusesSome(() => ({ result: false, error: "Job not found" })),
  },
  resultMissing: {
    meaning: "Shares are refused now and then, by an answer without a result.",
    parameters: {},
    begin: () => refusesSome(() => ({ error: [21, "Job not found", null] })),
  },
  rejectReason: {
    meaning: "Shares are refused now and then in the way of classic ckpool: error is null.",
    parameters: {},
    begin: () => refusesSome(() => ({ "reject-reason": "Stale", result: false, error: null })),
  },
  errorMissing: {
    meaning: "Good answers have no error, or false, or an empty list for it.",
    parameters: {},
    begin: () => {
      let count = 0;
      return {
        send: changed(({ error, ...body }) => {
          if (error !== null) return { error, ...body };
          return [body, { ...body, error: false }, { ...body, error: [] }][count++ % 3] ?? body;
        }),
      };
    },
  },
};

/** A hook for the answers to one method. */
function answers(method: string, handle: (message: PoolMessage, next: Next) => void) {
  return (message: PoolMessage, _peer: Peer, next: Next): void => {
    if (message.isAnswer && message.method === method) handle(message, next);
    else next(message);
  };
}

/** A hook that changes the body of every answer. */
function changed(change: (body: PoolMessage["body"]) => PoolMessage["body"]) {
  return (message: PoolMessage, _peer: Peer, next: Next): void => {
    next(message.isAnswer ? { ...message, body: change(message.body) } : message);
  };
}

/** Refuses every fifth share as stale, in words of its own. */
function refusesSome(words: () => Readonly<Record<string, unknown>>) {
  let count = 0;
  const isRefusal = (message: PoolMessage): boolean =>
    JSON.stringify(message.body["error"]) === JSON.stringify(stratumError("stale"));
  return {
    judge: (verdict: Verdict): Verdict =>
      verdict === "accepted" && ++count % 5 === 0 ? "stale" : verdict,
    send: (message: PoolMessage, _peer: Peer, next: Next): void => {
      const { id } = message.body;
      const isIt = message.isAnswer && message.method === SUBMIT && isRefusal(message);
      next(isIt ? { ...message, body: { id, ...words() } } : message);
    },
  };
}
