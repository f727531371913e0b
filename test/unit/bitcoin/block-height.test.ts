import { equal } from "node:assert/strict";
import { blockHeightOf } from "../../../src/bitcoin/block-height.js";

const COINBASE_START = `0100000001${"00".repeat(32)}ffffffff`;

describe("block height of a coinbase", () => {
  for (const [title, script, height] of [
    // Captured: public-pool to a Bitaxe.
    ["of mainnet", "170330c30d5075626c69632d506f6f6c", 901_936],
    ["of four bytes", "0a04000000015075", 16_777_216],
    ["of regtest, one byte", "0201ff", 255],
    ["of the first blocks, an opcode", "0251", 1],
    ["of block 16", "0260", 16],
    ["that is cut off", "170330c3", undefined],
    ["that is no push", "176a30c30d", undefined],
    ["of an empty push", "0200", undefined],
    ["that is missing", "", undefined],
  ] as const)
    it(`reads one ${title}`, () => {
      equal(blockHeightOf(Buffer.from(COINBASE_START + script, "hex")), height);
    });
});
