import { numberOf, textOf, type PoolFaultTable, type FaultHost } from "./fault.js";
import { EVERY_MS } from "./parameters.js";

const NOTIFY = "mining.notify";

/** Bytes of an output at least: value, length, and the shortest of the scripts. */
const MIN_OUTPUT_BYTES = 31;

type Params = readonly unknown[];

/** What makes a job unusable: its parameters before and after. */
const DAMAGES: Readonly<Record<string, (params: Params) => Params>> = {
  prevhashShort: (params) => replaced(params, 1, String(params[1]).slice(2)),
  prevhashNotHex: (params) => replaced(params, 1, "z".repeat(64)),
  coinbaseNotHex: (params) => replaced(params, 2, `${String(params[2])}xy`),
  coinbaseOddHex: (params) => replaced(params, 3, `${String(params[3])}0`),
  branchShort: (params) => replaced(params, 4, ["00".repeat(31)]),
  branchesNoList: (params) => replaced(params, 4, "00"),
  nbitsZero: (params) => replaced(params, 6, "00000000"),
  nbitsNegative: (params) => replaced(params, 6, "04923456"),
  nbitsOverflow: (params) => replaced(params, 6, "ff123456"),
  ntimeText: (params) => replaced(params, 7, "noon"),
  tooFew: (params) => params.slice(0, 5),
  noParams: () => [],
};

/** Faults of jobs. */
export const JOB_FAULTS: PoolFaultTable = {
  cleanNever: {
    meaning: "clean_jobs is false in every job, also on a new block.",
    parameters: {},
    begin: () => ({ shape: { clean: false } }),
  },
  cleanAlways: {
    meaning: "clean_jobs is true in every job.",
    parameters: {},
    begin: () => ({ shape: { clean: true } }),
  },
  jobsRepeated: {
    meaning: "The running job is sent again as it is, as NiceHash does.",
    parameters: { everyMs: EVERY_MS },
    begin: (parameters, pool) => {
      pool.every(numberOf(parameters, "everyMs"), () => {
        for (const peer of pool.peers()) peer.repeatJob();
      });
      return {};
    },
  },
  sameJobId: {
    meaning: "All jobs have one id, and each another content.",
    parameters: {},
    begin: (_parameters, pool) => withNewJob(pool, { id: "same" }),
  },
  jobIdIs: {
    meaning: "Job ids are long and strange texts.",
    parameters: {
      text: { meaning: "What stands before the number.", textUpTo: 200, fallback: '0x~ %"ü/' },
    },
    begin: (parameters, pool) => withNewJob(pool, { idPrefix: textOf(parameters, "text") }),
  },
  jobIdAsNumber: {
    meaning: "Job ids are JSON numbers, and must come back as numbers.",
    parameters: {},
    begin: (_parameters, pool) => withNewJob(pool, { hasNumberId: true }),
  },
  extraJobElement: {
    meaning: "Jobs have one element more before clean_jobs.",
    parameters: {},
    begin: () => ({
      send: (message, _peer, next) => {
        if (message.method !== NOTIFY) next(message);
        else {
          const params = message.body["params"] as Params;
          const more = [...params.slice(0, -1), "extra", params.at(-1)];
          next({ ...message, body: { ...message.body, params: more } });
        }
      },
    }),
  },
  merkleBranches: {
    meaning: "Jobs have that many merkle branches.",
    parameters: { count: { meaning: "How many.", minimum: 0, maximum: 32 } },
    begin: (parameters, pool) =>
      withNewJob(pool, { merkleBranches: numberOf(parameters, "count") }),
  },
  coinbaseSize: {
    meaning: "The coinbase is at least so long, with outputs to hundreds.",
    parameters: { bytes: { meaning: "Bytes.", minimum: 0, maximum: 100_000, fallback: 16_000 } },
    begin: (parameters, pool) =>
      withNewJob(pool, {
        payouts: Math.ceil(numberOf(parameters, "bytes") / MIN_OUTPUT_BYTES) + 1,
      }),
  },
  ntimeOffset: {
    meaning: "The clock of the pool is wrong: the time in jobs is ahead or, negative, behind.",
    parameters: {
      seconds: { meaning: "Seconds.", minimum: -86_400, maximum: 6000, fallback: 3600 },
    },
    begin: (parameters, pool) =>
      withNewJob(pool, { ntimeOffsetS: numberOf(parameters, "seconds") }),
  },
  oldBlock: {
    meaning: "Work is on a block that others have left behind.",
    parameters: { blocks: { meaning: "How far.", minimum: 1, maximum: 1000, fallback: 1 } },
    begin: (parameters, pool) => {
      const fault = withNewJob(pool, { lagBlocks: numberOf(parameters, "blocks") });
      return {
        ...fault,
        end: () => {
          pool.after(1, () => {
            pool.newBlock();
          });
        },
      };
    },
  },
  emptyBlockFirst: {
    meaning:
      "Each clean job has no branches and is followed at once by one that has, as DATUM does.",
    parameters: {
      afterMs: { meaning: "Milliseconds later.", minimum: 1, maximum: 60_000, fallback: 50 },
    },
    begin: (parameters, pool) => ({
      shape: { cleanIsEmpty: true },
      send: (message, _peer, next) => {
        next(message);
        const params = message.body["params"] as Params | undefined;
        if (message.method === NOTIFY && params?.at(-1) === true)
          pool.after(numberOf(parameters, "afterMs"), () => {
            pool.newJob();
          });
      },
    }),
  },
  unusableJobs: {
    meaning: "Every job has a part that makes it useless.",
    parameters: { part: { meaning: "Which.", oneOf: Object.keys(DAMAGES) } },
    begin: (parameters, pool) => {
      const damage = DAMAGES[textOf(parameters, "part")];
      pool.every(1000, () => {
        pool.newJob();
      });
      return {
        send: (message, _peer, next) => {
          if (message.method !== NOTIFY || damage === undefined) next(message);
          else {
            const params = damage(message.body["params"] as Params);
            next({ ...message, body: { ...message.body, params } });
          }
        },
      };
    },
  },
};

function replaced(params: Params, at: number, value: unknown): Params {
  return params.map((param, index) => (index === at ? value : param));
}

/** A shape, and a job that has it at once. */
function withNewJob<Shape>(pool: FaultHost, shape: Shape): { readonly shape: Shape } {
  pool.after(1, () => {
    pool.newJob();
  });
  return { shape };
}
