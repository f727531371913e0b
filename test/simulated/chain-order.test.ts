import { deepEqual, equal, match, ok } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { ChainSnapshot, Snapshot } from "../../src/telemetry/snapshot.js";
import { assertBuilt, headframe } from "./program.js";
import { rigs, type Rig, type RigOptions } from "./rig.js";

/** Its boards answer one at a time, and it has the fewest chips of those that have several boards. */
const ALONE: RigOptions = { machine: "s21-pro", config: { chainOrder: "find" } };
const SEARCH = ["off", "identify", "selfTest", "power", "chainOrder"];
const START = ["selfTest", "power", "bringUp", "hashing"];

const ttys = ({ chainOrder }: Snapshot): string[] => chainOrder.wires.map(({ tty }) => tty);
const phases = ({ state }: Snapshot): string[] => state.phases.map((phase) => phase.state);
const chainOf = ({ chains }: Snapshot, slot: number): ChainSnapshot | undefined =>
  chains.find((chain) => chain.slot === slot);

/** Levels of the enable line from now on, each change once, until `isOver`. */
async function enableLine(rig: Rig, isOver: () => Promise<boolean>): Promise<number[]> {
  const seen: number[] = [];
  while (!(await isOver())) {
    const { enableLine: level } = (await rig.truth()).supply;
    if (seen.at(-1) !== level) seen.push(level);
    await sleep(5);
  }
  return seen;
}

