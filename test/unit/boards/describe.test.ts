import { deepEqual, equal, ok } from "node:assert/strict";
import { describeFacts, wrapped } from "../../../src/boards/describe/describe-facts.js";
import { factGroups } from "../../../src/boards/describe/fact-groups.js";
import { drivability } from "../../../src/boards/drivability.js";
import { defaultBoardsDir, readBoardFile } from "../../../src/boards/files.js";
import { loadMachine } from "../../../src/boards/load-machine.js";

const KNOWN = { evidence: "documented", source: "a manual" } as const;
const GUESS = { evidence: "inferred", source: "a guess" } as const;

describe("hardware data as text", () => {
  it("puts what is inferred under a heading of its own, with its source", () => {
    const text = describeFacts({ a: { size: 1, ...GUESS }, b: { size: 2, ...KNOWN } });
    deepEqual(text.split("\n"), [
      "",
      "known",
      "  b: size 2",
      "      documented: a manual",
      "",
      "inferred, unproven",
      "  a: size 1",
      "      inferred: a guess",
    ]);
  });

  it("tells a source once for neighbours that share it", () => {
    const text = describeFacts({ a: { size: 1, ...KNOWN }, b: { size: 2, ...KNOWN } });
    equal(text.match(/a manual/g)?.length, 1);
  });

  it("names items of a list by what tells them apart", () => {
    const sensors = [
      { place: "inlet", at: { bus: "boards", addresses: [0x48, 0x49] }, ...KNOWN },
      { place: "outlet", at: { bus: "controller", address: 0x4a }, ...KNOWN },
    ];
    const types = [
      { code: 0xc1, ...KNOWN },
      { code: 0xc1, ...KNOWN },
    ];
    deepEqual(
      factGroups({ sensors, types }).map(({ path, text }) => `${path}: ${text}`),
      [
        "sensors.inlet: at bus boards addresses 0x48, 0x49",
        "sensors.outlet: at bus controller address 0x4a",
        "types.0xc1 (0): yes",
        "types.0xc1 (1): yes",
      ],
    );
  });

  it("shows the chains of a control board with how they are known", () => {
    const board = readBoardFile(defaultBoardsDir(), "control-boards", "amlogic-a113d");
    const chains = factGroups(board).find(({ path }) => path === "chains");
    ok(chains?.text.includes("0 tty ttyS1 reset gpio 454 present gpio 439"), chains?.text);
    equal(chains?.evidence, "documented");
  });

  it("breaks long lines at blanks and indents what follows", () => {
    const text = wrapped("label: ", "word ".repeat(40).trim(), "  ");
    for (const line of text.split("\n")) ok(line.length <= 110);
    ok(/^ {2}label: word .*\n {4}word/.test(text), text);
  });
});

describe("control boards of a machine", () => {
  const states = (name: string): Record<string, string> =>
    Object.fromEntries(
      drivability(loadMachine(name)).map(({ controlBoard, state, allowInferred }) => [
        controlBoard,
        [state, ...allowInferred].join(" "),
      ]),
    );

  it("drive it, ask its owner, or refuse", () => {
    deepEqual(states("s19k-pro"), {
      "amlogic-a113d": "asks psuEnable",
      "zynq-am2": "refuses",
      virtual: "drives",
    });
    deepEqual(states("s19-pro"), { "zynq-am2": "refuses" });
  });

  it("find the order of a disputed board's ttys, or leave it to the owner where boards answer only together", () => {
    const orders = (name: string): unknown =>
      Object.fromEntries(
        drivability(loadMachine(name)).map(({ controlBoard, chainOrder }) => [
          controlBoard,
          chainOrder,
        ]),
      );
    deepEqual(orders("s21"), { "amlogic-a113d": "hardware", "zynq-am2": "data", virtual: "data" });
    deepEqual(orders("s19k-pro"), {
      ...{ "amlogic-a113d": "owner", "zynq-am2": "data", virtual: "data" },
    });
  });

  it("refuse also what could be allowed, where something else is missing", () => {
    equal(states("s19j-pro")["cv1835"], "refuses psuEnable railMv");
  });
});
