import { deepEqual, equal, ok } from "node:assert/strict";
import { pino } from "pino";
import { ManualClock } from "../../../src/lib/clock.js";
import { PowerControl } from "../../../src/power/power-control.js";
import { stepBelow } from "../../../src/power/power-limit.js";
import type { Reading } from "../../../src/power/rail-snapshot.js";

const ORDERED_MHZ = 540;
const LEAST_MHZ = 56.25;
/** Fans, control board and leakage do not follow the clock. */
const IDLE_W = 400;
const W_PER_MHZ = 4;
const ROUND_MS = 6000;

describe("holding a machine to watts", () => {
  let clock: ManualClock;
  let freqMHz: number;
  let aimMHz: number;
  /** Beside the model: what warms up, what a meter adds by chance. */
  let extraW: () => number;
  let isSettled: boolean;
  let read: Reading<number> & { readonly atMs: number };
  let isMeasured: boolean;
  let fullW: number | undefined;
  let heatMHz: number;
  let shares: number[];
  let control: PowerControl;

  const trueW = (): number => IDLE_W + W_PER_MHZ * freqMHz + extraW();

  beforeEach(() => {
    clock = new ManualClock();
    freqMHz = aimMHz = ORDERED_MHZ;
    extraW = () => 0;
    isSettled = isMeasured = true;
    fullW = undefined;
    heatMHz = Infinity;
    shares = [];
    read = { value: trueW(), ageS: 0, evidence: "measured", atMs: 0 };
    control = new PowerControl({
      look: () => ({
        powerW: isMeasured
          ? { ...read, ageS: (clock.nowMs() - read.atMs) / 1000 }
          : { value: null, ageS: null, evidence: "none" },
        settledMHz: isSettled && freqMHz === aimMHz ? freqMHz : undefined,
        ...{ orderedMHz: ORDERED_MHZ, leastMHz: LEAST_MHZ, fullW },
      }),
      onShare: (sharePct) => {
        shares.push(sharePct);
        aimMHz = Math.min(heatMHz, Math.max(LEAST_MHZ, stepBelow((ORDERED_MHZ * sharePct) / 100)));
        if (sharePct >= 100) aimMHz = Math.min(heatMHz, ORDERED_MHZ);
      },
      ...{ clock, log: pino({ level: "silent" }) },
    });
  });

  afterEach(() => {
    control.stop();
  });

  /** The clock walks at 25 MHz a second, and the supply is read every few seconds. */
  async function run(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      freqMHz += Math.max(-25, Math.min(25, aimMHz - freqMHz));
      if (clock.nowMs() - read.atMs >= ROUND_MS)
        read = { value: trueW(), ageS: 0, evidence: "measured", atMs: clock.nowMs() };
      await clock.advance(1000);
    }
  }

  it("comes to the target from above within a minute and a half, and stays close below", async () => {
    control.hold(1500);
    await run(90);
    ok(trueW() <= 1500, `${trueW()} W`);
    ok(trueW() > 1500 * 0.95, `${trueW()} W`);
    const { limitMHz, isReached, evidence } = control.snapshot() ?? {};
    deepEqual([limitMHz, isReached, evidence], [freqMHz, true, "measured"]);
    const before = shares.length;
    await run(3600);
    equal(shares.length, before, "it hunts");
  });

  it("does not hunt when the meter wavers by two percent", async () => {
    let turn = 0;
    extraW = () => ((turn += 1) % 2 === 0 ? 15 : -15);
    control.hold(1500);
    await run(300);
    const before = shares.length;
    await run(3600);
    ok(shares.length - before <= 8, `${shares.length - before} changes an hour`);
  });

  it("follows what the machine takes: lower when it warms up, higher again when it cools", async () => {
    control.hold(1500);
    await run(120);
    const cold = freqMHz;
    extraW = () => 100;
    await run(60);
    ok(freqMHz < cold);
    ok(trueW() <= 1500, `${trueW()} W`);
    extraW = () => -100;
    await run(300);
    ok(freqMHz > cold);
    ok(trueW() <= 1500, `${trueW()} W`);
  });

  it("never gives more than the ordered clock, and gives it back at the end", async () => {
    control.hold(5000);
    await run(120);
    deepEqual([shares, freqMHz, control.snapshot()?.limitMHz], [[], ORDERED_MHZ, null]);
    control.hold(1000);
    await run(60);
    control.hold(undefined);
    await run(60);
    deepEqual([freqMHz, shares.at(-1), control.snapshot()], [ORDERED_MHZ, 100, undefined]);
  });

  it("begins with what the data say where nothing hashes yet", () => {
    isSettled = false;
    fullW = 2700;
    control.hold(1350);
    equal(aimMHz, stepBelow(ORDERED_MHZ / 2));
  });

  it("begins at the lowest clock where they say nothing, and comes up from there", async () => {
    isSettled = false;
    control.hold(1500);
    equal(aimMHz, LEAST_MHZ);
    isSettled = true;
    let mostW = 0;
    await run(60);
    for (let minute = 0; minute < 15; minute += 1) {
      await run(60);
      mostW = Math.max(mostW, trueW());
    }
    ok(mostW <= 1500 && trueW() > 1500 * 0.95, `${mostW}, ${trueW()} W`);
  });

  it("says so when the lowest clock still takes more, and not before it was measured there", async () => {
    control.hold(500);
    await run(20);
    equal(control.trouble, undefined);
    await run(60);
    deepEqual(control.trouble, {
      code: "POWER_TARGET_UNREACHED",
      context: { targetW: 500, powerW: 625, freqMHz: LEAST_MHZ },
    });
    equal(control.snapshot()?.isReached, false);
  });

  it("leaves the clock where it is while nobody can say what the machine takes", async () => {
    control.hold(1500);
    await run(90);
    const before = freqMHz;
    isMeasured = false;
    await run(300);
    equal(freqMHz, before);
    deepEqual(
      [control.snapshot()?.powerW, control.snapshot()?.isReached, control.powerW.value],
      [null, false, null],
    );
  });

  it("does not raise while heat holds the clock lower", async () => {
    control.hold(1500);
    await run(120);
    const limit = control.snapshot()?.limitMHz;
    heatMHz = 100;
    aimMHz = 100;
    await run(300);
    deepEqual([freqMHz, control.snapshot()?.limitMHz], [100, limit]);
  });

  it("tells when the target is reached, or that it was not in time", async () => {
    control.hold(1500);
    let said: boolean | undefined;
    void control.reached(60_000).then((isReached) => (said = isReached));
    await run(8);
    equal(said, undefined);
    await run(40);
    equal(said, true);
    control.hold(500);
    const late = control.reached(30_000);
    await run(31);
    equal(await late, false);
    const other = control.reached(30_000);
    control.hold(600);
    equal(await other, false);
  });
});
