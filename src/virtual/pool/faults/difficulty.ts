import { numberOf, textOf, type Peer, type PoolFaultTable, type PoolMessage } from "./fault.js";
import { EVERY_MS } from "./parameters.js";

/** Difficulties as they stand in the line; some are no JSON. */
const BAD_VALUES: Readonly<Record<string, string>> = {
  zero: "0",
  negative: "-1024",
  nan: '"NaN"',
  bareNan: "NaN",
  huge: "1e300",
  infinite: "1e400",
  tiny: "1e-320",
  text: '"difficult"',
  null: "null",
  object: '{"difficulty":1}',
  list: "[]",
  missing: "",
};

const SET = "mining.set_difficulty";

/** Faults of the share difficulty. */
export const DIFFICULTY_FAULTS: PoolFaultTable = {
  badDifficulty: {
    meaning: "A difficulty that cannot be is announced after each good one and again and again.",
    parameters: {
      value: { meaning: "What it is.", oneOf: Object.keys(BAD_VALUES) },
      everyMs: { ...EVERY_MS, fallback: 2000 },
    },
    begin: (parameters, pool) => {
      const value = BAD_VALUES[textOf(parameters, "value")] ?? "";
      const send = (peer: Peer): void => {
        peer.link.sendText(`{"id":null,"method":"${SET}","params":[${value}]}`);
      };
      for (const peer of pool.peers()) send(peer);
      pool.every(numberOf(parameters, "everyMs"), () => {
        for (const peer of pool.peers()) send(peer);
      });
      return {
        send: (message, peer, next) => {
          next(message);
          if (message.method === SET) send(peer);
        },
      };
    },
  },
  difficultyFlip: {
    meaning:
      "The difficulty changes inside a job, up and down in turn; it holds for the jobs after it.",
    parameters: {
      factor: { meaning: "Up by so much.", minimum: 1e-6, maximum: 1e6, fallback: 4 },
      everyMs: EVERY_MS,
    },
    begin: (parameters, pool) => {
      const base = pool.difficulty();
      let isUp = false;
      pool.every(numberOf(parameters, "everyMs"), () => {
        isUp = !isUp;
        const difficulty = isUp ? base * numberOf(parameters, "factor") : base;
        for (const peer of pool.peers()) peer.setDifficultyInsideJob(difficulty);
      });
      return {
        end: () => {
          pool.setDifficulty(base);
        },
      };
    },
  },
  difficultyIs: {
    meaning: "The difficulty is another, from a new job on.",
    parameters: { value: { meaning: "Difficulty.", minimum: 1e-6, maximum: 1e15 } },
    begin: (parameters, pool) => {
      const before = pool.difficulty();
      pool.setDifficulty(numberOf(parameters, "value"));
      return {
        open: (peer) => {
          peer.setDifficultyInsideJob(numberOf(parameters, "value"));
        },
        end: () => {
          pool.setDifficulty(before);
        },
      };
    },
  },
  difficultyAsText: {
    meaning: "Difficulties are numbers written as text.",
    parameters: {},
    begin: (_parameters, pool) => {
      pool.after(1, () => {
        pool.setDifficulty(pool.difficulty() * 2);
      });
      return {
        send: changed(({ body }) => {
          const [difficulty] = body["params"] as readonly [number];
          return { ...body, params: [String(difficulty)] };
        }),
      };
    },
  },
  difficultyAsTarget: {
    meaning: "Difficulties come as mining.set_target with the whole 256-bit target.",
    parameters: {},
    begin: (_parameters, pool) => {
      pool.after(1, () => {
        pool.setDifficulty(pool.difficulty() * 2);
      });
      return {
        send: changed(({ body }) => {
          const [difficulty] = body["params"] as readonly [number];
          const target = pool.target(difficulty).toString(16).padStart(64, "0");
          return { ...body, method: "mining.set_target", params: [target] };
        }),
      };
    },
  },
  versionBits: {
    meaning: "Bits that may roll are already set in the version of the jobs.",
    parameters: {
      bits: { meaning: "As a number.", minimum: 0, maximum: 0x1fff_ffff, fallback: 0x0c00_e000 },
    },
    begin: (parameters, pool) => {
      pool.after(1, () => {
        pool.newJob();
      });
      return { shape: { version: (0x2000_0000 | numberOf(parameters, "bits")) >>> 0 } };
    },
  },
  maskNarrows: {
    meaning:
      "Fewer version bits may roll from now on; the miner is told by mining.set_version_mask.",
    parameters: {
      mask: { meaning: "As a number.", minimum: 0, maximum: 0x1fff_ffff, fallback: 0x0000_e000 },
    },
    begin: (parameters, pool) => {
      for (const peer of pool.peers()) peer.narrowVersionMask(numberOf(parameters, "mask"));
      return {};
    },
  },
  maskAfterConfigure: {
    meaning:
      "mining.set_version_mask comes right after the answer to configure, as DATUM sends it.",
    parameters: {
      mask: { meaning: "As a number.", minimum: 0, maximum: 0x1fff_ffff, fallback: 0x00ff_e000 },
    },
    begin: (parameters) => ({
      send: (message, peer, next) => {
        next(message);
        if (message.isAnswer && message.method === "mining.configure")
          peer.narrowVersionMask(numberOf(parameters, "mask"));
      },
    }),
  },
  noVersionRolling: {
    meaning: "New sessions are refused version rolling.",
    parameters: {
      how: { meaning: "By what.", oneOf: ["false", "text", "missing"], fallback: "false" },
    },
    begin: ({ how }) => ({
      send: (message, peer, next) => {
        if (!message.isAnswer || message.method !== "mining.configure") {
          next(message);
          return;
        }
        peer.stopVersionRolling();
        next({ ...message, body: { ...message.body, result: REFUSALS[String(how)] ?? {} } });
      },
    }),
  },
};

const REFUSALS: Readonly<Record<string, object>> = {
  false: { "version-rolling": false },
  text: { "version-rolling": "not today" },
  missing: {},
};

/** A hook that changes the body of every set_difficulty. */
function changed(change: (message: PoolMessage) => PoolMessage["body"]) {
  return (message: PoolMessage, _peer: Peer, next: (message: PoolMessage) => void): void => {
    next(message.method === SET ? { ...message, body: change(message) } : message);
  };
}
