import { match, doesNotMatch } from "node:assert/strict";
import { powerText } from "../../../src/commands/machine-text.js";
import type { PowerTargetSnapshot } from "../../../src/telemetry/machine-snapshot.js";
import { PARTS } from "./watch-snapshot.js";

const TARGET: PowerTargetSnapshot = {
  ...{ targetW: 1500, by: "curtail", limitMHz: 300, powerW: 1480, evidence: "measured" },
  isReached: true,
};

describe("what is said of watts", () => {
  it("names the target, whose it is, and what it makes of the clock", () => {
    doesNotMatch(powerText(PARTS), /held|curtailed/);
    match(
      powerText({ ...PARTS, powerTarget: TARGET }),
      /; curtailed to 1500 W by at most 300 MHz$/,
    );
    const set = { ...TARGET, by: "setPoint", limitMHz: null, isReached: false } as const;
    match(powerText({ ...PARTS, powerTarget: set }), /; held to 1500 W, not reached$/);
  });
});
