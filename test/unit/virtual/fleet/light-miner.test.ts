import { deepEqual, equal, ok } from "node:assert/strict";
import { checkReceipt } from "../../../../src/api/fleet/receipt-check.js";
import { CommandIntake } from "../../../../src/api/mqtt/command-intake.js";
import { DeviceKey } from "../../../../src/api/mqtt/device-key.js";
import type { Outgoing } from "../../../../src/api/mqtt/mqtt-link.js";
import { Result, Tele } from "../../../../src/api/mqtt/payloads.js";
import { tele } from "../../../../src/api/mqtt/render.js";
import { Topics } from "../../../../src/api/mqtt/topics.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { createLogger } from "../../../../src/lib/logger.js";
import type { MachineStateName } from "../../../../src/telemetry/machine-snapshot.js";
import { lightDesk } from "../../../../src/virtual/fleet/light-desk.js";
import { LightJournal } from "../../../../src/virtual/fleet/light-journal.js";
import { LightMachine } from "../../../../src/virtual/fleet/light-machine.js";
import { LightPicture } from "../../../../src/virtual/fleet/light-snapshot.js";
import { MemorySpool } from "../../../../src/virtual/fleet/memory-spool.js";

const ID = "02f1ee000001";
const PREFIX = "miners/v1";
const SPEC = {
  ...{ machine: "s19k-pro", version: "0.1.0", chains: 3, chips: 77, chipMarking: "BM1366" },
  ...{ freqMHz: 540, railMv: 13_200, hashrateThs: 111.5, powerW: 2565, supply: "apw12" },
  ...{ fans: { count: 4, fullRpm: 7900 }, confirmMs: 400 as number | null },
};

function setUp(spec = SPEC) {
  const clock = new ManualClock(1_800_000_000_000);
  const states: MachineStateName[] = [];
  const machine = new LightMachine({
    ...{ spec, clock, seed: 0.5, onChange: () => undefined },
    onState: (state) => states.push(state),
  });
  const journal = new LightJournal(clock);
  const commands: string[] = [];
  journal.events.on("added", ({ what, context }) => {
    commands.push(`${what} ${String(context["result"])}`);
  });
  const key = DeviceKey.passing();
  const sent: Outgoing[] = [];
  const snapshot = () => new LightPicture(machine, { spec, id: ID, nowMs: clock.nowMs() });
  const intake = new CommandIntake({
    ...{ device: ID, boot: "b", topics: new Topics(PREFIX, ID, []), key, snapshot, clock },
    ...{ allowed: ["mining.pause", "mining.resume", "mining.wake", "mining.curtail", "pools.set"] },
    ...{
      desk: lightDesk(machine, journal, clock),
      revision: () => "r",
      log: createLogger("silent"),
    },
    sendChips: () => undefined,
    publish: (message) => {
      sent.push(message);
      return Promise.resolve(true);
    },
  });
  /** The answer, once `ms` have passed. */
  const order = async (name: string, id: string, ms = 2000): Promise<Result> => {
    const taken = intake.take({
      ...{ topic: `${PREFIX}/${ID}/cmd/${name}`, isRetained: false, actor: "test" },
      ...{ payload: Buffer.from(JSON.stringify({ v: 1, id })), responseTopic: undefined },
      correlationData: undefined,
    });
    await clock.advance(ms);
    await taken;
    return Result.parse(JSON.parse(sent.at(-1)?.payload ?? ""));
  };
  const told = (): Tele => tele(snapshot(), { unixMs: clock.unixMs(), boot: "b", seq: 1 });
  return { clock, machine, states, commands, key, order, told };
}

describe("a light miner", () => {
  it("tells what the product's schema takes", async () => {
    const { clock, told } = setUp();
    await clock.advance(3_600_000);
    const tele = told();
    deepEqual(Tele.parse(tele), tele);
    equal(tele.mode, "mining");
    ok(Math.abs(tele.hr.m1 / 111.5e12 - 1) < 0.05 && Math.abs((tele.pw.w ?? 0) / 2565 - 1) < 0.05);
    ok(tele.pool.acc > 500 && tele.pool.acc < 900, String(tele.pool.acc));
    equal(tele.bd.length, 3);
  });

  it("is curtailed with a receipt that holds, and comes back", async () => {
    const { clock, order, told, states, commands, key } = setUp();
    const before = told();
    const answer = await order("mining.curtail", "c1");
    const checked = checkReceipt(answer, { device: ID, id: "c1" }, key.publicPem);
    ok(checked.is === "good", JSON.stringify(checked));
    const { received, off, confirmed, w_before, w_after } = checked.receipt;
    equal(off - received, 22);
    equal((confirmed ?? 0) - off, 400);
    equal(w_before, before.pw.w);
    ok(w_after !== null && w_after < 30);
    equal(told().mode, "curtailed");
    await clock.advance(600_000);
    ok(told().hr.m1 < 1e12 && (told().tmax ?? 99) < (before.tmax ?? 0) - 20);
    equal((await order("mining.resume", "c2")).code, "done");
    equal(told().mode, "starting");
    await clock.advance(60_000);
    equal(told().mode, "mining");
    deepEqual(states, ["curtailed", "bringUp", "hashing"]);
    deepEqual(commands, ["machine.curtail done", "machine.resume done"]);
  });

  it("says that nobody measured it where the supply cannot", async () => {
    const { order, key } = setUp({ ...SPEC, confirmMs: null });
    const answer = await order("mining.curtail", "c1", 100);
    const checked = checkReceipt(answer, { device: ID, id: "c1" }, key.publicPem);
    ok(checked.is === "good");
    deepEqual([checked.receipt.confirmed, checked.receipt.w_after], [null, null]);
  });

  it("refuses what does not lead from one state to the other, and what it cannot", async () => {
    const { order } = setUp();
    equal((await order("mining.resume", "c1")).code, "unchanged");
    await order("mining.curtail", "c2");
    const refused = await order("mining.pause", "c3");
    deepEqual([refused.code, refused.err], ["conflict", "COMMAND_REFUSED"]);
    equal((await order("mining.curtail", "c4")).code, "unchanged");
  });

  it("obeys the later of two orders", async () => {
    const { order, machine } = setUp();
    const first = order("mining.curtail", "c1", 0);
    await order("mining.resume", "c2", 2000);
    await first;
    equal(machine.state, "hashing");
  });
});

describe("the spool of a light miner", () => {
  it("loses the oldest", () => {
    const spool = new MemorySpool();
    const first = spool.add("row", 0);
    for (let value = 1; value <= 200; value++) spool.add("row", value);
    equal(spool.entries().length, 200);
    ok(!spool.entries().includes(first));
    spool.done(spool.entries().slice(0, 199));
    deepEqual(
      spool.entries().map(({ value }) => value),
      [200],
    );
  });
});
