import { numberOf, textOf, type PoolFaultTable } from "./fault.js";
import { EVERY_MS, PER_S } from "./parameters.js";

/** Faults of a pool that says far more than it should, and requests to go away. */
export const FLOOD_FAULTS: PoolFaultTable = {
  notifyStorm: {
    meaning: "New jobs without a pause.",
    parameters: {
      perS: PER_S,
      clean: { meaning: "What they say of older jobs.", oneOf: ["yes", "no"], fallback: "no" },
    },
    begin: (parameters, pool) => {
      pool.every(1000 / numberOf(parameters, "perS"), () => {
        pool.newJob();
      });
      return { shape: { clean: parameters["clean"] === "yes" } };
    },
  },
  staleNotifyFlood: {
    meaning: "Jobs of the block before come without a pause, each followed by a good one.",
    parameters: { perS: PER_S },
    begin: (parameters, pool) => {
      const old = Array.from({ length: 8 }, () => pool.makeJob(false));
      pool.newBlock();
      let count = 0;
      pool.every(1000 / numberOf(parameters, "perS"), () => {
        const job = old[count++ % old.length];
        for (const peer of pool.peers()) if (job !== undefined) peer.announce(job);
        pool.newJob();
      });
      return {};
    },
  },
  difficultyStorm: {
    meaning:
      "Difficulties without a pause, each a little different, the last before a job being right.",
    parameters: { perS: PER_S },
    begin: (parameters, pool) => {
      let count = 0;
      pool.every(1000 / numberOf(parameters, "perS"), () => {
        const difficulty = pool.difficulty() * (1 + (count++ % 100) / 10);
        for (const peer of pool.peers()) peer.notify("mining.set_difficulty", [difficulty]);
      });
      return {
        send: (message, _peer, next) => {
          if (message.method === "mining.notify")
            next({
              method: "mining.set_difficulty",
              isAnswer: false,
              body: { id: null, method: "mining.set_difficulty", params: [pool.difficulty()] },
            });
          next(message);
        },
      };
    },
  },
  messageFlood: {
    meaning: "Messages for the owner without a pause.",
    parameters: { perS: { ...PER_S, fallback: 500 } },
    begin: (parameters, pool) => {
      pool.every(1000 / numberOf(parameters, "perS"), () => {
        for (const peer of pool.peers())
          peer.notify("client.show_message", ["\u001b[2J".repeat(40)]);
      });
      return {};
    },
  },
  questionFlood: {
    meaning:
      "Questions to the miner without a pause: its version, a ping, a method that nobody has.",
    parameters: { perS: PER_S },
    begin: (parameters, pool) => {
      let id = 0;
      pool.every(1000 / numberOf(parameters, "perS"), () => {
        for (const method of ["client.get_version", "mining.ping", "client.no_such"])
          for (const peer of pool.peers())
            peer.link.sendText(JSON.stringify({ id: ++id, method, params: [] }));
      });
      return {};
    },
  },
  reconnectStorm: {
    meaning: "Miners are told to reconnect, again and again.",
    parameters: { everyMs: EVERY_MS },
    begin: (parameters, pool) => {
      const send = (): void => {
        for (const peer of pool.peers()) peer.notify("client.reconnect", []);
      };
      pool.every(numberOf(parameters, "everyMs"), send);
      send();
      return {};
    },
  },
  reconnectTo: {
    meaning: "Miners are told to go to another address.",
    parameters: {
      host: { meaning: "Where to.", textUpTo: 200 },
      port: { meaning: "TCP port.", minimum: 1, maximum: 65_535 },
      waitS: { meaning: "Seconds to wait before.", minimum: 0, maximum: 86_400, fallback: 0 },
      whom: {
        meaning: "Who: those that are connected now, or each connection once.",
        oneOf: ["now", "each"],
        fallback: "each",
      },
    },
    begin: (parameters, pool) => {
      const target = [textOf(parameters, "host"), numberOf(parameters, "port")];
      const told = new Set<number>();
      const tell = (): void => {
        for (const peer of pool.peers())
          if (peer.isAuthorized && !told.has(peer.number)) {
            told.add(peer.number);
            peer.notify("client.reconnect", [...target, numberOf(parameters, "waitS")]);
          }
      };
      if (parameters["whom"] === "each") pool.every(200, tell);
      tell();
      return {};
    },
  },
};
