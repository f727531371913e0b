import { deepEqual, ok } from "node:assert/strict";
import { defaultBoardsDir, readBoardFile } from "../../../src/boards/files.js";
import { safeLines } from "../../../scripts/image/safe-lines-text.js";

const linesOf = (name: string): string[] =>
  safeLines(readBoardFile(defaultBoardsDir(), "control-boards", name))
    .trim()
    .split("\n");

describe("safe lines of an image", () => {
  it("switch the supply off before they hold the chains in reset", () => {
    deepEqual(linesOf("qemu-ast2600"), [
      "gpio 1e780000.gpio 28 0",
      "gpio 1e780000.gpio 24 0",
      "gpio 1e780000.gpio 25 0",
      "gpio 1e780000.gpio 26 0",
    ]);
  });

  it("switch off with the other level where the enable line is on at 0", () => {
    const board = readBoardFile(defaultBoardsDir(), "control-boards", "qemu-ast2600");
    const { psuEnable } = board;
    ok(psuEnable !== undefined);
    const [first] = safeLines({ ...board, psuEnable: { ...psuEnable, onLevel: 0 } }).split("\n");
    deepEqual(first, "gpio 1e780000.gpio 28 1");
  });

  it("touch no line that is inferred, and run the fans at full duty", () => {
    const lines = linesOf("beaglebone-am335x");
    ok(!lines.some((line) => line.startsWith("gpio")));
    deepEqual(
      lines.filter((line) => line.startsWith("pwm")),
      ["pwm pwmchip2 0 100000 100000", "pwm pwmchip0 0 100000 100000"],
    );
  });
});
