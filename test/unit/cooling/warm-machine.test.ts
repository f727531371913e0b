import { equal, ok } from "node:assert/strict";
import { WarmMachine, type WarmOptions, type WarmSecond } from "./warm-machine.js";

const hottest = (trace: readonly WarmSecond[]): number =>
  Math.max(...trace.map(({ hottestC }) => hottestC));
const started = (options: WarmOptions = {}): Promise<WarmMachine> =>
  new WarmMachine(options).start();

describe("cooling of a machine that gets warm", () => {
  for (const name of ["s19k-pro", "s21"])
    it(`brings a cold ${name} to its target and holds it, below its warning`, async () => {
      const machine = await started({ machine: name });
      const rise = await machine.run(420);
      const { targetC, warnC } = machine.plan.board;
      ok(hottest(rise) < warnC, `${hottest(rise)} C`);
      const steady = await machine.run(120);
      for (const { hottestC, dutyPct } of steady) {
        ok(Math.abs(hottestC - targetC) < 0.75, `${hottestC} C`);
        ok(dutyPct > machine.plan.minDutyPct && dutyPct < 100);
      }
      const duties = steady.map(({ dutyPct }) => dutyPct);
      ok(Math.max(...duties) - Math.min(...duties) < 4);
      equal(machine.control.snapshot().reason, "target");
    });

  it("lets the fans be slow in a cold room", async () => {
    const machine = await started({ ambientC: -5 });
    await machine.run(900);
    const last = machine.trace.at(-1)!;
    ok(last.dutyPct < 35 && last.hottestC < 61, JSON.stringify(last));
  });

  it("never trips over what it does itself: no fan is slow or lies at any duty on the way", async () => {
    const machine = await started();
    for (let minute = 0; minute < 8; minute++) {
      await machine.run(60);
      ok(machine.bank.snapshot().fans.every(({ isGood }) => isGood));
      equal(machine.control.snapshot().trouble, null);
      machine.body.setAmbientC(minute % 2 === 0 ? 40 : 5);
    }
  });

  it("takes less clock and not less safety when it is to be quiet", async () => {
    const machine = await started({ wish: { maxDutyPct: 45 } });
    await machine.run(900);
    ok(hottest(machine.trace) < machine.plan.board.throttleC);
    const steady = machine.trace.slice(-60);
    ok(steady.every(({ dutyPct }) => dutyPct <= 45));
    ok(steady.every(({ hottestC }) => hottestC < 61.5));
    ok(steady.every(({ powerSharePct }) => powerSharePct < 100 && powerSharePct > 50));
  });

  it("gives the clock back when the room becomes cool", async () => {
    const machine = await started({ wish: { maxDutyPct: 45 } });
    await machine.run(600);
    machine.body.setAmbientC(5);
    await machine.run(1200);
    equal(machine.control.snapshot().powerSharePct, 100);
  });

  it("takes less clock in a room that fans cannot make up for, and stays below the cut", async () => {
    const machine = await started({ ambientC: 46 });
    const trace = await machine.run(900);
    ok(hottest(trace) < 73, `${hottest(trace)} C`);
    const steady = trace.slice(-300);
    ok(hottest(steady) < machine.plan.board.throttleC);
    ok(steady.every(({ dutyPct }) => dutyPct === 100));
    // It does not swing.
    equal(new Set(steady.map(({ powerSharePct }) => powerSharePct)).size, 1);
  });

  it("drives all fans full within two seconds when one stands", async () => {
    const machine = await started();
    await machine.run(300);
    machine.fault("fanStalled", { fan: 2 });
    const after = await machine.run(20);
    ok(after.slice(2).every(({ dutyPct }) => dutyPct === 100));
    equal(machine.control.snapshot().trouble?.context["fan"], 2);
  });

  it("finds a tach that lies while fans are slow, and does not believe it again", async () => {
    const machine = await started({ ambientC: 5 });
    await machine.run(300);
    ok(machine.trace.at(-1)!.dutyPct < 50);
    machine.fault("fanLies", { fan: 3 });
    await machine.run(60);
    const { reason, trouble } = machine.control.snapshot();
    equal(reason, "failSafe");
    equal(trouble?.code, "FAN_LYING");
    equal(trouble.context["fan"], 3);
  });

  it("runs on after power-off until boards are cool, and then is at its floor", async () => {
    const machine = await started();
    await machine.run(300);
    machine.powerOff();
    const after = await machine.run(200);
    equal(after[5]?.reason, "runOn");
    const coolAt = after.findIndex(({ reason }) => reason === "cool");
    ok(coolAt > 5 && hottest(after.slice(coolAt)) < 46);
    equal(after.at(-1)?.dutyPct, machine.plan.minDutyPct);
  });
});
