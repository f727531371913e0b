import { equal } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunningMark } from "../../../../src/app/life-cycle/running-mark.js";
import { createLogger } from "../../../../src/lib/logger.js";

describe("mark of a running machine", () => {
  let folder: string;
  let bootIdFile: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-mark-"));
    bootIdFile = join(folder, "boot_id");
    writeFileSync(bootIdFile, "one\n");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function open(): RunningMark {
    return new RunningMark({
      ...{ path: join(folder, "running"), bootIdFile, log: createLogger("silent") },
    });
  }

  it("is left by a process that ends with the power on", () => {
    equal(open().wasLeft, false);
    open().set(true);
    equal(open().wasLeft, true);
  });

  it("is taken away by whoever switches the power off", () => {
    const first = open();
    first.set(true);
    first.set(false);
    equal(open().wasLeft, false);
    first.set(true);
    open().set(false);
    equal(open().wasLeft, false);
  });

  it("says nothing after a start of the computer, or where starts cannot be told apart", () => {
    open().set(true);
    writeFileSync(bootIdFile, "two\n");
    equal(open().wasLeft, false);
    rmSync(bootIdFile);
    open().set(true);
    equal(open().wasLeft, false);
  });

  it("holds nobody up when it cannot be written", () => {
    const mark = open();
    rmSync(folder, { recursive: true });
    mark.set(true);
    mark.set(false);
  });
});
