import { deepEqual, equal, rejects } from "node:assert/strict";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
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

  it("has the new content and leaves nothing else behind", async () => {
    writeFileSync(file, "old, and much longer than what comes after it");
    await writeFileDurably(file, "new");
    equal(readFileSync(file, "utf8"), "new");
    deepEqual(readdirSync(folder), ["file"]);
  });

  it("is its owner's alone when it is new, and keeps its mode when it is not", async () => {
    await writeFileDurably(file, "secret");
    equal(statSync(file).mode & 0o777, 0o600);
    chmodSync(file, 0o640);
    await writeFileDurably(file, "other");
    equal(statSync(file).mode & 0o777, 0o640);
  });

  it("has the mode of the file, whatever a killed process left behind or the umask says", async () => {
    writeFileSync(`${file}.new`, "half", { mode: 0o644 });
    await writeFileDurably(file, "secret");
    equal(statSync(file).mode & 0o777, 0o600);
    chmodSync(file, 0o666);
    await writeFileDurably(file, "open");
    equal(statSync(file).mode & 0o777, 0o666);
  });

  it("keeps what it had as the generation before, and has it until that is kept", async () => {
    await writeFileDurably(file, "first", true);
    deepEqual(readdirSync(folder), ["file"]);
    await writeFileDurably(file, "old", true);
    await writeFileDurably(file, "new", true);
    equal(readFileSync(`${file}.previous`, "utf8"), "old");
    rmSync(`${file}.previous`);
    // Nothing can take the place of a folder with something in it.
    mkdirSync(join(`${file}.previous`, "taken"), { recursive: true });
    await rejects(writeFileDurably(file, "newer", true));
    equal(readFileSync(file, "utf8"), "new");
    deepEqual(
      readdirSync(folder).filter((name) => name === "file.new"),
      [],
    );
  });

  it("is written where a symbolic link leads, and the link stays", async () => {
    const link = join(folder, "link");
    writeFileSync(file, "old");
    symlinkSync(file, link);
    await writeFileDurably(link, "new");
    equal(readFileSync(file, "utf8"), "new");
    equal(lstatSync(link).isSymbolicLink(), true);
  });

  it("keeps the old content when the new cannot be written", async () => {
    const missing = join(folder, "missing", "file");
    await rejects(writeFileDurably(missing, "new"), /ENOENT/);
    // A folder cannot be replaced by a file.
    await rejects(writeFileDurably(folder, "new"));
    deepEqual(readdirSync(folder), []);
  });
});
