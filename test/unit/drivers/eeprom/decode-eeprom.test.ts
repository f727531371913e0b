import { deepEqual, equal, ok } from "node:assert/strict";
import { assert, property, uint8Array } from "fast-check";
import { crc5 } from "../../../../src/drivers/eeprom/crc5.js";
import { decodeEeprom } from "../../../../src/drivers/eeprom/decode-eeprom.js";
import { eepromKeys } from "../../../../src/drivers/eeprom/keys.js";
import { xxteaDecrypt } from "../../../../src/drivers/eeprom/xxtea.js";
import { capturedMemories, eepromVectors, imageOf } from "../../../conformance/eeprom/vectors.js";
import { bytesOfHex } from "../../../conformance/codec/vectors.js";
import { oneRegionMemory, sealed } from "./made-up-memory.js";

const [captured] = capturedMemories();
const memory = imageOf(captured!);
const plain4a = bytesOfHex(captured!.decrypted_hex);
const plain42 = bytesOfHex(capturedMemories()[3]!.decrypted_hex);
const format5 = bytesOfHex(
  eepromVectors<{ synthetic: { image_hex: string } }>("v5_layout").synthetic.image_hex,
);

/** Why a memory is not understood. */
function reasonFor(image: Uint8Array): string {
  const { content } = decodeEeprom(image);
  ok(content.is === "unknown", content.is);
  return content.reason;
}

function changed(image: Uint8Array, at: number, ...bytes: readonly number[]): Uint8Array {
  const copy = new Uint8Array(image);
  copy.set(bytes, at);
  return copy;
}

describe("a hashboard memory that is not understood", () => {
  it("is blank when nothing was ever written", () => {
    deepEqual(decodeEeprom(new Uint8Array(256).fill(0xff)).content, { is: "blank" });
  });

  it("is not blank when one byte was written", () => {
    const image = changed(new Uint8Array(256).fill(0xff), 255, 0x5a);
    equal(reasonFor(image), "begins as a blank memory does, but other bytes were written");
  });

  it("is said to be all zero", () => {
    equal(reasonFor(new Uint8Array(256)), "all bytes are zero");
  });

  for (const length of [0, 74, 255, 257])
    it(`is refused when it has ${length} bytes`, () => {
      equal(
        reasonFor(new Uint8Array(length)),
        `${length} bytes, and the memory of a hashboard has 256`,
      );
    });

  it("names a header that no known format has", () => {
    equal(
      reasonFor(changed(memory, 0, 0x23)),
      "no known format begins with 234a; known are 1k LEN, 04 1k and 05 1k",
    );
  });

  it("names a cipher that is not known", () => {
    equal(reasonFor(changed(format5, 1, 0x21)), "cipher 2 is not known; 1, XXTEA, is");
  });

  for (const used of [0x00, 0x02, 0xff])
    it(`says so when the length byte is ${used}`, () => {
      const hex = used.toString(16).padStart(2, "0");
      equal(reasonFor(changed(memory, 1, used)), `length byte ${hex} fits no encrypted block`);
    });

  it("counts the keys that it tried", () => {
    equal(reasonFor(changed(memory, 20, 0)), "none of 4 known keys gives a CRC5 that fits");
  });

  it("names a format whose layout no source gives", () => {
    const plain = changed(plain4a, 0, 9);
    equal(
      reasonFor(oneRegionMemory([0x11, 0x4a], plain)),
      "CRC5 fits with key uileynimggnagnau, but no source gives a layout for format 9 with length byte 0x4a",
    );
  });

  it("names a length that the layout of the format does not have", () => {
    const plain = Uint8Array.of(...plain4a, ...new Uint8Array(8));
    ok(reasonFor(oneRegionMemory([0x11, 0x52], plain)).endsWith("format 3 with length byte 0x52"));
  });

  it("tells the fields that are not those of a hashboard, and still reports them", () => {
    const image = oneRegionMemory([0x11, 0x4a], changed(plain4a, 56, 0xff, 0xff));
    equal(
      reasonFor(image),
      "CRC5 fits with key uileynimggnagnau, but voltageX100 is 65535, not 100 to 3000",
    );
    const [region] = decodeEeprom(image).regions;
    equal(region?.is, "doubtful");
    equal(region.fields?.["serial"], "NGSBYI3BBJEAJ8194");
  });

  it("does not take a serial number that does not print", () => {
    ok(reasonFor(oneRegionMemory([0x11, 0x4a], changed(plain4a, 5, 0xc3))).includes("serial"));
    const [region] = decodeEeprom(oneRegionMemory([0x11, 0x4a], changed(plain4a, 5, 0xc3))).regions;
    equal(region?.fields?.["serial"], "NGSB\\xc3I3BBJEAJ8194");
  });

  it("does not take a serial number of a few characters", () => {
    const image = oneRegionMemory([0x11, 0x4a], changed(plain4a, 5, 0));
    ok(reasonFor(image).endsWith("serial has 4 characters"));
  });
});

