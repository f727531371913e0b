import { equal } from "node:assert/strict";
import { pino } from "pino";
import { ButtonWatch } from "../../../src/app/button-watch.js";
import type { Level } from "../../../src/hal/gpio.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { MinerError } from "../../../src/lib/errors.js";

describe("a watched button", () => {
  let clock: ManualClock;
  let level: Level;
  let failure: MinerError | undefined;
  let presses: number;
  let warnings: number;
  let isClosed: boolean;

  beforeEach(() => {
    clock = new ManualClock();
    level = 1;
    failure = undefined;
    presses = 0;
    warnings = 0;
    isClosed = false;
  });

  function watch(): Promise<ButtonWatch> {
    return ButtonWatch.start({
      input: {
        name: "button",
        read: () => (failure === undefined ? Promise.resolve(level) : Promise.reject(failure)),
        close: () => {
          isClosed = true;
          return Promise.resolve();
        },
      },
      onPress: () => (presses += 1),
      clock,
      log: pino({ level: "warn" }, { write: () => (warnings += 1) }),
    });
  }

  async function put(to: Level, forMs: number): Promise<void> {
    level = to;
    await clock.advance(forMs);
  }

  for (const rest of [0, 1] as const)
    it(`tells a short press when it ends, where the line rests at ${rest}`, async () => {
      level = rest;
      const button = await watch();
      await put(rest, 500);
      await put(rest === 1 ? 0 : 1, 300);
      equal(presses, 0);
      await put(rest, 100);
      equal(presses, 1);
      await put(rest, 60_000);
      equal(presses, 1);
      await button.stop();
    });

  it("tells nothing of a press of two seconds, which means something else", async () => {
    const button = await watch();
    await put(0, 2000);
    await put(1, 5000);
    equal(presses, 0);
    await put(0, 1900);
    await put(1, 100);
    equal(presses, 1);
    await button.stop();
  });

  it("finds out how the line rests when it was held at the start", async () => {
    level = 0;
    const button = await watch();
    await put(0, 700);
    await put(1, 20_000);
    equal(presses, 0);
    await put(0, 300);
    equal(presses, 0);
    await put(1, 100);
    equal(presses, 1);
    await button.stop();
  });

  it("tells once that the line cannot be read, and hears presses again", async () => {
    const button = await watch();
    failure = new MinerError("GPIO_FAILED", { line: "button" });
    await clock.advance(3000);
    equal(warnings, 1);
    failure = undefined;
    await put(1, 300);
    await put(0, 300);
    await put(1, 300);
    equal(presses, 1);
    await button.stop();
  });

  it("looks no more once it is stopped", async () => {
    const button = await watch();
    await put(0, 300);
    await button.stop();
    await put(1, 1000);
    equal(presses, 0);
    equal(isClosed, true);
  });
});
