import { deepEqual, equal, rejects } from "node:assert/strict";
import { pino } from "pino";
import { Locator } from "../../../src/app/locator.js";
import { loadMachine } from "../../../src/boards/load-machine.js";
import type { ControlBoard } from "../../../src/boards/machine-spec.js";
import type { GpioOutput } from "../../../src/hal/gpio.js";
import { lineName } from "../../../src/hal/line-name.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { MinerError } from "../../../src/lib/errors.js";

describe("the lights that locate a machine", () => {
  let clock: ManualClock;
  let levels: Record<string, number>;
  let changes: number;
  let failure: MinerError | undefined;

  beforeEach(() => {
    clock = new ManualClock();
    levels = {};
    changes = 0;
    failure = undefined;
  });

  function locatorOf(name: string, machine = "s19k-pro"): Locator {
    const board = loadMachine(machine).controlBoards.find((each) => each.name === name);
    return open(board ?? { name, lines: {} });
  }

  function open(board: Pick<ControlBoard, "name" | "lines">): Locator {
    return new Locator({
      board,
      hardware: {
        openOutput: (line, initial) => {
          const key = lineName(line);
          levels[key] = Number(initial);
          const write = (level: 0 | 1): Promise<void> => {
            if (failure !== undefined) return Promise.reject(failure);
            levels[key] = level;
            changes += 1;
            return Promise.resolve();
          };
          const output: GpioOutput = { name: key, write, close: () => Promise.resolve() };
          return Promise.resolve(output);
        },
      },
      ...{ clock, log: pino({ level: "silent" }) },
    });
  }

  it("blink together once a second, and go out by themselves", async () => {
    const locator = locatorOf("virtual");
    const reply = await locator.locate({ seconds: 10 });
    deepEqual(reply, {
      ...{ isOn: true, endsUnixMs: clock.unixMs() + 10_000, lines: ["led-red", "led-green"] },
      evidence: "documented",
    });
    const seen: string[] = [];
    for (let half = 0; half < 8; half += 1) {
      seen.push(`${levels["led-red"]}${levels["led-green"]}`);
      await clock.advance(500);
    }
    deepEqual(seen, ["11", "00", "11", "00", "11", "00", "11", "00"]);
    await clock.advance(7000);
    const before = changes;
    await clock.advance(60_000);
    deepEqual([levels, changes], [{ "led-red": 0, "led-green": 0 }, before]);
  });

  it("blink ten minutes when nothing is said, and longer when it is said again", async () => {
    const locator = locatorOf("virtual");
    equal((await locator.locate({})).endsUnixMs, clock.unixMs() + 600_000);
    await clock.advance(599_000);
    await locator.locate({ seconds: 60 });
    await clock.advance(30_000);
    const before = changes;
    await clock.advance(10_000);
    equal(changes - before, 40);
  });

  it("go out at once when they are told to, and at the end of the program", async () => {
    const locator = locatorOf("virtual");
    await locator.locate({});
    deepEqual(await locator.locate({ on: false }), {
      ...{ isOn: false, endsUnixMs: null, lines: ["led-red", "led-green"], evidence: "documented" },
    });
    await clock.advance(5000);
    deepEqual(levels, { "led-red": 0, "led-green": 0 });
    await locator.locate({});
    await locator.stop();
    await clock.advance(5000);
    deepEqual(levels, { "led-red": 0, "led-green": 0 });
  });

  it("are the lines that the board's file documents", async () => {
    await locatorOf("amlogic-a113d").locate({});
    deepEqual(Object.keys(levels), ["gpio438", "gpio453"]);
  });

  it("are left alone where their lines are only inferred, or not known", async () => {
    await rejects(locatorOf("beaglebone-am335x", "s19j-pro").locate({}), (error: MinerError) => {
      deepEqual(error.context, {
        ...{ controlBoard: "beaglebone-am335x", reason: "only inferred: led-1, led-2" },
      });
      return error.code === "LOCATE_UNAVAILABLE";
    });
    await rejects(open({ name: "other" }).locate({}), /LOCATE_UNAVAILABLE.*no light is known/);
    deepEqual(levels, {});
  });

  it("end when a line fails, and say so when it fails at once", async () => {
    const locator = locatorOf("virtual");
    failure = new MinerError("GPIO_FAILED");
    await rejects(locator.locate({}), /GPIO_FAILED/);
    failure = undefined;
    await locator.locate({});
    failure = new MinerError("GPIO_FAILED");
    await clock.advance(1000);
    failure = undefined;
    const before = changes;
    await clock.advance(10_000);
    equal(changes, before);
  });
});
