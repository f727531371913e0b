import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { CommandReply } from "../../src/app/machine-commands.js";
import { assertNoOwnFault } from "./load.js";
import { assertBuilt, headframe } from "./program.js";
import { Rig } from "./rig.js";
import type { VirtualTruth } from "./virtual-control.js";

/** What the fans of an S19k Pro must reach, and at which voltage its cores are opened. */
const MIN_RPM = 5000;
const OPEN_MV = 15_000;
/** The least duty of its fans. */
const FLOOR_PCT = 30;
/** A supply expresses voltages in steps and measures as finely as that. */
const NEAR_MV = 150;
const LOWEST_MHZ = 56.25;
const CLOCK_MHZ = 150;
const WAKE_LIMIT_MS = 10_000;
const CURTAIL_LIMIT_MS = 1000;

/** Looks at the truth again and again until it is told to stop. */
class Observer {
  readonly seen: { readonly truth: VirtualTruth; readonly inReset: readonly boolean[] }[] = [];
  readonly #rig: Rig;
  readonly #looking: Promise<void>;
  #isOver = false;

  constructor(rig: Rig) {
    this.#rig = rig;
    this.#looking = this.#look();
  }

  async stop(): Promise<Observer["seen"]> {
    this.#isOver = true;
    await this.#looking;
    return this.seen;
  }

