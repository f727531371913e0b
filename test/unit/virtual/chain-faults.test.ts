import { deepEqual, equal, ok } from "node:assert/strict";
import { checkParameters } from "../../../src/virtual/fault-parameters.js";
import { addUp, findFault } from "../../../src/virtual/faults.js";
import { jobFrame, Rig } from "./rig.js";

const HCN = 0x115a;

/** Six chips in three domains, hashing. */
function hashing(): Rig {
  const rig = new Rig({ chips: 6, domains: 3, nominalRailMv: 10_000 });
  rig.bringUp({ addresses: [0, 2, 4, 6, 8, 10], hashCountingNumber: HCN });
  return rig.send(jobFrame(0)).run(100);
}

function strike(rig: Rig, name: string, parameters: Record<string, unknown> = {}): void {
  const checked = checkParameters(findFault(name), parameters);
  rig.chain.setEffects(addUp([{ name, parameters: checked }]), rig.nowMs);
}

const idAddresses = (rig: Rig): number[] =>
  rig
    .readIds()
    .filter(({ isNonce }) => !isNonce)
    .map(({ byte6 }) => byte6);

describe("faults of a chain that hashes", () => {
  it("noNonces: all chips hash and answer, and none reports", () => {
    const rig = hashing();
    const { nonces } = rig.chain.state();
    strike(rig, "noNonces");
    rig.run(200);
    const state = rig.chain.state();
    equal(state.nonces, nonces);
    ok(state.hashrateThs > 0 && rig.chain.activity(0).hashingShare === 1);
    equal(idAddresses(rig).length, 6);
  });

  it("wrongNonces: a share of what is reported does not hold", () => {
    const rig = hashing();
    equal(rig.chain.state().wrongNonces, 0);
    strike(rig, "wrongNonces", { share: 0.5 });
    const before = rig.chain.state().nonces;
    rig.run(500);
    const { nonces, wrongNonces } = rig.chain.state();
    const share = wrongNonces / (nonces - before);
    ok(share > 0.3 && share < 0.7, String(share));
  });

  it("domainShorted: its chips and those behind them are silent, those before it are not", () => {
    const rig = hashing();
    strike(rig, "domainShorted", { domain: 1 });
    deepEqual(idAddresses(rig), [0, 2]);
    equal(rig.chain.activity(2).freqShare, 0);
    ok(rig.chain.activity(1).freqShare > 0);
  });

  it("domainOpen: no chip has power, and all have lost their state when it is mended", () => {
    const rig = hashing();
    strike(rig, "domainOpen");
    deepEqual(idAddresses(rig), []);
    rig.chain.setEffects(addUp([]), rig.nowMs);
    rig.hostBaud = 115_200;
    deepEqual(
      rig.readIds(9).map(({ byte6 }) => byte6),
      [0, 0, 0, 0, 0, 0],
    );
  });
});
