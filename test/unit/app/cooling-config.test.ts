import { deepEqual, equal, match, throws } from "node:assert/strict";
import { parseConfig } from "../../../src/app/config.js";
import { ALLOWABLE_NAMES } from "../../../src/boards/obstacles.js";
import { isMinerError } from "../../../src/lib/errors.js";

const parse = (cooling?: unknown, machine = "s19k-pro") =>
  parseConfig(
    JSON.stringify({
      ...{ machine, controlBoard: "virtual", network: "virtual" },
      ...{ allowInferred: ALLOWABLE_NAMES },
      pools: [{ url: "stratum+tcp://127.0.0.1:3333", user: "a" }],
      ...(cooling !== undefined && { cooling }),
    }),
    "config.json",
  );

describe("cooling in the configuration", () => {
  it("is the machine's own when it is left out", () => {
    const { mode, board, maxDutyPct } = parse().coolingPlan;
    deepEqual([mode, board.targetC, maxDutyPct], ["air", 60, 100]);
  });

  it("may want quiet", () => {
    const { minDutyPct, maxDutyPct } = parse({ minDutyPct: 25, maxDutyPct: 60 }).coolingPlan;
    deepEqual([minDutyPct, maxDutyPct], [25, 60]);
  });

  it("takes immersion on its owner's word, and no fans then", () => {
    equal(parse({ mode: "immersion" }).coolingPlan.neededFans, 0);
    equal(parse({ mode: "hydro", flowProvenBy: "external" }).coolingPlan.neededFans, 0);
  });

  for (const [cooling, path, expected] of [
    [{ mode: "hydro" }, "cooling.flowProvenBy", /external/],
    [{ targetC: 70 }, "cooling.targetC", /40 to 63 C/],
    [{ maxDutyPct: 10 }, "cooling.maxDutyPct", /20/],
    [{ minDutyPct: 80, maxDutyPct: 70 }, "cooling.minDutyPct", /at most maxDutyPct, 70/],
    [{ mode: "water" }, "cooling.mode", /air/],
    [{ quiet: true }, "cooling.quiet", /no such field/],
  ] as const)
    it(`names what is wrong with ${JSON.stringify(cooling)}`, () => {
      throws(
        () => parse(cooling),
        (error) => {
          if (!isMinerError(error, "CONFIG_INVALID")) throw error;
          equal(error.context["path"], path);
          match(String(error.context["expected"]), expected);
          return true;
        },
      );
    });
});
