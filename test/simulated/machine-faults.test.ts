import { deepEqual, equal } from "node:assert/strict";
import { assertBuilt } from "./program.js";
import { rigs } from "./rig.js";

const MACHINE = { machine: "s19k-pro" };

describe("a machine with a faulty part", function () {
  this.timeout(120_000);
  before(assertBuilt);
  const rig = rigs();

  it("mines on the boards that are there, also where chips answer only while no board is in reset", async () => {
    const mine = await rig.start({
      ...MACHINE,
      faults: [{ name: "resetApart" }, { name: "boardMissing", chain: 1 }],
    });
    const { chains, boards, state } = await mine.until("the others hash", ({ chains: all }) => {
      return all.filter((chain) => chain.state === "hashing").length === 2;
    });
    deepEqual(
      chains.map((chain) => [chain.state, chain.error?.code]),
      [
        ["hashing", undefined],
        ["isolated", "BOARD_MISSING"],
        ["hashing", undefined],
      ],
    );
    deepEqual([boards[1]?.verdict, boards[1]?.error?.code], ["isolated", "BOARD_MISSING"]);
    equal(state.is, "hashing");
  });

  it("stays off when its supply is silent, and says so", async () => {
    const mine = await rig.start({ ...MACHINE, faults: [{ name: "psuSilent" }] });
    const { state } = await mine.until("it gives up for now", (seen) => seen.state.is === "fault");
    deepEqual([state.error?.code, Number(state.retryInS) > 0], ["PSU_NO_ANSWER", true]);
    const { supply } = await mine.truth();
    deepEqual([supply.enableLine, supply.railMv], [1, 0]);
    await mine.clear();
    await mine.command("resume");
    await mine.untilMining(1);
  });
});
