import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorsDoc } from "../../../scripts/docs/errors-doc.js";
import { ERROR_TABLE, isMinerError, MinerError, type ErrorEntry } from "../../../src/lib/errors.js";

const ROOT = join(import.meta.dirname, "../../..");
const TABLE = Object.entries<ErrorEntry>(ERROR_TABLE);

/** Codes that stand for themselves; every other one is AREA_WHAT. */
const WHOLE_WORDS = ["USAGE", "INTERNAL"];

describe("the error table", () => {
  it("has each code once", () => {
    const folder = join(ROOT, "src/lib/error-table");
    const codes = readdirSync(folder)
      .flatMap((name) => [
        ...readFileSync(join(folder, name), "utf8").matchAll(/^ {2}([A-Z0-9_]+): \{$/gm),
      ])
      .map((found) => found[1]);
    deepEqual(codes.toSorted(), TABLE.map(([code]) => code).toSorted());
  });

  it("has codes of the form AREA_WHAT", () => {
    for (const [code] of TABLE)
      if (!WHOLE_WORDS.includes(code)) match(code, /^[A-Z][A-Z0-9]+(_[A-Z0-9]+)+$/);
  });

  it("says in one sentence each what happened and what to do", () => {
    for (const [code, { meaning, action }] of TABLE) {
      match(meaning, /^[A-Z][^|\n]*\.$/, code);
      match(action, /^[A-Z][^|\n]*\.$/, code);
    }
  });

  it("is what docs/errors.md says", () => {
    const doc = readFileSync(join(ROOT, "docs/errors.md"), "utf8");
    ok(doc === errorsDoc(), "out of date: run npx tsx scripts/docs/errors-doc.ts");
    const rows = [...doc.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map((row) => row[1]);
    deepEqual(
      rows,
      TABLE.map(([code]) => code),
    );
  });
});

describe("MinerError", () => {
  it("puts code, meaning and facts into the message", () => {
    const error = new MinerError("CHAIN_BROKEN", { chain: 1, found: 12, path: "/dev/ttyS1" });
    equal(
      error.message,
      `CHAIN_BROKEN: ${ERROR_TABLE.CHAIN_BROKEN.meaning} chain=1 found=12 path=/dev/ttyS1`,
    );
    equal(error.name, "MinerError");
  });

  it("keeps its cause", () => {
    const cause = new Error("below");
    equal(new MinerError("LINK_OPEN_FAILED", {}, { cause }).cause, cause);
  });

  it("is told apart by code", () => {
    const error: unknown = new MinerError("POOL_SILENT");
    ok(isMinerError(error));
    ok(isMinerError(error, "USAGE", "POOL_SILENT"));
    ok(!isMinerError(error, "USAGE"));
    ok(!isMinerError(new Error("POOL_SILENT"), "POOL_SILENT"));
  });
});
