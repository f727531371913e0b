import { equal, ok } from "node:assert/strict";
import { ClockWatch } from "../../../../src/app/machine/clock-watch.js";
import { SensorTrack } from "../../../../src/app/machine/sensor-track.js";
import { ManualClock } from "../../../../src/lib/clock.js";

describe("track of a sensor", () => {
  it("knows no rise before there were some seconds", () => {
    const track = new SensorTrack();
    track.note(40, 0, []);
    track.note(60, 1000, []);
    equal(track.riseCPerS, undefined);
  });

  it("measures the rise over five seconds", () => {
    const track = new SensorTrack();
    for (let second = 0; second <= 20; second += 1) track.note(40 + second * 2, second * 1000, []);
    equal(track.riseCPerS, 2);
    for (let second = 21; second <= 30; second += 1) track.note(80, second * 1000, []);
    equal(track.riseCPerS, 0);
  });

  it("counts since when it says the same, and how far others went meanwhile", () => {
    const track = new SensorTrack();
    equal(track.unchangedS(0), undefined);
    track.note(40, 1000, [undefined, 30]);
    track.note(40, 2000, [undefined, 35]);
    equal(track.unchangedS(11_000), 10);
    equal(track.othersMovedC([undefined, 38]), 8);
    track.note(40.5, 12_000, [undefined, 38]);
    equal(track.unchangedS(12_000), 0);
    equal(track.othersMovedC([undefined, 37]), 1);
  });

  it("says nothing of others that it does not know", () => {
    const track = new SensorTrack();
    track.note(40, 1000, [undefined, undefined]);
    equal(track.othersMovedC([undefined, 90]), 0);
  });
});

describe("watch of the time of day", () => {
  it("tells a move for a minute, and no drift", async () => {
    const clock = new ManualClock();
    let movedMs = 0;
    const watch = new ClockWatch({
      nowMs: () => clock.nowMs(),
      unixMs: () => clock.unixMs() + movedMs,
      sleep: (ms, signal) => clock.sleep(ms, signal),
      after: (ms, callback) => clock.after(ms, callback),
    });
    for (let second = 0; second < 100; second += 1) {
      movedMs += 50;
      await clock.advance(1000);
      equal(watch.jumpS(), 0);
    }
    movedMs -= 3_600_000;
    ok(Math.abs(watch.jumpS() + 3600) < 1);
    await clock.advance(60_000);
    ok(watch.jumpS() < -3000);
    await clock.advance(1000);
    equal(watch.jumpS(), 0);
  });
});
