import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { ManualClock } from "../../../src/lib/clock.js";
import { MinerError, type ErrorCode } from "../../../src/lib/errors.js";
import { createLogger } from "../../../src/lib/logger.js";
import type { Guard, GuardState } from "../../../src/safety/guard.js";
import type { RailFacts } from "../../../src/safety/rail-facts.js";
import { FEED_MS, RailInterlock } from "../../../src/safety/rail-interlock.js";
import { lineSwitch, regulatorSwitch, type RailSwitch } from "../../../src/safety/rail-switch.js";
import { FULL, goodFacts, LIMITS, outlet } from "./good-facts.js";

/** A switch with a record of what was driven. */
class FakeSwitch implements RailSwitch {
  readonly name = "psu-enable";
  readonly limitMs = 200;
  readonly driven: boolean[] = [];
  /** What the next writes do instead of working: fail, or never end. */
  readonly troubles: ("fails" | "hangs")[] = [];

  set(isOn: boolean): Promise<void> {
    const trouble = this.troubles.shift();
    if (trouble === "hangs") return new Promise(() => undefined);
    if (trouble === "fails") return Promise.reject(new MinerError("GPIO_FAILED", {}));
    this.driven.push(isOn);
    return Promise.resolve();
  }
}

/** Remembers what it was told, and how often the switch had been driven by then. */
class RecordingGuard implements Guard {
  readonly #drives: () => number;
  readonly told: (readonly ["arm" | "disarm", number])[] = [];
  feeds = 0;
  state: GuardState = { is: "disarmed" };

  constructor(drives: () => number) {
    this.#drives = drives;
  }

