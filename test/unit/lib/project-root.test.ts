import { equal, throws } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, parse } from "node:path";
import { isMinerError } from "../../../src/lib/errors.js";
import { projectRoot } from "../../../src/lib/project-root.js";

describe("projectRoot", () => {
  const root = join(import.meta.dirname, "../../..");

  it("is the folder that holds the hardware data", () => {
    equal(projectRoot(), root);
    equal(existsSync(join(projectRoot(), "boards")), true);
  });

  it("is found from the bundle too", () => {
    equal(projectRoot(join(root, "dist/chunk.js")), root);
  });

  it("throws when no folder above has it", () => {
    throws(
      () => projectRoot(join(parse(root).root, "nowhere/at/all.js")),
      (error) => isMinerError(error, "INTERNAL"),
    );
  });
});
