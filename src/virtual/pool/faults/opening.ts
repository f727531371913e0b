import { parseClientLine } from "../client-line.js";
import { numberOf, textOf, type Peer, type PoolFaultTable, type PoolMessage } from "./fault.js";

/** Faults of the first lines of a session: configure, subscribe, authorize. */
export const OPENING_FAULTS: PoolFaultTable = {
  authorizeRefused: {
    meaning: "New sessions are refused their worker.",
    parameters: {},
    begin: () => ({ authorize: () => false }),
  },
  authorizeRevoked: {
    meaning: "Workers lose their permission in mid-session and do not get it again.",
    parameters: {},
    begin: (_parameters, pool) => {
      for (const peer of pool.peers()) peer.revoke();
      return { authorize: () => false };
    },
  },
  answerLate: {
    meaning: "The answer to a method of the opening is late.",
    parameters: {
      method: {
        meaning: "Which.",
        oneOf: ["mining.configure", "mining.subscribe", "mining.authorize"],
      },
      ms: { meaning: "Milliseconds.", minimum: 1, maximum: 600_000, fallback: 3000 },
    },
    begin: (parameters, pool) => ({
      send: (message, _peer, next) => {
        if (!isAnswerTo(message, textOf(parameters, "method"))) next(message);
        else
          pool.clock.after(numberOf(parameters, "ms"), () => {
            next(message);
          });
      },
    }),
  },
  answerMissing: {
    meaning: "A method of the opening is never answered.",
    parameters: {
      method: {
        meaning: "Which.",
        oneOf: ["mining.configure", "mining.subscribe", "mining.authorize"],
      },
    },
    begin: (parameters) => ({
      send: (message, peer, next) => {
        if (!isAnswerTo(message, textOf(parameters, "method"))) next(message);
        else if (message.method === "mining.configure") peer.stopVersionRolling();
      },
    }),
  },
  answerIsError: {
    meaning: "A method of the opening is answered with an error.",
    parameters: {
      method: {
        meaning: "Which.",
        oneOf: ["mining.configure", "mining.subscribe", "mining.authorize"],
      },
    },
    begin: (parameters) => ({
      send: (message, peer, next) => {
        const { method } = message;
        if (!isAnswerTo(message, textOf(parameters, "method"))) {
          next(message);
          return;
        }
        if (method === "mining.configure") peer.stopVersionRolling();
        const { id } = message.body;
        next({ ...message, body: { id, result: null, error: [20, "Not supported.", null] } });
      },
    }),
  },
  subscribeAfterNotify: {
    meaning: "The first job comes before the answer to subscribe.",
    parameters: {},
    begin: () => {
      const held = new Map<Peer, () => void>();
      return {
        send: (message, peer, next) => {
          if (isAnswerTo(message, "mining.subscribe")) {
            held.set(peer, () => {
              next(message);
            });
            return;
          }
          next(message);
          if (message.method !== "mining.notify") return;
          held.get(peer)?.();
          held.delete(peer);
        },
      };
    },
  },
  configureCloses: {
    meaning: "mining.configure closes the connection without a word, as classic ckpool does.",
    parameters: {},
    begin: () => ({
      receive: (line, peer, next) => {
        const message = parseClientLine(line);
        if (message.is === "request" && message.method === "mining.configure") peer.link.close();
        else next(line);
      },
    }),
  },
  unknownCloses: {
    meaning: "Methods that every pool need not have close the connection.",
    parameters: {},
    begin: () => ({
      receive: (line, peer, next) => {
        const message = parseClientLine(line);
        const isKnown = message.is !== "request" || KNOWN.has(message.method);
        if (isKnown) next(line);
        else peer.link.close();
      },
    }),
  },
};

const KNOWN = new Set([
  "mining.configure",
  "mining.subscribe",
  "mining.authorize",
  "mining.submit",
]);

function isAnswerTo(message: PoolMessage, method: string): boolean {
  return message.isAnswer && message.method === method;
}
