import { equal, ok } from "node:assert/strict";
import { MAINNET } from "../../../src/bitcoin/network.js";
import { parseLine } from "../../../src/pool/stratum-v1/messages.js";
import { loadVectors } from "../../fixtures/stratum/load-vectors.js";

interface Capture {
  readonly id: string;
  readonly lines: readonly { readonly from_?: string; readonly line?: string }[];
}

describe("what pools said in captured sessions (vectors v1-captures)", () => {
  for (const { id, lines } of loadVectors<Capture>("v1-captures"))
    it(`understands every line of ${id}`, () => {
      for (const { from_: from, line } of lines) {
        if (from !== "server" || line === undefined) continue;
        const message = parseLine(line, MAINNET);
        ok(message.kind === "call" || message.kind === "response", line);
        equal(message.kind === "call", line.includes('"method"'));
      }
    });
});