describe("which slot hangs on which tty", function () {
  this.timeout(180_000);
  before(assertBuilt);
  const rig = rigs();

  it("is asked of the hardware, kept, and not asked again", async () => {
    const mine = await rig.start({ ...ALONE, order: [2, 0, 1] });
    const { chainOrder, ...first } = await mine.untilMining(3);
    const wires = ["chain2.tty", "chain0.tty", "chain1.tty"];
    deepEqual(
      chainOrder.wires.map(({ tty, isProven }) => [tty, isProven]),
      wires.map((tty) => [tty, true]),
    );
    deepEqual(
      first.chains.map(({ tty }) => tty.split("/").at(-1)),
      wires,
    );
    deepEqual(phases({ chainOrder, ...first }), [...SEARCH, ...START]);
    deepEqual(first.troubles, []);
    // The right chain beside the right board: what befalls the board of a slot befalls its chain.
    await mine.fault({ name: "hangUp", chain: 0 });
    await mine.untilChain(0, "has lost its line", ({ state }) => state === "faulted");
    const { chains } = (await mine.status())!;
    deepEqual(
      chains.map(({ state }) => state),
      ["faulted", "hashing", "hashing"],
    );
    await mine.clear();
    await mine.untilMining();
    const { stdout } = await headframe(["status", "--data", mine.dataDir]);
    match(stdout, /^slots: 0 on chain2.tty, 1 on chain0.tty, 2 on chain1.tty; asked \d{4}-/m);
    equal(await mine.controller.stop(), 0);
    mine.startController();
    const again = await mine.untilMining(3);
    deepEqual(phases(again), ["off", "identify", ...START]);
    deepEqual([ttys(again), again.chainOrder.foundUnixMs], [wires, chainOrder.foundUnixMs]);
  });

  it("is found beside a slot that is empty, and on a tty that the board's file has for none", async () => {
    const faults = [{ name: "boardMissing", chain: 1 }];
    const mine = await rig.start({ ...ALONE, order: [3, 1, 0], faults });
    const snapshot = await mine.until("two chains hash", ({ chains }) => {
      return chains.filter(({ state }) => state === "hashing").length === 2;
    });
    deepEqual(
      snapshot.chainOrder.wires.map(({ tty, isProven }) => [tty, isProven]),
      [
        ["chain3.tty", true],
        ["chain1.tty", false],
        ["chain0.tty", true],
      ],
    );
    equal(chainOf(snapshot, 1)?.error?.code, "BOARD_MISSING");
  });

  it("is not asked where the owner tells it", async () => {
    const config = { chainOrder: ["chain1.tty", "chain0.tty", "chain2.tty"] };
    const mine = await rig.start({ ...ALONE, order: [1, 0, 2], config });
    const snapshot = await mine.untilMining(3);
    deepEqual(phases(snapshot), ["off", "identify", ...START]);
    deepEqual([snapshot.chainOrder.source, ttys(snapshot)], ["owner", config.chainOrder]);
  });

  it("hits another chain when it is wrong and a board is isolated: that chain is silent by name", async () => {
    const faults = [{ name: "sensorSilent", chain: 0 }];
    const mine = await rig.start({ machine: "s21-pro", order: [2, 1, 0], faults });
    const silent = await mine.untilChain(2, "is silent", ({ state }) => state === "faulted", 60);
    equal(silent.error?.code, "CHAIN_SILENT");
    const snapshot = (await mine.status())!;
    deepEqual(
      snapshot.chains.map(({ state }) => state),
      ["isolated", "hashing", "faulted"],
    );
    equal(snapshot.chainOrder.source, "data");
  });

  it("is asked anew by resume when a chain is silent on the tty that it had", async () => {
    const mine = await rig.start({ ...ALONE, chains: [0, 1] });
    deepEqual(ttys(await mine.untilMining()), ["chain0.tty", "chain1.tty"]);
    await mine.controller.stop();
    await mine.virtual.stop();
    // Another control board: slot 1 hangs where the slot hung that is not in use.
    await mine.startVirtual([0, 2, 1]);
    mine.startController();
    const doubted = await mine.until("slot 1 is doubted", ({ chainOrder, chains }) => {
      return chainOrder.wires[1]?.isDoubted === true && chains[0]?.state === "hashing";
    });
    ok(doubted.troubles.some(({ code }) => code === "CHAIN_ORDER_DOUBTED"));
    await mine.command("resume");
    const found = await mine.until("it is found", (seen) => ttys(seen)[1] === "chain2.tty");
    ok(phases(found).includes("chainOrder"));
    const { troubles } = await mine.untilMining(3);
    deepEqual(troubles, []);
  });

  it("cannot be asked of boards that answer only together, and says what to do", async () => {
    const mine = await rig.start({ machine: "s19k-pro", config: { chainOrder: "find" } });
    const { state } = await mine.until("it refuses", (seen) => seen.state.is === "fault");
    equal(state.error?.code, "CHAIN_ORDER_UNPROVEN");
    const { allow, fittedSlots } = state.error.context;
    match(String(allow), /chainOrder with the ttys by slot.*allowInferred with "chains"/);
    equal(fittedSlots, "0 1 2");
    deepEqual(
      state.phases.map((phase) => phase.state),
      ["off", "identify", "fault"],
    );
    equal((await mine.truth()).supply.railMv, 0);
  });

  it("tells itself where one such board is fitted alone", async () => {
    const faults = [0, 1].map((chain) => ({ name: "boardMissing", chain }));
    const mine = await rig.start({
      ...{ machine: "s19k-pro", config: { chainOrder: "find" } },
      ...{ order: [1, 2, 0], faults: [...faults, { name: "resetApart" }] },
    });
    const chain = await mine.untilChain(2, "hashes", ({ state }) => state === "hashing");
    match(chain.tty, /chain0\.tty$/);
  });

  it("is asked anew after a kill in the middle, with the power off in between", async () => {
    const mine = await rig.start({ ...ALONE, order: [2, 1, 0] });
    await mine.until("it is being asked", ({ state }) => state.is === "chainOrder");
    await mine.controller.kill();
    mine.startController();
    let isAsking = false;
    const levels = await enableLine(mine, async () => {
      isAsking = (await mine.status())?.state.is === "chainOrder";
      return isAsking;
    });
    // On while it was killed or cut already; off; and on again for the new search.
    deepEqual(levels.slice(-2), [1, 0]);
    const snapshot = await mine.untilMining(3);
    deepEqual(phases(snapshot), [...SEARCH, ...START]);
    deepEqual(ttys(snapshot), ["chain2.tty", "chain1.tty", "chain0.tty"]);
  });
});
