import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StateFile, type LoadedState } from "../../../src/lib/state-file.js";
import { stateText, type StateFormat } from "../../../src/lib/state-text.js";

const FORMAT: StateFormat<number> = {
  migrations: [null],
  parse: (plain) => {
    if (typeof plain !== "number") throw new Error("no count");
    return plain;
  },
  plain: (count) => count,
};

const textOf = (count: number): string => stateText(FORMAT, count);

describe("state file", () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "state-file-"));
    path = join(folder, "counters.json");
  });

  afterEach(() => rm(folder, { recursive: true }));

  const make = (): StateFile<number> => new StateFile(path, FORMAT);
  const load = (): Promise<LoadedState<number>> => make().load();

  async function saveAll(...counts: readonly number[]): Promise<void> {
    const file = make();
    await file.load();
    for (const count of counts) await file.save(count);
  }

  it("is empty at first, and gives back what was saved last", async () => {
    deepEqual(await load(), { is: "none", trouble: [] });
    const file = make();
    await Promise.all([file.save(1), file.save(2), file.save(3)]);
    deepEqual(await load(), { is: "loaded", state: 3, from: "file", trouble: [] });
    equal(await readFile(`${path}.previous`, "utf8"), textOf(2));
    deepEqual((await readdir(folder)).sort(), ["counters.json", "counters.json.previous"]);
  });

  it("falls back to the generation before when the file is gone, and says so", async () => {
    await saveAll(1, 2);
    await rm(path);
    const trouble = [{ file: path, why: "missing", reason: "missing", keptAs: undefined }];
    deepEqual(await load(), { is: "loaded", state: 1, from: "previous", trouble });
    await saveAll(3);
    deepEqual(await load(), { is: "loaded", state: 3, from: "file", trouble: [] });
  });

  // Every byte of the text itself is the property tests' business.
  it("keeps a file that was cut, whoever reads and saves then", async () => {
    await saveAll(1);
    const whole = textOf(2);
    for (let length = 0; length < whole.length - 1; length += 13) {
      await writeFile(path, whole);
      await truncate(path, length);
      await writeFile(`${path}.previous`, textOf(1));
      const found = await load();
      equal(found.is === "loaded" && found.from, "previous", `${length} bytes`);
      const keptAs = found.trouble[0]?.keptAs ?? "";
      deepEqual(await load(), found, "a start that was cut short changes nothing");
      await saveAll(3);
      equal(await readFile(`${path}.previous`, "utf8"), textOf(1), "the last good one");
      equal(await readFile(keptAs, "utf8"), whole.slice(0, length));
      await saveAll(4);
      equal(await readFile(`${path}.previous`, "utf8"), textOf(3));
      await rm(keptAs);
    }
  });

  it("keeps both generations when neither can be read, and both stay where they are", async () => {
    await writeFile(path, "{}");
    await writeFile(`${path}.previous`, "\u0000\u0000");
    const { is, trouble } = await load();
    equal(is, "none");
    deepEqual(
      trouble.map(({ file, why }) => [file, why]),
      [
        [path, "damaged"],
        [`${path}.previous`, "damaged"],
      ],
    );
    deepEqual(await load(), { is, trouble });
    equal((await readdir(folder)).length, 4);
  });

  it("refuses the file of a later program by name, and keeps it", async () => {
    const later = stateText({ ...FORMAT, migrations: [null, Number] }, 7);
    await writeFile(path, later);
    const { is, trouble } = await load();
    deepEqual([is, trouble[0]?.why], ["none", "newer"]);
    ok(trouble[0]?.reason.includes("version 2"));
    await saveAll(1);
    equal(await readFile(trouble[0]?.keptAs ?? "", "utf8"), later);
    deepEqual(await load(), { is: "loaded", state: 1, from: "file", trouble: [] });
  });

  it("does not write over a file that could not be kept", async () => {
    await writeFile(path, "broken");
    const [first] = (await load()).trouble;
    // The name is taken by something else.
    await rm(first?.keptAs ?? "");
    await writeFile(first?.keptAs ?? "", "older");
    const file = make();
    const { trouble } = await file.load();
    deepEqual(
      trouble.map(({ keptAs }) => keptAs),
      [undefined],
    );
    await rejects(file.save(1), { code: "EEXIST" });
    equal(await readFile(path, "utf8"), "broken");
    equal(await readFile(first?.keptAs ?? "", "utf8"), "older");
  });

  it("rejects when it cannot save, and saves again when it can", async () => {
    const file = make();
    await file.save(1);
    await mkdir(`${path}.new`);
    await rejects(file.save(2), { code: "EISDIR" });
    deepEqual(await load(), { is: "loaded", state: 1, from: "file", trouble: [] });
    await rm(`${path}.new`, { recursive: true });
    await file.save(3);
    deepEqual(await load(), { is: "loaded", state: 3, from: "file", trouble: [] });
  });

  it("goes on over what a killed process left behind", async () => {
    await saveAll(1);
    await writeFile(`${path}.new`, "half");
    await writeFile(`${path}.previous.new`, "half");
    await saveAll(2);
    deepEqual(await load(), { is: "loaded", state: 2, from: "file", trouble: [] });
    equal(await readFile(`${path}.previous`, "utf8"), textOf(1));
  });
});
