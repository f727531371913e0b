import { deepEqual, equal } from "node:assert/strict";
import { eepromImage, type EepromRecord } from "../../../../src/virtual/eeprom/eeprom-image.js";
import { xxteaEncrypt } from "../../../../src/virtual/eeprom/xxtea.js";
import { At24c02 } from "../../../../src/virtual/parts/at24c02.js";
import { crc5 } from "../../../../src/virtual/codec/crc.js";
import { RECORD } from "../body/rig.js";
import { bytes, fixture, hex } from "./fixtures.js";

interface Captured {
  readonly rules: { readonly key_ascii: string };
  readonly vectors: readonly {
    readonly id: string;
    readonly first_bytes_hex: string;
    readonly decrypted_hex: string;
  }[];
}

interface Layout5 {
  readonly synthetic: { readonly image_hex: string; readonly plain_0x00_0xF9_hex: string };
}

const CAPTURED = fixture<Captured>("eeprom/x19_formats_2_3");
const LAYOUT_5 = fixture<Layout5>("eeprom/v5_layout").synthetic;

describe("virtual EEPROM images", () => {
  for (const { id, first_bytes_hex: image, decrypted_hex: plain } of CAPTURED.vectors)
    it(`encrypts what the board of ${id} says to the bytes that were read from it`, () => {
      const key = Uint8Array.from(Buffer.from(CAPTURED.rules.key_ascii, "latin1"));
      const header = image.slice(0, 4).toLowerCase();
      equal(header + hex(xxteaEncrypt(bytes(plain), key)), image.toLowerCase());
      const covered = bytes(header + plain.slice(0, -2));
      equal(crc5(covered), bytes(plain).at(-1));
    });

  it("makes the image of format 5 that the vectors have, byte for byte", () => {
    const plain = Buffer.from(LAYOUT_5.plain_0x00_0xF9_hex, "hex");
    const record: EepromRecord = {
      ...RECORD,
      serial: "TESTBOARD00000001",
      boardName: "BHB68603",
      factoryJob: "JYZZ20230724002-Z(YZ)",
      chipDie: "ED",
      chipMarking: "L1VM23BH71",
      chipBin: 3,
      ftVersion: "F1V02B2C1",
      chipTechnology: "PA",
      pcbVersion: 0x0100,
      bomVersion: 0,
      voltageMv: plain.readUInt16LE(0x62) * 10,
      freqMHz: plain.readUInt16LE(0x64),
      nonceRatePct: plain.readUInt16LE(0x66) / 100,
      tempInC: plain.readInt8(0x68),
      tempOutC: plain.readInt8(0x69),
    };
    equal(hex(eepromImage(5, record)), LAYOUT_5.image_hex.toLowerCase());
  });

  it("makes format 3 with the header, the filling and the last byte of real boards", () => {
    const image = eepromImage(3, { ...RECORD, controllerSensors: { part: "tmp75a", mask: 0x0f } });
    equal(image.length, 256);
    equal(hex(image.subarray(0, 2)), "114a");
    equal(hex(image.subarray(0x4a, 255)), "ff".repeat(255 - 0x4a));
    equal(image[255], 0x5a);
  });
});

describe("virtual AT24C02", () => {
  it("reads from where it was told, goes on from there, and around its end", () => {
    const part = new At24c02(Uint8Array.from({ length: 256 }, (_, at) => at));
    part.write(Uint8Array.of(0xfe), 0);
    equal(hex(part.read(3, 0)), "feff00");
    equal(hex(part.read(1, 0)), "01");
  });

  it("is deaf while it writes, which takes 5 ms", () => {
    const part = new At24c02(new Uint8Array(256));
    part.write(bytes("1055"), 0);
    equal(part.write(bytes("10"), 4.9), false);
    equal(part.read(1, 4.9), undefined);
    equal(part.write(bytes("10"), 5), true);
    equal(hex(part.read(1, 5)), "55");
    equal(part.writes, 1);
  });

  it("writes round in its page of eight bytes", () => {
    const part = new At24c02(new Uint8Array(256));
    part.write(bytes("060102030405"), 0);
    deepEqual([...part.image.subarray(0, 8)], [3, 4, 5, 0, 0, 0, 1, 2]);
  });
});
