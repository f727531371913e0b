import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkBoards } from "../../../src/boards/check.js";
import { defaultBoardsDir } from "../../../src/boards/files.js";
import { loadMachine } from "../../../src/boards/load-machine.js";
import { isMinerError } from "../../../src/lib/errors.js";

interface Case {
  readonly title: string;
  readonly file: string;
  readonly replace: string | RegExp;
  readonly by: string;
  readonly path: string;
  readonly expectation: RegExp;
}

const CASES: readonly Case[] = [
  {
    title: "a key twice",
    file: "machines/s19k-pro.yaml",
    replace: "hashboards: 3",
    by: "hashboards: 3\nhashboards: 4",
    path: "line 5",
    expectation: /without duplicate keys/,
  },
  {
    title: "a misspelt key",
    file: "hashboards/bhb56902.yaml",
    replace: "addressStep: 2",
    by: "adressStep: 2",
    path: "chain.addressStep",
    expectation: /expected number/,
  },
  {
    title: "a value without evidence",
    file: "hashboards/bhb56902.yaml",
    replace: "evidence: documented",
    by: "evidence: rumoured",
    path: "boardNames.evidence",
    expectation: /"captured"\|"documented"\|"inferred"/,
  },
  {
    title: "volts where millivolts belong",
    file: "machines/s19k-pro.yaml",
    replace: "running: 13200",
    by: "running: 13.2",
    path: "railMv.running",
    expectation: /expected int/,
  },
  {
    title: "domains that do not add up",
    file: "hashboards/bhb56902.yaml",
    replace: "domains: 11",
    by: "domains: 10",
    path: "chain.chips",
    expectation: /domains x chipsPerDomain = 70/,
  },
  {
    title: "addresses beyond a byte",
    file: "hashboards/bhb56902.yaml",
    replace: "addressStep: 2",
    by: "addressStep: 4",
    path: "chain.addressStep",
    expectation: /at most 3/,
  },
  {
    title: "more cores than hash units",
    file: "hashboards/bhb56902.yaml",
    replace: "cores: 112",
    by: "cores: 1120",
    path: "chip.hashUnits",
    expectation: /at least cores = 1120/,
  },
  {
    title: "a hashboard that does not exist",
    file: "machines/s19k-pro.yaml",
    replace: "hashboard: bhb56902",
    by: "hashboard: bhb00000",
    path: "hashboard",
    expectation: /one of bhb42601/,
  },
  {
    title: "a control board that does not exist",
    file: "machines/s19k-pro.yaml",
    replace: "[amlogic-a113d, zynq-am2, virtual]",
    by: "[zynq, virtual]",
    path: "controlBoards",
    expectation: /one of amlogic-a113d/,
  },
  {
    title: "more hashboards than the control board has chains",
    file: "machines/s19k-pro.yaml",
    replace: "hashboards: 3",
    by: "hashboards: 4",
    path: "hashboards",
    expectation: /at most 3 on amlogic-a113d/,
  },
  {
    title: "a bring-up of another chip",
    file: "machines/s19k-pro.yaml",
    replace: "bm1366-s19kpro",
    by: "bm1370-s21pro",
    path: "bringUp",
    expectation: /a bring-up of BM1366/,
  },
  {
    title: "a hash rate that the clock does not give",
    file: "machines/s19k-pro.yaml",
    replace: "hashrateThs: 111.5",
    by: "hashrateThs: 120",
    path: "rated.hashrateThs",
    expectation: /= 111.52 within 2 %/,
  },
  {
    title: "a nominal clock beyond the highest",
    file: "machines/s19k-pro.yaml",
    replace: "max: 670",
    by: "max: 500",
    path: "freqMHz.max",
    expectation: /at least nominal = 540/,
  },
  {
    title: "a throttle limit at the warning",
    file: "machines/s19k-pro.yaml",
    replace: "throttle: 70",
    by: "throttle: 65",
    path: "limits.boardC.throttle",
    expectation: /above warn = 65/,
  },
  {
    title: "a line used twice",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "gpio: 455",
    by: "gpio: 439",
    path: "chains.1.reset",
    expectation: /used once; chains.0.present has it/,
  },
  {
    title: "a tty used twice",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "tty: ttyS2",
    by: "tty: ttyS1",
    path: "chains.1.tty",
    expectation: /used once; chains.0.tty has it/,
  },
  {
    title: "a path out of the device directory",
    file: "control-boards/amlogic-a113d.yaml",
    replace: "tty: ttyS2",
    by: "tty: ../ttyS2",
    path: "chains.1.tty",
    expectation: /must match pattern/,
  },
];

describe("checkBoards", () => {
  let dir = "";

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "boards-"));
    cpSync(defaultBoardsDir(), dir, { recursive: true });
  });

  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  for (const { title, file, replace, by, path, expectation } of CASES)
    it(`refuses ${title}`, () => {
      const where = join(dir, file);
      const text = readFileSync(where, "utf8");
      const changed = text.replace(replace, by);
      ok(changed !== text, "the case changes nothing");
      writeFileSync(where, changed);
      const fault = checkBoards(dir).faults.find((found) => found.file === where);
      equal(fault?.path, path);
      ok(expectation.test(fault.expectation), fault.expectation);
    });

  it("checks one file when asked for one", () => {
    const file = join(dir, "machines/s19k-pro.yaml");
    deepEqual(checkBoards(dir, file), { files: 1, faults: [] });
  });

  it("says so when a file cannot be read or lies in no known folder", () => {
    equal(checkBoards(dir, join(dir, "machines/none.yaml")).faults.length, 1);
    equal(checkBoards(dir, join(dir, "README.md")).faults.length, 1);
  });

  it("loads nothing from a file with a fault, and names file, path and value", () => {
    const file = join(dir, "hashboards/bhb56902.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("chips: 77", "chips: many"));
    throws(
      () => loadMachine("s19k-pro", dir),
      (error) =>
        isMinerError(error, "BOARDS_INVALID") &&
        error.context["file"] === file &&
        error.context["path"] === "chain.chips" &&
        error.context["value"] === '"many"',
    );
  });
});