  async #look(): Promise<void> {
    while (!this.#isOver) {
      const [truth, chains] = await Promise.all([this.#rig.truth(), this.#rig.virtualChains()]);
      this.seen.push({ truth, inReset: chains.map(({ isInReset }) => isInReset) });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

describe("a machine, from cold to hashing and under orders", function () {
  this.timeout(120_000);
  let mine: Rig;
  let start: Observer;

  before("start with somebody who looks", async () => {
    assertBuilt();
    mine = new Rig({ machine: "s19k-pro", config: { freqMHz: CLOCK_MHZ } });
    await mine.startPools();
    mine.writeConfig();
    await mine.startVirtual();
    start = new Observer(mine);
    mine.startController();
  });

  afterEach(function () {
    if (this.currentTest?.state === "failed") process.stderr.write(`${mine.report()}\n`);
  });

  after(() => mine.stop());

  it("switches on after fans and voltage are proven, and lets the chips go after that, all together", async () => {
    const { state } = await mine.untilMining(3);
    deepEqual(
      state.phases.map((phase) => phase.state),
      ["off", "identify", "selfTest", "power", "bringUp", "hashing"],
    );
    const seen = await start.stop();
    const on = seen.findIndex(({ truth }) => truth.supply.enableLine === 0);
    ok(on > 0, "it was off before");
    for (const { truth } of seen.slice(0, on)) equal(truth.supply.railMv, 0);
    const { truth, inReset } = seen[on]!;
    const areProven = ({ fans }: VirtualTruth): boolean =>
      fans.every(({ rpm, dutyPct }) => rpm >= MIN_RPM && dutyPct === 100);
    ok(seen.slice(0, on).some((each) => areProven(each.truth)));
    ok(truth.fans.every(({ dutyPct }) => dutyPct >= FLOOR_PCT));
    isNear(truth.supply.setpointMv, OPEN_MV);
    deepEqual(inReset, [true, true, true]);
    const free = seen.findIndex((each, index) => index > on && each.inReset.includes(false));
    isNear(seen[free]!.truth.supply.railMv, OPEN_MV);
    ok(
      seen.slice(free).some((each) => each.inReset.every((isIn) => !isIn)),
      "none waits for another",
    );
  });

  it("comes down to the voltage that it runs at", async () => {
    await mine.until("the rail is at its running voltage", ({ rail }) => {
      return Math.abs(Number(rail?.outputMv.value) - 13_200) < NEAR_MV;
    });
    isNear((await mine.truth()).supply.railMv, 13_200);
  });

  it("shows what it is fitted with, how hot and how fast, and what it takes", async () => {
    const snapshot = await mine.until("the readings are there", ({ powerW, efficiencyJPerTh }) => {
      return powerW.value !== null && efficiencyJPerTh.value !== null;
    });
    deepEqual(
      snapshot.boards.map(({ verdict, boardName, memory }) => [verdict, boardName, memory]),
      Array.from({ length: 3 }, () => ["usable", "BHB56902", "identity"]),
    );
    equal(new Set(snapshot.boards.map(({ serial }) => serial)).size, 3);
    const { fans, temperatures, supply, rail, hottestC } = snapshot;
    ok(fans.fans.length === 4 && fans.fans.every(({ isGood }) => isGood));
    ok(temperatures.length >= 6 && temperatures.every(({ tempC }) => Number(tempC) > 20));
    ok(Number(hottestC) > 20 && Number(hottestC) < 60);
    deepEqual([supply?.name, supply?.typeCode, supply?.calibration], ["apw12", 0x75, "block"]);
    equal(rail?.isOn, true);
    deepEqual(snapshot.troubles, []);
    const { stdout } = await headframe(["status", "--data", mine.dataDir]);
    for (const part of [
      /^hashing for /m,
      /^rail on, set to 1\d\.\d\d V, measured 1\d\.\d\d V; \d+ W estimated; \d+\.\d J\/TH$/m,
      /^supply apw12, type 0x75, .*calibrated$/m,
      /^fans \d+ %: \d{4} \d{4} \d{4} \d{4} rpm; hottest \d\d\.\d C, control board \d\d\.\d C$/m,
      /^cooling .*target 60 C$/m,
      /^1 +usable +BHB56902 +\S+ +inlet \d\d\.\d, outlet \d\d\.\d$/m,
    ])
      match(stdout, part);
  });

  it("pauses: no work, the chips clocked, and goes on at once", async () => {
    const reply = await order("pause");
    deepEqual([reply.order, reply.state, reply.isKept], ["paused", "hashing", true]);
    await mine.until("it is paused", ({ state }) => state.is === "paused");
    const before = (await mine.virtualChains()).map(({ jobs }) => jobs);
    equal((await order("pause")).isUnchanged, true);
    const { chains, state } = await mine.until("it has been paused for 3 s", (seen) => {
      return seen.state.sinceS > 3;
    });
    deepEqual(
      (await mine.virtualChains()).map(({ jobs }) => jobs),
      before,
    );
    deepEqual([state.order, ...chains.map(({ freqMHz }) => freqMHz)], ["paused", 150, 150, 150]);
    equal((await order("resume")).order, "mine");
    await mine.untilMining(3);
    assertNoOwnFault(mine);
  });

  it("sleeps at the lowest clock with the rail on, and wakes within ten seconds", async () => {
    await order("sleep");
    await mine.until("the clock is at its lowest", ({ state, chains }) => {
      return state.is === "asleep" && chains.every(({ freqMHz }) => freqMHz === LOWEST_MHZ);
    });
    const asleep = await mine.virtualChains();
    deepEqual(
      asleep.map(({ freqMHz }) => freqMHz),
      [LOWEST_MHZ, LOWEST_MHZ, LOWEST_MHZ],
    );
    ok((await mine.truth()).supply.railMv > 12_000);
    match(await refusal("pause"), /COMMAND_REFUSED.*"possible":"wake, curtail"/);
    const startMs = performance.now();
    await order("wake");
    const { chains } = await mine.until("all hash at their clock", (seen) => {
      return seen.chains.every(
        ({ state, freqMHz }) => state === "hashing" && freqMHz === CLOCK_MHZ,
      );
    });
    ok(performance.now() - startMs < WAKE_LIMIT_MS);
    deepEqual(
      chains.map(({ bringUps }) => bringUps),
      [1, 1, 1],
    );
    await mine.untilMining(3);
    assertNoOwnFault(mine);
  });

  it("changes clock and voltage while it hashes, and keeps them", async () => {
    const { pid } = (await mine.until("the controller answers", () => true)).process;
    const list = await mine.command("set", "freqMHz=125", "railMv=12900");
    deepEqual([list["freqMHz"], list["railMv"]], [125, 12_900]);
    isNear((await mine.truth()).supply.railMv, 12_900);
    const now = await mine.until("the chips run at the other clock", ({ chains }) => {
      return chains.every(({ state, freqMHz }) => state === "hashing" && freqMHz === 125);
    });
    deepEqual([now.process.pid, ...now.chains.map(({ bringUps }) => bringUps)], [pid, 1, 1, 1]);
    const { freqMHz, railMv } = JSON.parse(readFileSync(mine.configFile, "utf8")) as {
      freqMHz: number;
      railMv: number;
    };
    deepEqual([freqMHz, railMv], [125, 12_900]);
    match(await refusal("set", "railMv=15500"), /CONFIG_INVALID.*12000 to 15000 mV/);
    await mine.untilMining(3);
    assertNoOwnFault(mine);
  });

  it("is taken over without a gap in its power when the controller is restarted as planned", async () => {
    await mine.command("restart");
    equal(await mine.controller.ended, 0);
    const watching = new Observer(mine);
    mine.startController();
    const { state, chains } = await mine.untilMining(3);
    const seen = await watching.stop();
    deepEqual(
      state.phases.map((phase) => phase.state),
      ["off", "identify", "bringUp", "hashing"],
    );
    for (const { truth } of seen) {
      equal(truth.supply.enableLine, 0);
      ok(truth.supply.railMv > 12_000, `${truth.supply.railMv} mV`);
    }
    ok(seen.length > 100);
    deepEqual(
      chains.map(({ freqMHz }) => freqMHz),
      [125, 125, 125],
      "set-points as they were",
    );
    assertNoOwnFault(mine);
  });

  it("has no hash power a moment after curtail, says when, and measures it", async () => {
    const { receipt } = await order("curtail");
    ok(receipt!.tookMs < CURTAIL_LIMIT_MS, `${receipt!.tookMs} ms`);
    equal((await mine.truth()).supply.enableLine, 1);
    const { state } = await mine.until("the rail is measured as empty", (seen) => {
      return seen.state.is === "curtailed" && seen.state.curtailment?.confirmedBy === "readback";
    });
    equal(state.curtailment?.receivedUnixMs, receipt!.receivedUnixMs);
    ok((await mine.truth()).supply.railMv < 1000);
    deepEqual(
      (await mine.virtualChains()).map(({ isInReset }) => isInReset),
      [true, true, true],
    );
  });

  it("is still curtailed when the controller was killed", async () => {
    await mine.controller.kill();
    const watching = new Observer(mine);
    mine.startController();
    const snapshot = await mine.until("it is curtailed and knows what it is", (seen) => {
      return seen.state.is === "curtailed" && seen.boards.length === 3 && seen.state.sinceS > 3;
    });
    equal(snapshot.state.order, "curtailed");
    for (const { truth } of await watching.stop()) equal(truth.supply.enableLine, 1);
  });

  it("comes back with resume, without asking again what it is", async () => {
    await order("resume");
    const { state } = await mine.untilMining(3);
    deepEqual(
      state.phases.slice(-5).map((phase) => phase.state),
      ["curtailed", "selfTest", "power", "bringUp", "hashing"],
    );
    assertNoOwnFault(mine);
    ok((await mine.truth()).boards.every(({ isHarmed }) => !isHarmed));
  });

  it("goes off with the controller, chains in reset and fans not below their floor", async () => {
    equal(await mine.controller.stop(), 0);
    const { supply, fans } = await mine.truth();
    deepEqual([supply.enableLine, supply.isOn], [1, false]);
    ok(fans.every(({ dutyPct }) => dutyPct >= FLOOR_PCT));
    deepEqual(
      (await mine.virtualChains()).map(({ isInReset }) => isInReset),
      [true, true, true],
    );
  });

  async function order(command: string): Promise<CommandReply> {
    return (await mine.command(command)) as unknown as CommandReply;
  }

  async function refusal(...words: readonly string[]): Promise<string> {
    const { exitCode, stderr } = await headframe([...words, "--data", mine.dataDir, "--json"]);
    equal(exitCode, 1);
    return stderr;
  }
});

function isNear(millivolts: number | null, wantedMv: number): void {
  ok(Math.abs(Number(millivolts) - wantedMv) < NEAR_MV, `${millivolts} mV, wanted ${wantedMv} mV`);
}