  arm(): void {
    this.told.push(["arm", this.#drives()]);
    this.state = { is: "armed" };
  }

  feed(): void {
    this.feeds += 1;
  }

  disarm(): void {
    this.told.push(["disarm", this.#drives()]);
    this.state = { is: "disarmed" };
  }
}

describe("interlock of the rail", () => {
  let clock: ManualClock;
  let output: FakeSwitch;
  let guard: RecordingGuard;
  let facts: () => RailFacts;
  let interlock: RailInterlock;
  let trips: ErrorCode[];

  beforeEach(() => {
    clock = new ManualClock();
    output = new FakeSwitch();
    guard = new RecordingGuard(() => output.driven.length);
    facts = () => goodFacts();
    trips = [];
  });

  afterEach(() => {
    interlock.close();
  });

  async function open(mode: "off" | "takeOver" = "off"): Promise<void> {
    interlock = await RailInterlock.open(
      {
        ...{ switch: output, guard, limits: LIMITS, facts: () => facts() },
        ...{ clock, log: createLogger("silent") },
      },
      mode,
    );
    interlock.events.on("tripped", ({ code }) => trips.push(code));
  }

  async function openAndSwitchOn(): Promise<void> {
    await open();
    await interlock.switchOn();
    deepEqual(output.driven, [false, true]);
  }

  it("is off from the beginning", async () => {
    await open();
    deepEqual(output.driven, [false]);
    equal(interlock.state.is, "off");
    equal(interlock.isOn, false);
  });

  it("switches on when everything is permitted", async () => {
    await openAndSwitchOn();
    equal(interlock.state.is, "on");
  });

  it("refuses with everything that is missing", async () => {
    facts = () =>
      goodFacts({ fans: [], temperatures: [outlet({ tempC: 80 })], setpoint: { is: "unread" } });
    await open();
    await rejects(interlock.switchOn(), (error: MinerError) => {
      equal(error.code, "COMMAND_REFUSED");
      equal(error.context["lacking"], "TEMPERATURE_CUT");
      const missing = String(error.context["missing"]);
      for (const code of ["TEMPERATURE_CUT", "FAN_MISSING", "PSU_READBACK_MISMATCH"])
        equal(missing.includes(code), true, code);
      return true;
    });
    deepEqual(output.driven, [false]);
  });

  it("stays on as long as the facts are good", async () => {
    await openAndSwitchOn();
    await clock.advance(60_000);
    equal(interlock.isOn, true);
    deepEqual(trips, []);
  });

  for (const { title, bad, code } of [
    {
      title: "a temperature reaches the limit",
      bad: goodFacts({ temperatures: [outlet({ tempC: 75 })] }),
      code: "TEMPERATURE_CUT",
    },
    {
      title: "a sensor is silent for more than five seconds",
      bad: goodFacts({ temperatures: [outlet({ ageS: 5.1 })] }),
      code: "SENSOR_SILENT",
    },
    {
      title: "a fan stands",
      bad: goodFacts({ fans: [{ fan: 2, rpm: 0, expectedRpm: FULL, goodAgeS: 6 }] }),
      code: "FAN_MISSING",
    },
    {
      title: "the setpoint is another",
      bad: goodFacts({ setpoint: { is: "wrong", wantedMv: 13_200, readMv: 15_000 } }),
      code: "PSU_READBACK_MISMATCH",
    },
  ] as const)
    it(`cuts within a tenth of a second when ${title}`, async () => {
      await openAndSwitchOn();
      facts = () => bad;
      await clock.advance(100);
      deepEqual(output.driven, [false, true, false]);
      deepEqual(trips, [code]);
      equal(interlock.trip?.code, code);
      equal(interlock.state.is, "off");
    });

  it("cuts at once when somebody brings bad facts", async () => {
    await openAndSwitchOn();
    facts = () => goodFacts({ temperatures: [outlet({ tempC: 90 })] });
    interlock.check();
    deepEqual(output.driven, [false, true, false]);
  });

  it("cuts when the facts cannot be gathered", async () => {
    await openAndSwitchOn();
    facts = () => {
      throw new Error("broken");
    };
    await clock.advance(1000);
    deepEqual(trips, ["INTERNAL"]);
    equal(interlock.isOn, false);
  });

  it("keeps off after a trip until it is cleared", async () => {
    await openAndSwitchOn();
    await interlock.cut(new MinerError("PSU_OUTPUT_WRONG", {}));
    await rejects(interlock.switchOn(), { code: "COMMAND_REFUSED" });
    interlock.clearTrip();
    await interlock.switchOn();
    equal(interlock.isOn, true);
  });

  it("has driven the line when its listeners hear of a trip", async () => {
    await openAndSwitchOn();
    let drivenBefore: readonly boolean[] = [];
    interlock.events.on("tripped", () => (drivenBefore = [...output.driven]));
    await interlock.cut(new MinerError("PSU_OUTPUT_WRONG", {}));
    deepEqual(drivenBefore, [false, true, false]);
  });

  it("tells a trip once", async () => {
    await openAndSwitchOn();
    facts = () => goodFacts({ fans: [] });
    interlock.check();
    interlock.check();
    await clock.advance(5000);
    deepEqual(trips, ["FAN_MISSING"]);
  });

  it("switches off at once when asked, and is not tripped by that", async () => {
    await openAndSwitchOn();
    await interlock.switchOff("curtail");
    deepEqual(output.driven, [false, true, false]);
    deepEqual(interlock.state, { is: "off", sinceMs: 0, reason: "curtail" });
    deepEqual(trips, []);
  });

  it("remembers when it was switched off first", async () => {
    await openAndSwitchOn();
    await interlock.switchOff("curtail");
    await clock.advance(5000);
    await interlock.switchOff("stop");
    deepEqual(interlock.state, { is: "off", sinceMs: 0, reason: "curtail" });
  });

  it("repeats a write that fails", async () => {
    await openAndSwitchOn();
    output.troubles.push("fails", "fails");
    await interlock.switchOff("stop");
    equal(interlock.state.is, "off");
    deepEqual(output.driven, [false, true, false]);
  });

  it("does not wait for a write that never ends", async () => {
    await openAndSwitchOn();
    output.troubles.push("hangs");
    const off = interlock.switchOff("stop");
    await clock.advance(200);
    await off;
    equal(interlock.state.is, "off");
  });

  it("says so when the line cannot be driven, and goes on trying", async () => {
    await openAndSwitchOn();
    output.troubles.push("fails", "fails", "fails");
    await rejects(interlock.switchOff("stop"), { code: "PSU_NOT_OFF" });
    equal(interlock.state.is, "stuck");
    equal(interlock.isOn, true);
    await clock.advance(1000);
    equal(interlock.state.is, "off");
    equal(output.driven.at(-1), false);
  });

  it("is off when the line does not take the on state", async () => {
    await open();
    output.troubles.push("fails");
    await rejects(interlock.switchOn(), { code: "GPIO_FAILED" });
    equal(interlock.state.is, "off");
    deepEqual(output.driven, [false, false]);
  });

  it("has off as its last word when both are asked at the same time", async () => {
    await open();
    const on = interlock.switchOn();
    const off = interlock.switchOff("stop");
    await rejects(on, { code: "COMMAND_REFUSED" });
    await off;
    equal(interlock.isOn, false);
    equal(output.driven.at(-1), false);
  });

  it("does not open on a line that cannot be driven", async () => {
    output.troubles.push("fails", "fails", "fails");
    await rejects(open(), { code: "PSU_NOT_OFF" });
    await clock.advance(10_000);
    deepEqual(output.driven, []);
  });

  describe("of a machine that runs already", () => {
    it("leaves the line as it is", async () => {
      await open("takeOver");
      await clock.advance(5000);
      deepEqual(output.driven, []);
      equal(interlock.isOn, true);
    });

    it("goes on without a gap when all is proven", async () => {
      await open("takeOver");
      interlock.adopt();
      deepEqual(output.driven, []);
      equal(interlock.state.is, "on");
    });

    it("bears sensors that were not read yet, but no heat", async () => {
      facts = () => goodFacts({ temperatures: [outlet({ tempC: undefined, ageS: Infinity })] });
      await open("takeOver");
      await clock.advance(3000);
      equal(interlock.isOn, true);
      facts = () => goodFacts({ temperatures: [outlet({ tempC: 80 })] });
      await clock.advance(1000);
      deepEqual(output.driven, [false]);
      deepEqual(trips, ["TEMPERATURE_CUT"]);
    });

    it("does not adopt what is not proven", async () => {
      facts = () => goodFacts({ fans: [] });
      await open("takeOver");
      throws(
        () => {
          interlock.adopt();
        },
        { code: "COMMAND_REFUSED" },
      );
      equal(interlock.state.is, "foreign");
    });

    it("switches off what nobody judged for a minute", async () => {
      await open("takeOver");
      await clock.advance(59_000);
      deepEqual(output.driven, []);
      await clock.advance(1000);
      deepEqual(output.driven, [false]);
    });

    it("cannot be switched on before it was judged", async () => {
      await open("takeOver");
      await rejects(interlock.switchOn(), { code: "COMMAND_REFUSED" });
    });
  });

  describe("and its guard", () => {
    it("arms before the line is driven on, disarms after it was driven off", async () => {
      await openAndSwitchOn();
      await interlock.switchOff("stop");
      deepEqual(guard.told, [
        ["disarm", 1],
        ["arm", 1],
        ["disarm", 3],
      ]);
    });

    it("feeds while all is well, and not while it is off", async () => {
      await open();
      await clock.advance(1000);
      equal(guard.feeds, 0);
      await interlock.switchOn();
      await clock.advance(1000);
      equal(guard.feeds, 1000 / FEED_MS);
    });

    it("does not feed when a rule is broken", async () => {
      await openAndSwitchOn();
      facts = () => goodFacts({ fans: [] });
      output.troubles.push("hangs", "hangs", "hangs");
      await clock.advance(500);
      equal(guard.feeds, 0);
    });

    it("trips when the guard did", async () => {
      await openAndSwitchOn();
      guard.state = { is: "tripped", cause: "unfed", atUnixMs: 0 };
      await clock.advance(FEED_MS);
      deepEqual(trips, ["GUARD_TRIPPED"]);
      equal(interlock.isOn, false);
      equal(guard.feeds, 0);
    });

    it("stays armed as long as the line cannot be driven off", async () => {
      await openAndSwitchOn();
      output.troubles.push("fails", "fails", "fails");
      await rejects(interlock.switchOff("stop"), { code: "PSU_NOT_OFF" });
      equal(guard.state.is, "armed");
    });

    it("arms when a running machine is adopted", async () => {
      await open("takeOver");
      equal(guard.state.is, "disarmed");
      interlock.adopt();
      equal(guard.state.is, "armed");
    });
  });

  it("drives a line with the polarity of the board", async () => {
    await open();
    for (const onLevel of [0, 1] as const) {
      const levels: number[] = [];
      const line = lineSwitch(
        {
          name: "enable",
          write: (level) => {
            levels.push(level);
            return Promise.resolve();
          },
          close: () => Promise.resolve(),
        },
        onLevel,
      );
      await line.set(true);
      await line.set(false);
      deepEqual(levels, onLevel === 1 ? [1, 0] : [0, 1]);
    }
  });

  it("drives a regulator that has no enable line", async () => {
    const asked: boolean[] = [];
    const regulator = regulatorSwitch((isOn) => {
      asked.push(isOn);
      return Promise.resolve();
    });
    interlock = await RailInterlock.open({
      ...{ switch: regulator, limits: LIMITS, facts, clock, log: createLogger("silent") },
    });
    await interlock.switchOn();
    await interlock.switchOff("stop");
    deepEqual(asked, [false, true, false]);
  });
});
