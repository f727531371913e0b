import { equal, throws } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rebootProgram } from "../../../src/app/reboot.js";

describe("the program that starts the control board anew", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-reboot-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("is none on a virtual control board: that is somebody's computer", () => {
    throws(() => rebootProgram({ board: { virtual: true } }), /REBOOT_UNAVAILABLE.*virtual/);
  });

  it("is the one that the owner names, where it can be run", () => {
    const program = join(folder, "again");
    for (const virtual of [true, false]) {
      const wish = { board: { virtual }, rebootWith: program };
      rmSync(program, { force: true });
      throws(() => rebootProgram(wish), /REBOOT_UNAVAILABLE.*ENOENT/);
      writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
      equal(rebootProgram(wish), program);
    }
  });
});
