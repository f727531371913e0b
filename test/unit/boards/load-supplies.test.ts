import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findSupplyType, loadSupplies } from "../../../src/boards/load-supplies.js";
import { projectRoot } from "../../../src/lib/project-root.js";

describe("type codes of power supplies", () => {
  const named = (code: number, firmware: number | null): unknown[] => {
    const found = findSupplyType(code, firmware);
    return [found?.supply.name, found?.type.dac?.a];
  };

  it("mean what their firmware says, by its low byte", () => {
    deepEqual(named(0xc1, 0x1a08), ["apw17", 1083.75]);
    deepEqual(named(0xc1, 0x1a03), ["apw17", 1275]);
  });

  it("mean the oldest where the firmware cannot be read", () => {
    deepEqual(named(0xc1, null), ["apw17", 1275]);
  });

  it("mean one thing where firmware does not matter", () => {
    deepEqual(named(0x71, null), ["apw12", 1190.935338]);
    deepEqual(named(0x71, 0xffff), ["apw12", 1190.935338]);
    equal(findSupplyType(0x62, 0)?.supply.protocol, "apwV2");
  });

  it("mean nothing where nobody described them", () => {
    equal(findSupplyType(0x79, 0), undefined);
  });

  it("have the formulas and scales of the factory tool", () => {
    const formulas = vector<{ coefficients: Record<string, object> }>("psu_dac_formulas");
    const frames = vector<{ measure_scale_by_type: { volts_per_count: Record<string, number> } }>(
      "psu_v1_frames",
    );
    const scales = frames.measure_scale_by_type.volts_per_count;
    const types = loadSupplies().flatMap(({ protocol, types: all = [] }) =>
      protocol === "apwV1" ? all : [],
    );
    for (const { code, firmwareLow, dac, measureVoltsPerCount } of types) {
      const name = `0x${code.toString(16).toUpperCase()}`;
      const age = firmwareLow?.from === 0 ? "old" : "new";
      const key = firmwareLow === undefined ? name : `0xC1_${age}`;
      deepEqual(dac, formulas.coefficients[key], key);
      equal(measureVoltsPerCount, scales[name], name);
    }
    equal(new Set(types.map(({ code }) => code)).size, 15);
  });
});

function vector<Content>(name: string): Content {
  const file = join(projectRoot(), "test", "fixtures", "power", `${name}.json`);
  return JSON.parse(readFileSync(file, "utf8")) as Content;
}
