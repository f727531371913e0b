import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigStore } from "../../../src/app/config-store.js";
import type { CurtailReceipt, MachineState } from "../../../src/app/life-cycle/machine-state.js";
import type { Order } from "../../../src/app/life-cycle/order.js";
import { MACHINE_COMMANDS } from "../../../src/app/life-cycle/possible-commands.js";
import type { SetPointPlan, SetPoints } from "../../../src/app/life-cycle/set-points.js";
import { MachineCommands } from "../../../src/app/machine-commands.js";
import { isMinerError, MinerError } from "../../../src/lib/errors.js";
import type { Reading } from "../../../src/power/rail-snapshot.js";

const RECEIPT: CurtailReceipt = {
  ...{ receivedUnixMs: 1000, powerOffUnixMs: 1002, tookMs: 2, isKept: true },
};
const HASHING: MachineState = { is: "hashing", slots: [0] };
const FAULT: MachineState = {
  ...{ is: "fault", error: new MinerError("PSU_NO_ANSWER"), failures: 1, retryAtMs: 5 },
};

describe("commands about the machine", () => {
  let folder: string;
  let file: string;
  let state: MachineState;
  let order: Order;
  let done: string[];
  let failedChains: number;
  let refusal: MinerError | undefined;
  let setPoints: SetPointPlan;
  let commands: MachineCommands;
  let setPointW: number | undefined;
  let curtailedW: number | undefined;
  let watts: Reading<number>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-commands-"));
    file = join(folder, "config.json");
    const pools = [{ url: "stratum+tcp://h:1", user: "a" }];
    writeFileSync(file, JSON.stringify({ machine: "s19k-pro", controlBoard: "virtual", pools }));
    state = HASHING;
    order = "mine";
    done = [];
    failedChains = 0;
    refusal = undefined;
    setPointW = curtailedW = undefined;
    watts = { value: 2500.4, ageS: 1, evidence: "measured" };
    setPoints = { freqMHz: 540, railMv: 13_200, openMv: 15_000, sleepMHz: 56.25 };
    commands = new MachineCommands({
      life: {
        get state() {
          return state;
        },
        get setPoints() {
          return setPoints;
        },
        give: (given) => {
          done.push(given);
          order = given;
          return Promise.resolve(true);
        },
        retry: () => {
          done.push("retry");
          return failedChains > 0;
        },
        curtail: () => {
          done.push("curtail");
          order = "curtailed";
          return Promise.resolve(RECEIPT);
        },
        change: (points: SetPoints) => {
          done.push(`${points.freqMHz} MHz ${points.railMv} mV`);
          if (refusal !== undefined) return Promise.reject(refusal);
          setPoints = { ...setPoints, ...points };
          return Promise.resolve();
        },
      },
      orders: {
        get order() {
          return order;
        },
      },
      power: {
        get setPointW() {
          return setPointW;
        },
        get isCurtailed() {
          return curtailedW !== undefined;
        },
        leastW: 268,
        get powerW() {
          return watts;
        },
        get lastPowerW() {
          return watts;
        },
        get judgedW() {
          return watts;
        },
        assertPossible: (field, value) => {
          if (value < 268) throw new MinerError("POWER_TARGET_REFUSED", { field, value });
        },
        setPoint: (powerW) => {
          setPointW = powerW;
        },
        curtailTo: (toW) => {
          curtailedW = toW;
          return Promise.resolve(true);
        },
        reached: (waitMs) => {
          done.push(`wait ${waitMs}`);
          watts = { ...watts, value: 1480 };
          return Promise.resolve(true);
        },
      },
      store: new ConfigStore(file),
      assertReachable: (freqMHz) => {
        if (freqMHz === 600) throw new MinerError("PLL_UNREACHABLE", { freqMHz });
      },
    });
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const written = (): Record<string, unknown> =>
    JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;

  /** What comes of every command in a state, under an order. */
  async function outcomes(now: MachineState, ordered: Order): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const command of MACHINE_COMMANDS) {
      state = now;
      order = ordered;
      done = [];
      try {
        const { isUnchanged } = await commands.give(command);
        found[command] = isUnchanged ? "unchanged" : done.join(" ");
      } catch (error) {
        found[command] = isMinerError(error, "COMMAND_REFUSED")
          ? `refused: ${error.context["possible"]}`
          : String(error);
      }
    }
    return found;
  }

  it("do what is possible, say so when nothing is to be done, and name what is possible else", async () => {
    const pausing = { sleep: "asleep", curtail: "curtail" };
    deepEqual(await outcomes(HASHING, "mine"), {
      ...{ pause: "paused", resume: "unchanged", wake: "unchanged", ...pausing },
    });
    deepEqual(await outcomes({ is: "paused", slots: [0] }, "paused"), {
      ...{ pause: "unchanged", resume: "mine retry", ...pausing },
      wake: "refused: resume, sleep, curtail",
    });
    deepEqual(await outcomes({ is: "asleep", slots: [0] }, "asleep"), {
      ...{ pause: "refused: wake, curtail", resume: "refused: wake, curtail" },
      ...{ sleep: "unchanged", wake: "mine", curtail: "curtail" },
    });
    const receipt = { receipt: RECEIPT, confirmation: null };
    deepEqual(await outcomes({ is: "curtailed", ...receipt }, "curtailed"), {
      ...{ pause: "refused: resume", sleep: "refused: resume", wake: "refused: resume" },
      ...{ resume: "mine retry", curtail: "unchanged" },
    });
    deepEqual(await outcomes(FAULT, "mine"), {
      ...{ pause: "refused: resume, curtail", sleep: "refused: resume, curtail" },
      ...{ wake: "refused: resume, curtail", resume: "mine retry", curtail: "curtail" },
    });
    deepEqual(await outcomes({ is: "identify" }, "paused"), {
      ...{ pause: "unchanged", resume: "mine retry", ...pausing },
      wake: "refused: resume, sleep, curtail",
    });
    for (const said of Object.values(await outcomes({ is: "stopping" }, "mine")))
      equal(said, "refused: nothing");
  });

  it("name state, order and what is possible in a refusal", async () => {
    state = { is: "asleep", slots: [0] };
    order = "asleep";
    await rejects(commands.give("pause"), (error: MinerError) => {
      deepEqual(
        [error.code, error.context],
        [
          "COMMAND_REFUSED",
          { command: "pause", state: "asleep", order: "asleep", possible: "wake, curtail" },
        ],
      );
      return true;
    });
  });

  it("give a receipt of a curtailment, and the same when it is curtailed already", async () => {
    const first = await commands.give("curtail");
    deepEqual([first.receipt, first.isUnchanged], [RECEIPT, false]);
    state = { is: "curtailed", receipt: RECEIPT, confirmation: null };
    const again = await commands.give("curtail");
    deepEqual([again.receipt, again.isUnchanged], [RECEIPT, true]);
  });

  describe("a curtailment to watts", () => {
    it("tells the watts before and after, and goes on mining", async () => {
      const reply = await commands.curtail({ toW: 1500, waitS: 60 });
      deepEqual(reply, {
        ...{ order: "mine", state: "hashing", isUnchanged: false, isKept: true },
        watts: {
          before: { value: 2500, evidence: "measured" },
          held: {
            ...{ targetW: 1500, isReached: true },
            after: { value: 1480, evidence: "measured" },
          },
        },
      });
      deepEqual([curtailedW, done], [1500, ["wait 60000"]]);
    });

    it("lets a machine mine again that was curtailed to off, and leaves other orders alone", async () => {
      order = "curtailed";
      state = { is: "curtailed", receipt: RECEIPT, confirmation: null };
      await commands.curtail({ toW: 1500 });
      deepEqual(done, ["mine", "wait 30000"]);
      done = [];
      order = "paused";
      state = { is: "paused", slots: [0] };
      equal((await commands.curtail({ toW: 1500 })).order, "paused");
      deepEqual(done, ["wait 30000"]);
    });

    it("is refused where the machine cannot run at so few, and while it stops", async () => {
      await rejects(commands.curtail({ toW: 100 }), (error: MinerError) => {
        deepEqual([error.code, error.context["field"]], ["POWER_TARGET_REFUSED", "toW"]);
        return true;
      });
      state = { is: "stopping" };
      await rejects(commands.curtail({ toW: 1500 }), /COMMAND_REFUSED/);
      deepEqual([curtailedW, done], [undefined, []]);
    });

    it("is ended by resume, which has nothing else to do, and not by wake", async () => {
      curtailedW = 1500;
      await commands.give("wake");
      equal(curtailedW, 1500);
      const { isUnchanged, isKept } = await commands.give("resume");
      deepEqual([curtailedW, isUnchanged, isKept], [undefined, false, true]);
      equal((await commands.give("resume")).isUnchanged, true);
    });

    it("tells the watts before where it is to off", async () => {
      deepEqual((await commands.curtail({})).watts, {
        before: { value: 2500, evidence: "measured" },
      });
    });
  });

  it("try chains that were given up again with resume", async () => {
    failedChains = 1;
    deepEqual([(await commands.give("resume")).isUnchanged, done], [false, ["retry"]]);
  });

  describe("set-points", () => {
    it("are told with their limits", async () => {
      deepEqual(await commands.set({}), {
        ...{ freqMHz: 540, railMv: 13_200, powerW: null },
        configured: { freqMHz: null, railMv: null, powerW: null },
        limits: {
          freqMHz: { min: 56.25, max: 670, nominal: 540 },
          railMv: { min: 12_000, max: 15_000, nominal: 13_200 },
          powerW: { min: 268, max: null, nominal: 2565 },
        },
      });
      deepEqual(done, []);
    });

    it("are applied and kept in the configuration", async () => {
      const { freqMHz, railMv, configured } = await commands.set({ freqMHz: 500, railMv: 12_900 });
      deepEqual(done, ["500 MHz 12900 mV"]);
      deepEqual(
        [freqMHz, railMv, configured],
        [500, 12_900, { freqMHz: 500, railMv: 12_900, powerW: null }],
      );
      deepEqual([written()["freqMHz"], written()["railMv"]], [500, 12_900]);
    });

    it("stay where they are when they are not named, and go back to the machine's own with null", async () => {
      await commands.set({ freqMHz: 500 });
      await commands.set({ railMv: 12_900 });
      await commands.set({ freqMHz: null });
      deepEqual(done, ["500 MHz 13200 mV", "500 MHz 12900 mV", "540 MHz 12900 mV"]);
      deepEqual([written()["freqMHz"], written()["railMv"]], [undefined, 12_900]);
    });

    it("are not kept when they are for now only", async () => {
      await commands.set({ freqMHz: 500, now: true });
      await commands.set({ railMv: 12_900 });
      deepEqual(done, ["500 MHz 13200 mV", "500 MHz 12900 mV"]);
      deepEqual([written()["freqMHz"], written()["railMv"]], [undefined, 12_900]);
    });

    it("are refused beyond the limits of the machine, and what the PLL cannot make", async () => {
      await rejects(commands.set({ freqMHz: 700 }), /CONFIG_INVALID.*56.25 to 670 MHz/);
      await rejects(commands.set({ railMv: 15_100 }), /CONFIG_INVALID.*12000 to 15000 mV/);
      await rejects(commands.set({ freqMHz: 600 }), /PLL_UNREACHABLE/);
      deepEqual([done, written()["freqMHz"]], [[], undefined]);
    });

    it("leave the configuration as it was when the machine does not take them", async () => {
      await commands.set({ freqMHz: 500 });
      refusal = new MinerError("PSU_READBACK_MISMATCH");
      await rejects(commands.set({ railMv: 14_000, freqMHz: 600.5 }), /PSU_READBACK_MISMATCH/);
      deepEqual([written()["freqMHz"], written()["railMv"]], [500, undefined]);
    });

    it("hold the machine to watts, and are kept, without moving clock or voltage", async () => {
      const { powerW, configured } = await commands.set({ powerW: 2000 });
      deepEqual([powerW, configured.powerW, written()["powerW"], done], [2000, 2000, 2000, []]);
      await commands.set({ powerW: 1500, now: true });
      deepEqual([setPointW, written()["powerW"]], [1500, 2000]);
      await commands.set({ powerW: null });
      deepEqual([setPointW, written()["powerW"]], [undefined, undefined]);
    });

    it("hold it to no fewer watts than its lowest clock takes", async () => {
      await rejects(commands.set({ powerW: 100 }), /CONFIG_INVALID.*powerW.*at least 268 W/);
      await rejects(commands.set({ powerW: 267.9, now: true }), /at least 268 W/);
      deepEqual([setPointW, written()["powerW"]], [undefined, undefined]);
    });

    it("follow one another", async () => {
      await Promise.all([commands.set({ freqMHz: 500 }), commands.set({ railMv: 12_900 })]);
      deepEqual(done, ["500 MHz 13200 mV", "500 MHz 12900 mV"]);
    });

    it("cannot be set while the controller stops", async () => {
      state = { is: "stopping" };
      await rejects(commands.set({ freqMHz: 500 }), /COMMAND_REFUSED/);
    });
  });
});
