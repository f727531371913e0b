import { numberOf, type PoolFaultTable, type PoolMessage } from "./fault.js";
import { EVERY_MS } from "./parameters.js";

const SIZE = { minimum: 0, maximum: 1_000_000 };

/** Faults of the two extranonces. */
export const EXTRANONCE_FAULTS: PoolFaultTable = {
  extranonce2SizeWrong: {
    meaning:
      "New sessions are told another size of extranonce2 than the one that shares must have.",
    parameters: { size: { ...SIZE, meaning: "Bytes that the miner is told." } },
    begin: (parameters) => ({
      send: subscribeAnswer(([subscriptions, extranonce1]) => [
        ...[subscriptions, extranonce1],
        numberOf(parameters, "size"),
      ]),
    }),
  },
  extranonce1Is: {
    meaning: "New sessions are told an extranonce1 that cannot be.",
    parameters: {
      what: { meaning: "What it is.", oneOf: ["notHex", "odd", "number", "null", "long"] },
    },
    begin: ({ what }) => ({
      send: subscribeAnswer(([subscriptions, extranonce1, size]) => {
        const texts: Readonly<Record<string, unknown>> = {
          notHex: "no hex!!",
          odd: `${String(extranonce1)}0`,
          number: 7,
          null: null,
          long: "00".repeat(200),
        };
        return [subscriptions, texts[String(what)], size];
      }),
    }),
  },
  extranonceMoves: {
    meaning: "Miners get another extranonce1, asked for or not, and with `size` another size too.",
    parameters: {
      everyMs: { ...EVERY_MS, fallback: 3000 },
      size: { meaning: "Bytes of extranonce2.", minimum: 0, maximum: 16, fallback: 4 },
    },
    begin: (parameters, pool) => {
      const move = (): void => {
        for (const peer of pool.peers()) peer.moveExtranonce(numberOf(parameters, "size"));
      };
      pool.every(numberOf(parameters, "everyMs"), move);
      move();
      return {};
    },
  },
};

/** A hook that changes the result of every good answer to subscribe. */
function subscribeAnswer(change: (result: readonly unknown[]) => readonly unknown[]) {
  return (message: PoolMessage, _peer: unknown, next: (message: PoolMessage) => void): void => {
    const { result } = message.body;
    const isIt = message.isAnswer && message.method === "mining.subscribe" && Array.isArray(result);
    next(isIt ? { ...message, body: { ...message.body, result: change(result) } } : message);
  };
}
