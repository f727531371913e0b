import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { MAINNET } from "../../src/bitcoin/network.js";
import { ManualClock } from "../../src/lib/clock.js";
import { MinerError } from "../../src/lib/errors.js";
import { type PoolJob, type ShareOutcome, keySource } from "../../src/pool/pool-client.js";
import { StratumV1Client } from "../../src/pool/stratum-v1/stratum-v1-client.js";
import type { LinkListener } from "../../src/pool/transport/link.js";
import { notifyParams } from "../unit/pool/scripted-pool.js";

interface Asked {
  readonly id: number;
  readonly method: string;
}

/** A client whose network is a list: what it wrote can be answered, or not, in any order. */
class Bench {
  readonly clock = new ManualClock();
  readonly client: StratumV1Client;
  readonly jobs: PoolJob[] = [];
  readonly outcomes: ShareOutcome[] = [];
  readonly resolved: ShareOutcome[] = [];
  submitted = 0;
  #listener: LinkListener | undefined;
  #isOpen = false;
  #asked: Asked[] = [];

  constructor() {
    this.client = new StratumV1Client({
      ...{ url: "stratum+tcp://pool.example:3333", user: "a.b", password: "x" },
      ...{ agent: "headframe/0.0.0", network: MAINNET, clock: this.clock },
      ...{ nextKey: keySource(), random: () => 0, suggestDifficulty: () => 100 },
      openLink: (_, listener) => {
        this.#listener = listener;
        this.#isOpen = false;
        this.#asked = [];
        return {
          ...{ security: "none", remote: undefined, setReading: () => undefined },
          write: (text) => this.#note(text),
          close: () => {
            if (this.#listener === listener) this.#listener = undefined;
          },
        };
      },
    });
    this.client.on("job", (job) => this.jobs.push(job));
    this.client.on("shareOutcome", (_, outcome) => this.outcomes.push(outcome));
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = this.#listener !== undefined;
    this.#listener?.onOpen();
  }

  say(text: string): void {
    if (this.#isOpen) this.#listener?.onData(Buffer.from(text));
  }

  breakLink(): void {
    this.#listener?.onClose(new MinerError("POOL_UNREACHABLE", { reason: "test" }));
  }

  /** Answers the opening as a good pool does. */
  welcome(extranonce1: string): void {
    this.open();
    for (const { id, method } of [...this.#asked]) {
      if (method === "mining.configure") this.#answer(id, { "version-rolling": true });
      if (method === "mining.subscribe") this.#answer(id, [[], extranonce1, 4]);
      if (method === "mining.authorize") this.#answer(id, true);
    }
  }

  answerSubmit(which: number, line: (id: number) => string): void {
    const submits = this.#asked.filter(({ method }) => method === "mining.submit");
    const submit = submits[which % Math.max(1, submits.length)];
    if (submit !== undefined) this.say(`${line(submit.id)}\n`);
  }

  share(which: number, nonce: number): void {
    const job = this.jobs[which % Math.max(1, this.jobs.length)];
    if (job === undefined) return;
    this.submitted += 1;
    const { key: jobKey, poolKey, sessionKey, ntime, version, extranonce2Size } = job;
    void this.client
      .submit({
        jobKey,
        poolKey,
        sessionKey,
        ntime,
        nonce,
        version,
        extranonce2: Buffer.alloc(extranonce2Size),
      })
      .then((outcome) => this.resolved.push(outcome));
  }

  /** Every share that was put in is in exactly one place. */
  check(): void {
    const s = this.client.snapshot();
    equal(
      s.accepted + s.rejected + s.stale + s.lost + s.dropped + s.pending + s.held,
      this.submitted,
    );
    equal(this.outcomes.length, this.submitted - s.pending - s.held);
    const reasons = Object.values(s.rejectReasons).reduce((sum, count) => sum + count, 0);
    equal(reasons, s.rejected + s.stale);
    ok(s.pending === 0 || s.state === "ready" || s.state === "opening");
    equal(s.oldestUnansweredMs === undefined, s.pending === 0);
  }

  #note(text: string): boolean {
    for (const line of text.trimEnd().split("\n")) {
      ok(Buffer.byteLength(line) < 1023, line);
      const { id, method } = JSON.parse(line) as { id: number; method?: string };
      if (method !== undefined) this.#asked.push({ id, method });
    }
    return true;
  }

  #answer(id: number, result: unknown): void {
    this.say(`${JSON.stringify({ id, result, error: null })}\n`);
  }
}

type Command = (bench: Bench) => void | Promise<void>;

const json = (value: unknown): string => JSON.stringify(value);
const call = (method: string, ...params: readonly unknown[]): string =>
  `${json({ id: null, method, params })}\n`;

const answer = fc.constantFrom<(id: number) => string>(
  (id) => json({ id, result: true, error: null }),
  (id) => json({ id: String(id), result: true }),
  (id) => json({ id, result: null, error: [21, "Job not found", null] }),
  (id) => json({ id, result: false, error: null, "reject-reason": "Above target" }),
  (id) => json({ id, error: "Unhandled" }),
  (id) => json({ jsonrpc: "2.0", id, error: { code: 24, message: "Unauthorized worker" } }),
  (id) => `${json({ id, result: true })}\n${json({ id, result: false })}`,
  (id) => json({ id: id + 1000, result: true }),
);

const notify = fc
  .tuple(fc.nat(9), fc.constantFrom("A", "B"), fc.boolean(), fc.nat(20))
  .map(([id, prevhash, clean, second]) =>
    call(
      "mining.notify",
      ...notifyParams(String(id), { prevhash, clean, ntime: (0x6b029ac0 + second).toString(16) }),
    ),
  );

const line = fc.oneof(
  { weight: 4, arbitrary: notify },
  fc
    .constantFrom(1, 0.5, "16", -1, 1e300, null)
    .map((value) => call("mining.set_difficulty", value)),
  fc.constantFrom("00ff", "zz", "f".repeat(65)).map((value) => call("mining.set_target", value)),
  fc.constantFrom("00000001", "00000002", "0").map((e1) => call("mining.set_extranonce", e1, 4)),
  fc.constantFrom("1fffe000", "00000000", "x").map((mask) => call("mining.set_version_mask", mask)),
  fc.constantFrom(0, 5).map((wait) => call("client.reconnect", null, null, wait)),
  fc.json().map((value) => `${value}\n`),
  fc.string().map((text) => `${text}\n`),
  fc.constant(call("mining.notify", 1, 2, 3)),
  fc.constant('{"id":7,"method":"mining.what"}\n{"id":"v","method":"client.get_version"}\n'),
  fc.constant('{"id":null,"meth'),
);

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom("00000001", "00000002").map((e1) => (b: Bench) => {
      b.welcome(e1);
    }),
  },
  {
    weight: 6,
    arbitrary: line.map((text) => (b: Bench) => {
      b.say(text);
    }),
  },
  {
    weight: 8,
    arbitrary: fc.tuple(fc.nat(), fc.nat(30)).map(([which, nonce]) => (b: Bench) => {
      b.share(which, nonce);
    }),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(fc.nat(), answer).map(([which, text]) => (b: Bench) => {
      b.answerSubmit(which, text);
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom(1, 500, 10_000, 70_000)
      .map((ms) => (b: Bench) => b.clock.advance(ms)),
  },
  fc.constantFrom<Command>(
    (b) => {
      b.open();
    },
    (b) => {
      b.breakLink();
    },
    (b) => {
      b.client.stop();
    },
    (b) => {
      b.client.start();
    },
    (b) => {
      b.client.restart(new MinerError("POOL_SILENT", { silentMs: 1 }));
    },
  ),
);

describe("any course of a Stratum V1 session", () => {
  it("throws nothing, and every share has exactly one outcome", async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 60, size: "max" }), async (commands) => {
        const bench = new Bench();
        bench.client.start();
        bench.welcome("00000001");
        bench.say(call("mining.notify", ...notifyParams("1")));
        for (const act of commands) {
          await act(bench);
          bench.check();
        }
        bench.client.stop();
        await bench.clock.advance(1);
        const { pending, held, accepted: credited } = bench.client.snapshot();
        deepEqual([pending, held], [0, 0]);
        deepEqual(bench.outcomes.length, bench.submitted);
        deepEqual(bench.resolved.length, bench.submitted);
        accepted += credited;
      }),
      { numRuns: 200 },
    );
    ok(accepted > 0);
  });
});
