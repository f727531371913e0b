import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { loadSupplies } from "../../../../src/boards/load-supplies.js";
import {
  type DecodedPiece,
  decodeRecording,
} from "../../../../src/drivers/psu/decode/decode-recording.js";
import { readRecording } from "../../../../src/drivers/psu/decode/read-recording.js";
import { splitFrames } from "../../../../src/drivers/psu/decode/split-frames.js";
import { SupplyModel } from "../../../../src/drivers/psu/decode/supply-model.js";
import { buildFrame } from "../../../../src/drivers/psu/frame.js";
import { toHex } from "../../../../src/lib/bytes.js";
import { isMinerError } from "../../../../src/lib/errors.js";

const TYPE_71 = "55AA060271007900";
const SET_9 = "55AA068309009200";
const BLOCK = blockOfVectors();
const KNOWN = loadSupplies();

function blockOfVectors(): string {
  const file = new URL("../../../fixtures/power/psu_calibration.json", import.meta.url);
  const { synthetic } = JSON.parse(readFileSync(file, "utf8")) as {
    synthetic: { block_hex: string };
  };
  return synthetic.block_hex;
}

function decode(content: string | Uint8Array, model = "apw12"): readonly DecodedPiece[] {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return decodeRecording(readRecording(bytes), new SupplyModel(model, KNOWN));
}

function frameHex(version: 1 | 2, command: number, ...payload: readonly number[]): string {
  return toHex(buildFrame(version, command, Uint8Array.from(payload)));
}

describe("recording of a supply", () => {
  it("is hex in any of its forms, over any number of lines", () => {
    const forms = [
      SET_9,
      SET_9.toLowerCase(),
      "55 AA 06 83 09 00 92 00",
      "0x55, 0xaa, 0x06, 0x83\n0x09, 0x00, 0x92, 0x00 # volts",
      "# a comment\n55:AA:06:83\r\n\r\n09:00:92:00\r\n",
    ];
    for (const form of forms)
      deepEqual(
        decode(form).map(({ hex }) => hex),
        [SET_9.toLowerCase()],
      );
  });

  it("is binary", () => {
    deepEqual(
      decode(new Uint8Array(Buffer.from(TYPE_71 + SET_9, "hex"))).map(({ kind }) => kind),
      ["frame", "frame"],
    );
  });

  it("keeps times and directions of a capture, whose bursts may be single bytes", () => {
    const bytes = [...Buffer.from(SET_9, "hex")].map((byte) => byte.toString(16).padStart(2, "0"));
    const sent = bytes.map((byte, index) => `${index}.5 > ${byte}`);
    const items = decode([...sent, "9 < f5", `10 < ${SET_9}`].join("\n"));
    deepEqual(
      items.map(({ t, dir, role, kind }) => [t, dir, role ?? kind]),
      [
        [0.5, ">", "request"],
        [9, "<", "notReady"],
        [10, "<", "reply"],
      ],
    );
  });

  it("may be one of the bus, with the register in front of each byte", () => {
    const bytes = [...Buffer.from(TYPE_71, "hex")].map((byte) =>
      byte.toString(16).padStart(2, "0"),
    );
    const lines = [
      "> 00",
      "< f5",
      ...["55", "aa", "04", "02", "06", "00"].map((byte) => `> 11${byte}`),
      ...bytes.flatMap((byte) => ["> 11", `< ${byte}`]),
    ];
    deepEqual(
      decode(lines.join("\n")).map(({ kind, meaning, role }) => [kind, role ?? meaning]),
      [
        ["notReady", "not ready, or refused"],
        ["frame", "request"],
        ["frame", "reply"],
      ],
    );
  });

  for (const [what, text] of [
    ["a word", "55AA\nhello"],
    ["half a byte", "55AA\n55A"],
    ["a dump with addresses", "55AA\n00000000: 55aa 0402  U..."],
    ["nothing", "# only a comment\n"],
  ] as const)
    it(`is refused with ${what}, and the line is named`, () => {
      throws(
        () => decode(text),
        (error) => {
          ok(isMinerError(error, "CAPTURE_INVALID"));
          equal(error.context["line"], what === "nothing" ? undefined : 2);
          return true;
        },
      );
    });

  it("is refused quickly when its last character is wrong", () => {
    throws(() => decode(`${"5a".repeat(50_000)}!`));
  });

  it("is decoded whole, whatever it is", () => {
    const frame = fc.constantFrom(
      TYPE_71,
      SET_9,
      "55AA08830000A041A8C4",
      "F5",
      "FFFF",
      "55AA",
      "55AA00",
    );
    const noise = fc.uint8Array({ maxLength: 12 }).map((bytes) => toHex(bytes));
    fc.assert(
      fc.property(fc.array(fc.oneof(frame, noise), { minLength: 1, maxLength: 12 }), (parts) => {
        const hex = parts.join("").toLowerCase();
        const bytes = new Uint8Array(Buffer.from(hex, "hex"));
        const pieces = splitFrames(bytes);
        equal(pieces.map((piece) => toHex(piece.bytes)).join(""), hex);
        for (const { offset, bytes: own } of pieces)
          deepEqual(bytes.slice(offset, offset + own.length), own);
        if (bytes.length > 0)
          decodeRecording([{ bytes, times: [] }], new SupplyModel("apw17", KNOWN));
      }),
      { numRuns: 300 },
    );
  });

  it("loses no frame behind damage", () => {
    const cut = SET_9.slice(0, 12);
    const kinds = decode(`${cut}${TYPE_71} 0102 F5F5F5 ${SET_9}`).map(({ kind }) => kind);
    deepEqual(kinds, ["badFrame", "frame", "garbage", "notReady", "frame"]);
  });
});

