import { deepEqual, equal, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { BRING_UPS } from "../../../src/asic/bring-up/bring-ups.js";
import { FAMILIES } from "../../../src/asic/families.js";
import { checkBoards } from "../../../src/boards/check/check-boards.js";
import { describeFacts } from "../../../src/boards/describe/describe-facts.js";
import {
  defaultBoardsDir,
  fileNames,
  filePath,
  parseBoardText,
  readBoardFile,
} from "../../../src/boards/files.js";
import { listMachines, loadDrivenMachine, loadMachine } from "../../../src/boards/load-machine.js";
import { DRIVEN_CHIPS } from "../../../src/boards/names.js";
import { boardsSchemaText, FILE_KINDS, type FileKind } from "../../../src/boards/schema/index.js";
import { isMinerError } from "../../../src/lib/errors.js";

describe("hardware data of the program", () => {
  it("has no fault", () => {
    deepEqual(checkBoards().faults, []);
  });

  it("says the same as JSON, which images have, and no key of it twice either", () => {
    for (const kind of Object.keys(FILE_KINDS) as FileKind[])
      for (const name of fileNames(defaultBoardsDir(), kind)) {
        const file = filePath(defaultBoardsDir(), kind, name);
        const text = readFileSync(file, "utf8");
        const plain = `${JSON.stringify(parse(text))}\n`;
        deepEqual(parseBoardText(plain, kind, file), parseBoardText(text, kind, file));
        const { faults } = parseBoardText(plain.replace("{", '{"title":"twice",'), kind, file);
        equal(faults[0]?.expectation, "YAML 1.2 without duplicate keys");
      }
  });

  it("has the first machines, and every machine that it drives can be virtual", () => {
    const names = listMachines();
    for (const name of ["s19j-pro", "s19k-pro", "s19-xp", "s21", "s21-pro", "s21-xp"])
      equal(loadMachine(name).bringUp === undefined, false, name);
    for (const name of names) {
      const machine = loadMachine(name);
      equal(
        machine.controlBoards.some((board) => board.virtual),
        machine.bringUp !== undefined,
        name,
      );
    }
  });

  it("lists machines whose chips it cannot drive yet, and says what is missing", () => {
    for (const name of ["s19-pro", "s19", "s17", "s9"])
      throws(
        () => loadDrivenMachine(name),
        (error) =>
          isMinerError(error, "MACHINE_NOT_DRIVEN") &&
          /^driver for BM1(398|397|387)$/.test(String(error.context["missing"])),
      );
  });

  it("describes chips as the driver does", () => {
    for (const name of fileNames(defaultBoardsDir(), "hashboards")) {
      const { chip } = readBoardFile(defaultBoardsDir(), "hashboards", name);
      const model = DRIVEN_CHIPS.find((driven) => driven === chip.model);
      if (model === undefined) continue;
      const { cores, hashUnits } = FAMILIES[model];
      deepEqual({ cores: chip.cores, hashUnits: chip.hashUnits }, { cores, hashUnits }, name);
    }
  });

  it("names bring-ups of the chip that is fitted", () => {
    for (const name of listMachines()) {
      const machine = loadMachine(name);
      if (machine.bringUp !== undefined)
        equal(BRING_UPS[machine.bringUp].model, machine.chip, name);
    }
  });

  it("loads a machine with what it refers to", () => {
    const machine = loadMachine("s19k-pro");
    equal(machine.chip, "BM1366");
    equal(machine.chains, 3);
    equal(machine.hashboard.chain.chips, 77);
    equal(machine.hashboard.hashCountingNumber?.value, 0x115a);
    deepEqual(
      machine.controlBoards.map(({ name }) => name),
      ["amlogic-a113d", "zynq-am2", "virtual"],
    );
  });

  it("says which machines there are when asked for another", () => {
    throws(
      () => loadMachine("s99"),
      (error) =>
        isMinerError(error, "BOARDS_UNKNOWN") &&
        error.context["name"] === "s99" &&
        String(error.context["known"]).includes("s19k-pro"),
    );
  });

  it("has the JSON Schema that the program writes (headframe boards schema)", () => {
    const file = readFileSync(join(defaultBoardsDir(), "schema.json"), "utf8");
    deepEqual(JSON.parse(file), JSON.parse(boardsSchemaText()));
  });

  it("is shown with the evidence and source of every group of values", () => {
    const text = describeFacts(loadMachine("s19-xp"));
    equal(/nominal 475.*\n *inferred: no source gives a clock/.test(text), true, text);
  });
});
