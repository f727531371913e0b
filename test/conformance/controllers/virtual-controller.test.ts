import { equal } from "node:assert/strict";
import { FramedController } from "../../../src/drivers/controller/framed-controller.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { FramedController as VirtualController } from "../../../src/virtual/parts/framed-controller.js";
import { finished } from "../../unit/drivers/controller/fake-controller.js";
import { partBus } from "../part-bus.js";

const VERSION = 0x89;
const BYTE_MS = 0.2;

/** Driver and virtual machine are written apart from each other: they must mean the same. */
describe("driver of framed controllers and the virtual controller", () => {
  const board = { find: () => undefined, inputMv: () => 15_000 };

  for (const [left, what] of [
    ["", "from rest"],
    ["55aa", "of which a frame began"],
    ["55aa04", "of which a length came"],
    ["55aaff17", "of which a long frame began"],
  ] as const)
    it(`start one ${what}`, async () => {
      const clock = new ManualClock();
      const part = new VirtualController(VERSION, board, false);
      part.write(Uint8Array.of(0), clock.nowMs());
      for (const byte of Buffer.from(left, "hex")) part.write(Uint8Array.of(byte), clock.nowMs());
      const controller = new FramedController(partBus(part, clock, BYTE_MS, BYTE_MS), 0x20, clock);
      equal(await finished(clock, controller.start()), VERSION);
      equal(part.state().flashCommands, 0);
      equal(part.isConverterOn, false);
    });
});