describe("a hashboard memory of one region", () => {
  it("is read with a key of any index, whatever its header says", () => {
    for (const keyIndex of [0, 1, 2, 3])
      for (const header of [0x10, 0x11, 0x1f]) {
        const { content } = decodeEeprom(oneRegionMemory([header, 0x4a], plain4a, keyIndex));
        ok(content.is === "identity");
        equal(content.keyName, eepromKeys()[keyIndex]?.name);
      }
  });

  it("may hold rubbish before its CRC5 and behind its used bytes", () => {
    const image = oneRegionMemory([0x11, 0x4a], changed(plain4a, 66, 0xde, 0xad, 0xbe, 0xef, 1));
    image.fill(0x77, 0x4a);
    const { content, regions } = decodeEeprom(image);
    equal(content.is, "identity");
    deepEqual(regions[0]?.unexplained, [{ at: 66, hex: "deadbeef01" }]);
  });

  it("is read as format 2 when it says format 1, with a word about it", () => {
    const report = decodeEeprom(oneRegionMemory([0x11, 0x42], changed(plain42, 0, 1)));
    ok(report.content.is === "identity");
    equal(report.content.identity.format, 1);
    equal(report.content.identity.voltageMv, 12_800);
    deepEqual(report.notes, [
      "No board of format 1 has been seen: its layout is read from bmminer.",
    ]);
  });

  it("may have format 4, which adds the name of the machine to format 3", () => {
    const plain = new Uint8Array(80);
    plain.set(changed(plain4a, 0, 4).subarray(0, 66));
    plain.set(Buffer.from("NBP1901\0"), 66);
    const report = decodeEeprom(oneRegionMemory([0x11, 0x52], plain));
    ok(report.content.is === "identity");
    equal(report.content.identity.serial, "NGSBYI3BBJEAJ8194");
    equal(report.regions[0]?.fields?.["minerType"], "NBP1901");
    ok(report.notes[0]?.startsWith("No board of format 4"));
  });

  it("names a sensor code that no source explains", () => {
    const report = decodeEeprom(oneRegionMemory([0x11, 0x4a], changed(plain4a, 48, 0x9f)));
    ok(report.content.is === "identity");
    equal(report.content.identity.controllerSensor, null);
    deepEqual(report.notes, ["controllerSensorCode 159: no source explains this code."]);
  });
});

describe("a hashboard memory of several regions", () => {
  it("does without the sweep in format 4", () => {
    const image = changed(format5, 0, 4);
    const board = xxteaDecrypt(format5.subarray(2, 0x62), eepromKeys()[1]!.bytes);
    image.set(sealed(board, 1, [4, 0x11]), 2);
    image.fill(0xff, 0x72);
    const { content, regions } = decodeEeprom(image);
    ok(content.is === "identity");
    equal(content.identity.format, 4);
    equal(content.identity.testResults?.length, 2);
    equal(regions.length, 2);
  });

  it("keeps its identity without a sweep, and says that none was written", () => {
    const image = new Uint8Array(format5).fill(0xff, 0x72);
    const { content, regions } = decodeEeprom(image);
    ok(content.is === "identity");
    equal(content.identity.testResults?.length, 2);
    equal(regions[2]?.is, "blank");
  });

  it("is not understood before its test, and still tells the board", () => {
    const image = new Uint8Array(format5).fill(0xff, 0x62);
    equal(reasonFor(image), "board: understood; test result: never written");
    equal(decodeEeprom(image).regions[0]?.fields?.["serial"], "TESTBOARD00000001");
  });

  it("is not understood when the board's part is damaged, and still tells the test", () => {
    const image = changed(format5, 0x10, 0x01);
    equal(
      reasonFor(image),
      "board: none of 4 known keys gives a CRC5 that fits; test result: understood",
    );
    equal(decodeEeprom(image).regions[1]?.fields?.["freqMHz"], 460);
  });

  it("reads temperatures of the test below freezing", () => {
    const test = xxteaDecrypt(format5.subarray(0x62, 0x72), eepromKeys()[1]!.bytes);
    test[6] = 0xf6;
    const { content } = decodeEeprom(changed(format5, 0x62, ...sealed(test, 1)));
    ok(content.is === "identity");
    equal(content.identity.pcbTempInC, -10);
  });
});

describe("a damaged hashboard memory", () => {
  /** How many of many single-byte changes of the used bytes pass the CRC5 of some key, and how many as an identity. */
  function passes(image: Uint8Array, used: number): { all: number; crc: number; board: number } {
    let [all, crc, board] = [0, 0, 0];
    for (let at = 0; at < used; at++)
      for (let flip = 1; flip < 256; flip += 11) {
        const { content, regions } = decodeEeprom(changed(image, at, (image[at] ?? 0) ^ flip));
        all++;
        if (regions[0] !== undefined && regions[0].plainHex !== null) crc++;
        if (content.is === "identity") board++;
      }
    return { all, crc, board };
  }

  it("passes one CRC5 in some 64, but never as a hashboard", () => {
    // The CRC5 stands in a byte of its own, and four keys are tried: 4 / 256 of all wrong plain texts fit.
    const { all, crc, board } = passes(memory, 0x4a);
    ok(crc / all > 1 / 128 && crc / all < 1 / 32, `${crc} of ${all}`);
    equal(board, 0);
  });

  it("never throws and never makes a hashboard of random bytes, whatever header they begin with", () => {
    const headers = [[], [0x11, 0x4a], [0x11, 0x42], [0x11, 0x52], [0x04, 0x11], [0x05, 0x11]];
    for (const header of headers)
      assert(
        property(uint8Array({ minLength: 256, maxLength: 256 }), (bytes) => {
          const { content } = decodeEeprom(changed(bytes, 0, ...header));
          return content.is !== "identity";
        }),
        { numRuns: 200 },
      );
  });

  it("is told by its CRC5 when one bit of the plain bytes is wrong", () => {
    for (let at = 0; at < plain4a.length - 1; at++)
      for (let bit = 0; bit < 8; bit++) {
        const wrong = changed(plain4a, at, (plain4a[at] ?? 0) ^ (1 << bit)).subarray(0, -1);
        ok(crc5(Uint8Array.of(0x11, 0x4a, ...wrong)) !== plain4a.at(-1));
      }
  });
});
