import { deepEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { BODY_FAULTS } from "../../../src/virtual/body/faults/body-fault-set.js";
import { FAULTS } from "../../../src/virtual/faults.js";

describe("the page of the virtual machine", () => {
  it("names every fault, once", () => {
    const page = readFileSync("src/virtual/README.md", "utf8");
    const section = /^## Faults$(.*?)^## /ms.exec(page)?.[1] ?? "";
    const rows = section.split("\n").filter((line) => line.startsWith("| "));
    const named = rows.flatMap((row) => [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    deepEqual(named.sort(), [...Object.keys(FAULTS), ...Object.keys(BODY_FAULTS)].sort());
  });
});
