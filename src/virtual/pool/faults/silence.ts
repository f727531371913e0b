import { parseClientLine } from "../client-line.js";
import { numberOf, type FaultHost, type FaultHooks, type PoolFaultTable } from "./fault.js";
import { AFTER_SHARES } from "./parameters.js";

/** Faults of a pool that says less than it should on a connection that stays open. */
export const SILENCE_FAULTS: PoolFaultTable = {
  silent: {
    meaning: "The pool takes connections, reads everything and says nothing.",
    parameters: { afterShares: AFTER_SHARES },
    bitesLater: true,
    begin: (parameters, pool) => {
      const { isOver, receive } = shareCount(pool, numberOf(parameters, "afterShares"));
      return {
        receive,
        write: (bytes, _peer, next) => {
          if (!isOver()) next(bytes);
        },
      };
    },
  },
  submitsUnanswered: {
    meaning: "Shares are booked but not answered; everything else goes on.",
    parameters: { afterShares: AFTER_SHARES },
    bitesLater: true,
    begin: (parameters, pool) => {
      const { isOver, receive } = shareCount(pool, numberOf(parameters, "afterShares"));
      return {
        receive,
        send: (message, _peer, next) => {
          if (!isOver() || message.method !== "mining.submit") next(message);
        },
      };
    },
  },
  jobsStop: {
    meaning: "Everything is answered, but no job comes any more.",
    parameters: {},
    begin: () => ({ holdsJobs: true }),
  },
  halfOpen: {
    meaning: "The connections stay open, but the pool neither reads nor writes; nor on new ones.",
    parameters: {},
    begin: (_parameters, pool) => {
      for (const peer of pool.peers()) peer.link.freeze();
      return {
        open: (peer) => {
          peer.link.freeze();
        },
        // They never come back to life; the miner learns it when it next writes.
        end: () => {
          for (const peer of pool.peers()) peer.link.reset();
        },
      };
    },
  },
  notReading: {
    meaning: "The pool goes on sending jobs but reads nothing, so that its window fills.",
    parameters: {},
    begin: (_parameters, pool) => {
      for (const peer of pool.peers()) peer.link.stopReading();
      return {
        // What waited is not to count as the shares of a miner that came back.
        end: () => {
          for (const peer of pool.peers()) peer.link.reset();
        },
      };
    },
  },
};

/** Counts submits until `limit` of them came; the fault bites from then on. */
function shareCount(
  pool: FaultHost,
  limit: number,
): { readonly isOver: () => boolean; readonly receive: NonNullable<FaultHooks["receive"]> } {
  let count = 0;
  if (limit === 0) pool.bites();
  return {
    isOver: () => count >= limit,
    receive: (line, _peer, next) => {
      next(line);
      const message = parseClientLine(line);
      if (message.is !== "request" || message.method !== "mining.submit") return;
      if (++count === limit) pool.bites();
    },
  };
}
