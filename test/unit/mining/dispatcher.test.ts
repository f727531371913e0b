import { deepEqual, equal } from "node:assert/strict";
import { MAINNET, virtualNetwork, type Network } from "../../../src/bitcoin/network.js";
import { targetToLe } from "../../../src/bitcoin/target.js";
import { NONCE_VERDICTS, type NonceRecord } from "../../../src/hal/chain-port.js";
import { TypedEmitter } from "../../../src/lib/events.js";
import { Dispatcher, type JobTaker } from "../../../src/mining/dispatcher.js";
import type {
  PoolClient,
  PoolEvents,
  PoolHealth,
  PoolJob,
  PoolSnapshot,
  ShareOutcome,
  ShareSubmission,
} from "../../../src/pool/pool-client.js";
import { poolJob } from "./working-chain-port.js";

class FakePool extends TypedEmitter<PoolEvents> implements PoolClient {
  readonly key = 1;
  readonly submitted: ShareSubmission[] = [];

  start(): void {
    throw new Error("the dispatcher does not connect");
  }

  stop(): void {
    throw new Error("the dispatcher does not disconnect");
  }

  submit(share: ShareSubmission): Promise<ShareOutcome> {
    this.submitted.push(share);
    return Promise.resolve({ result: "accepted" });
  }

  snapshot(): PoolSnapshot {
    throw new Error("the dispatcher does not look");
  }

  restart(): void {
    throw new Error("the dispatcher does not reconnect");
  }

  health(): PoolHealth {
    throw new Error("the dispatcher does not judge");
  }

  owns(): boolean {
    return true;
  }
}

class FakeTaker implements JobTaker {
  readonly got: string[] = [];

  takeJob({ key }: PoolJob): void {
    this.got.push(`job ${key}`);
  }

  dropJob(): void {
    this.got.push("drop");
  }
}

describe("dispatcher", () => {
  let pool: FakePool;

  beforeEach(() => {
    pool = new FakePool();
  });

  function dispatcherOf(network: Network = MAINNET): Dispatcher {
    return new Dispatcher(pool, network);
  }

  it("brings every job to every chain in the turn in which it comes", () => {
    const dispatcher = dispatcherOf();
    const chains = [new FakeTaker(), new FakeTaker()];
    for (const chain of chains) dispatcher.add(chain);
    pool.emit("job", poolJob(1));
    pool.emit("job", poolJob(2));
    for (const { got } of chains) deepEqual(got, ["job 1", "job 2"]);
  });

  it("gives a chain that comes later the running job", () => {
    const dispatcher = dispatcherOf();
    pool.emit("job", poolJob(1));
    pool.emit("job", poolJob(2));
    const chain = new FakeTaker();
    dispatcher.add(chain);
    deepEqual(chain.got, ["job 2"]);
  });

  it("takes the work away when there is no pool, and gives none to chains that come then", () => {
    const dispatcher = dispatcherOf();
    const early = new FakeTaker();
    const late = new FakeTaker();
    dispatcher.add(early);
    pool.emit("job", poolJob(1));
    pool.emit("idle");
    dispatcher.add(late);
    pool.emit("job", poolJob(2));
    deepEqual(early.got, ["job 1", "drop", "job 2"]);
    deepEqual(late.got, ["job 2"]);
  });

  it("submits what meets the job's target and nothing else", () => {
    dispatcherOf().judge(NONCE_VERDICTS.map((verdict, index) => nonce(index, verdict)));
    deepEqual(
      pool.submitted.map((share) => share.nonce),
      [NONCE_VERDICTS.indexOf("share")],
    );
  });

  it("submits job, session, extranonce2, time, nonce and the whole version as they were found", () => {
    const found = nonce(77, "share");
    dispatcherOf().judge([found]);
    const { difficulty, ...share } = pool.submitted[0]!;
    const { jobKey, sessionKey, extranonce2, ntime, version } = found;
    deepEqual(share, { jobKey, sessionKey, extranonce2, ntime, version, nonce: 77 });
    equal(difficulty, 2);
  });

  it("states the difficulty as the pool's network counts it", () => {
    dispatcherOf(virtualNetwork(28)).judge([nonce(1, "share")]);
    equal(pool.submitted[0]?.difficulty, 2 * 2 ** 28);
  });

  /** A hash of difficulty 2 on the main network. */
  function nonce(number: number, verdict: NonceRecord["verdict"]): NonceRecord {
    return {
      ...{ verdict, nonce: number, jobKey: 5, sessionKey: 3, chipIndex: 0, core: 0, atUs: 0 },
      ...{ version: 0x2abc_e000, ntime: 1_700_000_001, extranonce2: Uint8Array.of(0, 7) },
      hashLe: targetToLe(MAINNET.difficulty1Target / 2n),
    };
  }
});
