import { deepEqual, equal, ok } from "node:assert/strict";
import { parseConfig, type Config } from "../../../src/app/config.js";
import { settingLimits, type SettingLimit } from "../../../src/app/setting-limits.js";
import { ALLOWABLE_NAMES } from "../../../src/boards/obstacles.js";
import { isMinerError } from "../../../src/lib/errors.js";

const CONFIG = {
  ...{ machine: "s19k-pro", controlBoard: "virtual", allowInferred: ALLOWABLE_NAMES },
  pools: [{ url: "stratum+tcp://a:1", user: "u" }],
};
/** Settings that stand for themselves: others make sense beside more fields only. */
const TRIED = /^(freqMHz|railMv|powerW|deadManMs|realTimePriority|cooling\.\w+|safety\.\w+)$/;

describe("limits of the settings", () => {
  const config = parseConfig(JSON.stringify(CONFIG), "test");
  const limits = settingLimits(config);

  function tried(path: string, value: unknown): Config | undefined {
    const [outer = "", inner] = path.split(".");
    const field = inner === undefined ? value : { [inner]: value };
    try {
      return parseConfig(JSON.stringify({ ...CONFIG, [outer]: field }), "test", config.machineSpec);
    } catch (error) {
      ok(isMinerError(error, "CONFIG_INVALID"), String(error));
      return undefined;
    }
  }

  const numbers = limits.filter(({ path, choices }) => TRIED.test(path) && choices === null);
  for (const { path, min, max } of numbers)
    it(`are those that ${path} is held to`, () => {
      // Some lower bounds are zero, which is not taken itself.
      if (min !== null && min > 0) ok(tried(path, min) !== undefined, String(min));
      if (min !== null) equal(tried(path, min - 1), undefined);
      if (max !== null) ok(tried(path, max) !== undefined, String(max));
      if (max !== null) equal(tried(path, max + 1), undefined);
      ok(min !== null || max !== null);
    });

  it("are of the machine where it is stricter", () => {
    const of = (path: string): SettingLimit | undefined =>
      limits.find((limit) => limit.path === path);
    const { freqMHz, railMv } = config.machineSpec;
    deepEqual([of("freqMHz")?.min, of("freqMHz")?.max], [freqMHz.min, freqMHz.max]);
    deepEqual([of("railMv")?.min, of("railMv")?.nominal], [railMv?.min, railMv?.running]);
    ok((of("powerW")?.min ?? 0) > 100);
    equal(of("safety.boardCutC")?.max, config.machineSpec.limits.boardC.cut);
    deepEqual(of("noPool")?.choices, ["stop", "keepWarm"]);
    ok(numbers.length > 12, String(numbers.length));
  });
});
