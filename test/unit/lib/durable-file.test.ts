import { deepEqual, equal, throws } from "node:assert/strict";
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFileDurably } from "../../../src/lib/durable-file.js";

describe("a durable file", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-durable-"));
    file = join(folder, "file");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("has the new content and leaves nothing else behind", () => {
    writeFileSync(file, "old, and much longer than what comes after it");
    writeFileDurably(file, "new");
    equal(readFileSync(file, "utf8"), "new");
    deepEqual(readdirSync(folder), ["file"]);
  });

  it("is its owner's alone when it is new, and keeps its mode when it is not", () => {
    writeFileDurably(file, "secret");
    equal(statSync(file).mode & 0o777, 0o600);
    chmodSync(file, 0o640);
    writeFileDurably(file, "other");
    equal(statSync(file).mode & 0o777, 0o640);
  });

  it("is written where a symbolic link leads, and the link stays", () => {
    const link = join(folder, "link");
    writeFileSync(file, "old");
    symlinkSync(file, link);
    writeFileDurably(link, "new");
    equal(readFileSync(file, "utf8"), "new");
    equal(lstatSync(link).isSymbolicLink(), true);
  });

  it("keeps the old content when the new cannot be written", () => {
    const missing = join(folder, "missing", "file");
    throws(() => {
      writeFileDurably(missing, "new");
    }, /ENOENT/);
    // A folder cannot be replaced by a file.
    throws(() => {
      writeFileDurably(folder, "new");
    });
    deepEqual(readdirSync(folder), []);
  });
});
