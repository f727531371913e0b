import { deepEqual, equal, rejects } from "node:assert/strict";
import type { Line } from "../../../../src/boards/schema/control-board.js";
import type { Level } from "../../../../src/hal/gpio.js";
import type { Hardware } from "../../../../src/hal/hardware.js";
import { failsWith } from "./errors.js";

export interface GpioRig {
  readonly hardware: Hardware;
  readonly input: Line;
  readonly output: Line;
  /** A line that is not there. */
  readonly missing: Line;
  /** The world pulls at the input. */
  setInput(level: Level): void;
  /** Somebody before us drove the output. */
  leaveOutput(level: Level): void;
  /** What the output drives now, and every level it was told since the test began. */
  outputLevel(): Level;
  outputHistory(): readonly Level[];
  /** Both lines fail from now on. */
  breakLines(): void;
  close(): Promise<void>;
}

/** What every input and output keeps, whatever it hangs on. */
export function describeGpio(title: string, makeRig: () => Promise<GpioRig>): void {
  describe(`GPIO: ${title}`, () => {
    let rig: GpioRig;

    beforeEach(async () => {
      rig = await makeRig();
    });

    afterEach(() => rig.close());

    it("reads an input as it is at that moment", async () => {
      rig.setInput(1);
      const input = await rig.hardware.openInput(rig.input);
      equal(await input.read(), 1);
      rig.setInput(0);
      equal(await input.read(), 0);
    });

    for (const initial of [0, 1] as const)
      it(`gives an output ${String(initial)} with its opening and nothing before it`, async () => {
        await rig.hardware.openOutput(rig.output, initial);
        deepEqual([...new Set(rig.outputHistory())], [initial]);
        equal(rig.outputLevel(), initial);
      });

    it("drives an output", async () => {
      const output = await rig.hardware.openOutput(rig.output, 0);
      await output.write(1);
      equal(rig.outputLevel(), 1);
      await output.write(0);
      equal(rig.outputLevel(), 0);
    });

    for (const level of [0, 1] as const)
      it(`takes over an output at ${String(level)} without ever driving another level`, async () => {
        rig.leaveOutput(level);
        const output = await rig.hardware.openOutput(rig.output, "asIs");
        equal(rig.outputLevel(), level);
        equal(rig.outputHistory().includes(level === 0 ? 1 : 0), false);
        await output.write(level === 0 ? 1 : 0);
        equal(rig.outputLevel(), level === 0 ? 1 : 0);
      });

    it("leaves an output as it is when it is closed, and can open it again", async () => {
      const output = await rig.hardware.openOutput(rig.output, 1);
      await output.close();
      equal(rig.outputLevel(), 1);
      const again = await rig.hardware.openOutput(rig.output, "asIs");
      deepEqual([...new Set(rig.outputHistory())], [1]);
      await again.write(0);
      equal(rig.outputLevel(), 0);
    });

    it("names a line that is not there", async () => {
      await rejects(rig.hardware.openInput(rig.missing), failsWith("GPIO_UNAVAILABLE"));
      await rejects(rig.hardware.openOutput(rig.missing, 1), failsWith("GPIO_UNAVAILABLE"));
      await rejects(rig.hardware.openOutput(rig.missing, "asIs"), failsWith("GPIO_UNAVAILABLE"));
    });

    it("says that a line failed, and does not invent a level", async () => {
      const input = await rig.hardware.openInput(rig.input);
      const output = await rig.hardware.openOutput(rig.output, 1);
      rig.breakLines();
      await rejects(input.read(), failsWith("GPIO_FAILED"));
      await rejects(output.write(0), failsWith("GPIO_FAILED"));
    });
  });
}
