import { equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { safetyDoc } from "../../../scripts/docs/safety-doc.js";
import { OwnLimits } from "../../../src/app/machine/own-limits.js";

const ROOT = join(import.meta.dirname, "../../..");

describe("docs/safety.md", () => {
  const page = readFileSync(join(ROOT, "docs/safety.md"), "utf8");

  it("says what the rules say", () => {
    equal(safetyDoc(page), page);
  });

  it("names every limit that an owner may make stricter", () => {
    for (const name of Object.keys(OwnLimits.shape))
      equal(page.includes(`| \`${name}\` `), true, name);
  });
});
