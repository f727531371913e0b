import { equal } from "node:assert/strict";
import fc from "fast-check";
import { RawMiner } from "./raw-miner.js";
import { withPool } from "./rig.js";

const METHODS = [
  "mining.configure",
  "mining.subscribe",
  "mining.authorize",
  "mining.suggest_difficulty",
  "mining.extranonce.subscribe",
  "mining.submit",
] as const;

describe("garbage at the test pool", () => {
  it("is survived, whatever the parameters of a request are", async () => {
    await withPool({}, async ({ pool }) => {
      const miner = await RawMiner.open(pool.port);
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...METHODS),
          fc.array(fc.jsonValue()),
          async (method, params) => {
            // Nothing is the answer to a suggestion, so a request that has one follows.
            if (JSON.stringify(params).length > 900) return;
            miner.write(`${JSON.stringify({ id: 0, method, params })}\n`);
            equal((await miner.call("mining.extranonce.subscribe", [])).result, true);
          },
        ),
        { numRuns: 300 },
      );
      equal(pool.stats().protocolErrors, 0);
      equal(pool.stats().accepted, 0);
    });
  });

  it("is survived, whatever the bytes are", async () => {
    await withPool({}, async ({ pool }) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
          const miner = new RawMiner(pool.port);
          miner.write(bytes);
          miner.write("\n\nno JSON\n");
          await miner.closed;
        }),
        { numRuns: 50 },
      );
      const bystander = await RawMiner.open(pool.port);
      equal((await bystander.call("mining.authorize", ["w", "x"])).result, true);
    });
  });
});