describe("meaning of a supply's frames", () => {
  it("has volts where all types of the model agree", () => {
    deepEqual(decode(SET_9, "0x71")[0]?.values, { setpoint: 9, railMv: 15_010 });
    deepEqual(decode(SET_9, "0x71")[0]?.unknown, undefined);
  });

  it("says what the volts would be where they do not", () => {
    const [item] = decode(SET_9, "apw12");
    deepEqual(item!.values, { setpoint: 9 });
    const [unknown = ""] = item!.unknown ?? [];
    ok(unknown.includes("15.010 V if it is 0x71, 0x72, 0x75, 0x77"), unknown);
    ok(unknown.includes("15.454 V if it is 0x43"), unknown);
  });

  it("believes the type and the firmware that the supply tells", () => {
    equal(decode(TYPE_71 + SET_9).at(-1)?.values?.["railMv"], 15_010);
    const newer = frameHex(1, 0x01, 0x08, 0x1a) + frameHex(1, 0x83, 21, 0);
    equal(decode(newer, "0xC1").at(-1)?.values?.["railMv"], 15_004);
    ok((decode(frameHex(1, 0x83, 21, 0), "0xC1").at(-1)?.unknown ?? []).length > 0);
  });

  it("says when the supply is not what the model says", () => {
    const items = decode(TYPE_71 + SET_9, "apw17");
    ok(items[0]!.remarks![0]!.includes("apw17 is 0xc1 0xc2"));
    equal(items[1]?.values?.["railMv"], 15_010);
    const unheard = decode(frameHex(1, 0x02, 0x99, 0) + SET_9);
    deepEqual(unheard[0]?.remarks, ["no hardware data describes this type"]);
    equal(unheard[1]?.values?.["railMv"], undefined);
  });

  it("uses a calibration from where it is read on", () => {
    const block = [...Buffer.from(BLOCK, "hex")];
    const items = decode(SET_9 + frameHex(1, 0x06, 0, ...block) + SET_9, "0x71");
    deepEqual(
      items.map(({ values }) => values?.["railMv"]),
      [15_010, undefined, 14_976],
    );
    equal(items[1]?.values?.["date"], "2021-12-08");
  });

  it("has the measured output of types that can be measured", () => {
    const measured = frameHex(1, 0x04, 0x20, 0x03);
    equal(decode(measured, "0x75")[0]?.values?.["railMv"], 12_701);
    deepEqual(decode(measured, "0x72")[0]?.unknown, [
      "volts: no scale of the measured output is known for 0x72",
    ]);
  });

  it("says that the bits of flags are not known", () => {
    const [item] = decode(frameHex(1, 0x0a, 1, 2, 3, 4, 5, 6, 7, 8), "apw17");
    deepEqual(item!.values, { now: "01020304", since: "05060708" });
    deepEqual(item!.unknown, ["the meaning of the bits"]);
  });

  it("says what it does not know of commands, lengths and states", () => {
    const cases: readonly [string, string][] = [
      [frameHex(1, 0x55), "unknown command"],
      [frameHex(1, 0x02, 1, 2, 3), "type"],
      [frameHex(1, 0x05, 7, 0), "output state"],
      [frameHex(1, 0x83, 9, 1), "set voltage"],
      [frameHex(2, 0x83, 0, 0, 0xc0, 0x7f), "set voltage"],
      [frameHex(1, 0x09, 1, 0, 1, 0, 1, 0), "temperatures"],
    ];
    for (const [hex, meaning] of cases) {
      const [item] = decode(hex);
      equal(item?.meaning, meaning);
      ok((item.unknown ?? item.remarks ?? []).length > 0, meaning);
    }
  });

  it("has the volts of version 2", () => {
    deepEqual(decode("55AA08830000A041A8C4", "apw11-v2")[0]?.values, {
      volts: 20,
      railMv: 20_000,
    });
  });

  it("names the damage of a frame", () => {
    deepEqual(decode("55AA060271007A00")[0]?.remarks, ["the sum is wrong"]);
    ok(decode("55AA060271000079")[0]!.remarks![0]!.includes("swapped"));
    deepEqual(decode("55AA06027100")[0]?.remarks, ["the frame is cut off"]);
  });

  it("takes 32 bytes for a calibration block, a damaged one too", () => {
    const [item] = decode(BLOCK, "0x71");
    equal(item?.kind, "calibration");
    deepEqual((item.values?.["points"] as unknown[]).at(0), {
      setpoint: 0,
      offsetMv: -35,
      railMv: 15_089,
    });
    equal(decode(BLOCK.replace(/^01/, "02"), "0x71")[0]?.kind, "badCalibration");
  });

  it("refuses a model that is neither a supply nor a type code", () => {
    for (const name of ["apw99", "71", "0x1234", ""])
      throws(
        () => new SupplyModel(name, KNOWN),
        (error) => isMinerError(error, "BOARDS_UNKNOWN"),
      );
  });

  it("has no volts for a type code that nothing describes, and says so", () => {
    deepEqual(decode(SET_9, "0x99")[0]?.unknown, ["volts: no formula is known for 0x99"]);
  });
});
