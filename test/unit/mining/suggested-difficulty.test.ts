import { equal, ok } from "node:assert/strict";
import { MAINNET, virtualNetwork } from "../../../src/bitcoin/network.js";
import { targetFromDifficulty } from "../../../src/bitcoin/target.js";
import { suggestedDifficulty } from "../../../src/mining/suggested-difficulty.js";

const VIRTUAL = virtualNetwork();
const MAIN = [{ name: "main", quota: 1 }];

describe("the difficulty that a pool is asked for", () => {
  it("gives a share every 3 s", () => {
    const difficulty = suggestedDifficulty(100, MAINNET, { network: MAINNET, group: "main" }, MAIN);
    const sharesPerS = 100e12 / (difficulty * 2 ** 32);
    ok(Math.abs(sharesPerS - 1 / 3) < 1e-9);
  });

  it("is the same target, however the pool counts difficulty", () => {
    const [ours, theirs] = [VIRTUAL, MAINNET].map((network) =>
      targetFromDifficulty(
        suggestedDifficulty(100, VIRTUAL, { network, group: "main" }, MAIN),
        network,
      ),
    );
    ok(ours !== undefined && theirs !== undefined);
    ok(Math.abs(Number(ours) / Number(theirs) - 1) < 1e-6);
  });

  it("goes by the part of the hash power that the pool's group gets", () => {
    const quotas = [
      { name: "main", quota: 9 },
      { name: "friend", quota: 1 },
    ];
    const ask = (group: string): number =>
      suggestedDifficulty(100, MAINNET, { network: MAINNET, group }, quotas);
    ok(Math.abs(ask("main") / ask("friend") - 9) < 1e-9);
    // One that was taken out, or is only tried.
    equal(
      ask("gone"),
      suggestedDifficulty(100, MAINNET, { network: MAINNET, group: "main" }, MAIN),
    );
  });
});
