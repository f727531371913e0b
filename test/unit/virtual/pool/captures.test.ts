import { equal } from "node:assert/strict";
import { ManualClock } from "../../../../src/lib/clock.js";
import { TestPool } from "../../../../src/virtual/pool/test-pool.js";
import { loadVectors } from "../../../fixtures/stratum/load-vectors.js";
import { RawMiner } from "./raw-miner.js";
import { templateOf, type NotifyParams } from "./wire-job.js";

const MAINNET_DIFFICULTY1 = 0xffffn << 208n;

interface CaptureLine {
  readonly t_ms: number;
  readonly from_?: "client" | "server";
  readonly line?: string;
}

interface Capture {
  readonly id: string;
  readonly lines: readonly CaptureLine[];
}

interface WireMessage {
  readonly id: number | null;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
}

describe("captured conversations at the test pool", () => {
  const sessions = loadVectors<Capture>("v1-captures").map(({ id, lines }) => ({
    id,
    messages: lines.flatMap(({ t_ms, from_, line }) =>
      line === undefined ? [] : [{ t_ms, from_, message: JSON.parse(line) as WireMessage }],
    ),
  }));
  const judged = sessions.filter(({ messages }) =>
    messages.some(({ message }) => message.method === "mining.submit"),
  );
  for (const { id, messages } of judged)
    it(`judges the shares of ${id} as the pool that was captured did`, async () => {
      const of = (method: string): readonly unknown[] =>
        messages.find(({ message }) => message.method === method)?.message.params ?? [];
      const subscribed = messages.find(({ message }) => Array.isArray(message.result))?.message;
      const [, extranonce1, extranonce2Size] = subscribed?.result as [unknown, string, number];
      const rolls = messages.some(({ message }) => message.method === "mining.configure");
      const clock = new ManualClock(parseInt(of("mining.notify")[7] as string, 16) * 1000);
      const pool = await TestPool.start({
        difficulty1Target: MAINNET_DIFFICULTY1,
        startDifficulty: of("mining.set_difficulty")[0] as number,
        firstExtranonce1: extranonce1,
        extranonce2Size,
        jobIntervalS: 0,
        blockIntervalS: 0,
        clock,
      });
      const worker = of("mining.authorize")[0] as string;
      const miner = await RawMiner.open(pool.port, { worker, rolls });
      let lastMs = 0;
      for (const { t_ms, message } of messages) {
        await clock.advance(t_ms - lastMs);
        lastMs = t_ms;
        if (message.method === "mining.notify") {
          const params = message.params as NotifyParams;
          const swapped = params[1].replace(/(..)(..)(..)(..)/g, "$4$3$2$1");
          pool.announce(templateOf(params, swapped));
        }
        if (message.method !== "mining.submit") continue;
        const answer = messages.find(
          (other) => other.from_ === "server" && other.message.id === message.id,
        );
        // The last share of one capture came after the pool had closed.
        if (answer === undefined) continue;
        const { result } = await miner.call("mining.submit", message.params ?? []);
        equal(result === true, answer.message.result === true, JSON.stringify(message.params));
      }
      miner.close();
      await pool.stop();
    });
});
