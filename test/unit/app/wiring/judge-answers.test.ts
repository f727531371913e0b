import { deepEqual, throws } from "node:assert/strict";
import { judgeAnswers, type SlotWire } from "../../../../src/app/wiring/judge-answers.js";

const SLOTS = [0, 1, 2];
const DOCUMENTED = new Map([
  [0, "ttyS1"],
  [1, "ttyS2"],
  [2, "ttyS3"],
]);
const TTYS = ["ttyS1", "ttyS2", "ttyS3", "ttyS4"];

function judge(answers: readonly (readonly [number, readonly string[]])[]): SlotWire[] {
  return judgeAnswers({
    ...{ answers: new Map(answers), slots: SLOTS },
    ...{ documented: DOCUMENTED, ttys: TTYS },
  });
}

const short = (wires: readonly SlotWire[]): string[] =>
  wires.map(({ slot, tty, isProven }) => `${slot} ${tty}${isProven ? "" : "?"}`);

describe("the order of slots and ttys by what answered", () => {
  it("is what answered, whatever the board's file has", () => {
    const wires = judge([
      [0, ["ttyS4"]],
      [1, ["ttyS2"]],
      [2, ["ttyS1"]],
    ]);
    deepEqual(short(wires), ["0 ttyS4", "1 ttyS2", "2 ttyS1"]);
  });

  it("leaves a silent slot its tty of the board's file, as a guess", () => {
    const wires = judge([
      [0, ["ttyS1"]],
      [1, []],
      [2, ["ttyS3"]],
    ]);
    deepEqual(short(wires), ["0 ttyS1", "1 ttyS2?", "2 ttyS3"]);
  });

  it("gives slots whose tty another one has what is free, and no tty twice", () => {
    const wires = judge([[2, ["ttyS1"]]]);
    deepEqual(short(wires), ["0 ttyS3?", "1 ttyS2?", "2 ttyS1"]);
  });

  it("refuses a slot that answers on two ttys", () => {
    throws(() => judge([[1, ["ttyS2", "ttyS3"]]]), {
      code: "CHAIN_ORDER_AMBIGUOUS",
      context: { slots: "1", ttys: "ttyS2 ttyS3" },
    });
  });

  it("refuses two slots on one tty", () => {
    const answers = [
      [0, ["ttyS2"]],
      [1, []],
      [2, ["ttyS2"]],
    ] as const;
    throws(() => judge(answers), {
      code: "CHAIN_ORDER_AMBIGUOUS",
      context: { slots: "0 2", ttys: "ttyS2" },
    });
  });
});
