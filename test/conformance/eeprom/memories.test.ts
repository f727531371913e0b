import { deepEqual, equal, ok } from "node:assert/strict";
import { crc5 } from "../../../src/drivers/eeprom/crc5.js";
import { decodeEeprom, type EepromReport } from "../../../src/drivers/eeprom/decode-eeprom.js";
import { eepromKeys } from "../../../src/drivers/eeprom/keys.js";
import { sensorPartOfCode } from "../../../src/drivers/eeprom/sensor-codes.js";
import type { HashboardIdentity } from "../../../src/drivers/hashboard-eeprom.js";
import { toHex } from "../../../src/lib/bytes.js";
import { sealed } from "../../unit/drivers/eeprom/made-up-memory.js";
import { bytesOfHex } from "../codec/vectors.js";
import { capturedMemories, eepromVectors, imageOf } from "./vectors.js";

function identityIn(report: EepromReport): HashboardIdentity {
  ok(report.content.is === "identity", JSON.stringify(report.content));
  return report.content.identity;
}

describe("memories of S19 Pro hashboards", () => {
  for (const vector of capturedMemories())
    it(`decodes ${vector.id} with every field`, () => {
      const { decoded } = vector;
      const report = decodeEeprom(imageOf(vector));
      deepEqual(identityIn(report), {
        format: decoded.format,
        serial: decoded.board_sn,
        chipMarking: decoded.chip_marking,
        chipDie: decoded.chip_die,
        chipTechnology: decoded.chip_tech,
        chipBin: decoded.chip_bin,
        ftVersion: decoded.ft_version ?? "F1V02B2C1",
        pcbVersion: Number(decoded.pcb_version),
        bomVersion: Number(decoded.bom_version),
        boardName: null,
        factoryJob: null,
        voltageMv: decoded.voltage_x100 * 10,
        freqMHz: decoded.frequency_mhz,
        nonceRatePct: decoded.nonce_rate_x100 / 100,
        pcbTempInC: decoded.pcb_temp_in,
        pcbTempOutC: decoded.pcb_temp_out,
        testVersion: decoded.test_version,
        testStandard: decoded.test_standard,
        controllerSensor: decoded.pic_sensor_part,
        asicSensor: null,
        testResults: null,
      });
      ok(report.content.is === "identity");
      equal(report.content.keyName, "uileynimggnagnau");
      const [region] = report.regions;
      equal(region?.plainHex, vector.decrypted_hex.toLowerCase());
      equal(region.fields?.["crc5"], decoded.crc5);
      equal(region.fields["controllerSensorCode"], Number(decoded.pic_sensor_code));
      equal(region.fields["controllerSensorMask"], Number(decoded.pic_sensor_mask));
      equal(region.fields["asicSensorCode"], decoded.asic_sensor);
      equal(region.fields["asicSensorAddresses"], "00000000");
      if (decoded.ft_version_raw !== undefined)
        equal(region.plainHex.slice(68, 76), decoded.ft_version_raw);
    });
});

describe("memories of format 5", () => {
  interface Vectors {
    readonly vectors: readonly {
      readonly id: string;
      readonly plain_0x00_0x71_hex: string;
      readonly decoded: Readonly<Record<string, string | number>>;
    }[];
    readonly synthetic: {
      readonly key_hex: string;
      readonly image_hex: string;
      readonly plain_0x00_0xF9_hex: string;
    };
  }
  const { vectors, synthetic } = eepromVectors<Vectors>("v5_layout");

  for (const { id, plain_0x00_0x71_hex: hex, decoded } of vectors) {
    it(`agrees with both printed CRC5 of ${id}`, () => {
      const plain = bytesOfHex(hex);
      equal(crc5(plain.subarray(0x00, 0x61)), Number(decoded["board_info_crc"]));
      equal(crc5(plain.subarray(0x62, 0x71)), Number(decoded["param_crc"]));
    });

    it(`decodes ${id} with every field, whatever the key`, () => {
      const plain = bytesOfHex(hex);
      const image = new Uint8Array(256).fill(0xff);
      image.set(plain.subarray(0, 2));
      image.set(sealed(plain.subarray(0x02, 0x62), 0, [...plain.subarray(0, 2)]), 0x02);
      image.set(sealed(plain.subarray(0x62, 0x72), 2), 0x62);
      const sweep = new Uint8Array(136);
      new DataView(sweep.buffer).setUint16(0, Number(decoded["sweep_hashrate"]), true);
      new DataView(sweep.buffer).setUint16(2, Number(decoded["sweep_freq_base"]), true);
      sweep[4] = Number(decoded["sweep_freq_step"]);
      sweep[133] = Number(decoded["sweep_result"]);
      image.set(sealed(sweep, 1), 0x72);

      const report = decodeEeprom(image);
      deepEqual(identityIn(report), {
        format: decoded["version"],
        serial: decoded["board_sn"],
        chipMarking: decoded["chip_marking"],
        chipDie: decoded["chip_die"],
        chipTechnology: decoded["chip_tech"],
        chipBin: decoded["chip_bin"],
        ftVersion: decoded["ft_version"],
        pcbVersion: Number(decoded["pcb_version"]),
        bomVersion: Number(decoded["bom_version"]),
        boardName: decoded["board_name"],
        factoryJob: decoded["factory_job"],
        voltageMv: Number(decoded["voltage_x100"]) * 10,
        freqMHz: decoded["frequency_mhz"],
        nonceRatePct: Number(decoded["nonce_rate_x100"]) / 100,
        pcbTempInC: decoded["pcb_temp_in"],
        pcbTempOutC: decoded["pcb_temp_out"],
        testVersion: decoded["test_version"],
        testStandard: decoded["test_standard"],
        controllerSensor: null,
        asicSensor: null,
        testResults: [
          { name: "PT1", result: decoded["pt1_result"] },
          { name: "PT2", result: decoded["pt2_result"] },
          { name: "sweep", result: decoded["sweep_result"] },
        ],
      });
      const [board, test, third] = report.regions;
      equal(board?.fields?.["crc5"], Number(decoded["board_info_crc"]));
      equal(board.fields["pt1Count"], decoded["pt1_count"]);
      equal(test?.fields?.["crc5"], Number(decoded["param_crc"]));
      equal(test.fields["pt2Count"], decoded["pt2_count"]);
      equal(third?.fields?.["sweepBaseMHz"], decoded["sweep_freq_base"]);
      equal(third?.fields?.["sweepStepMHz"], decoded["sweep_freq_step"]);
      equal(third?.fields?.["sweepHashrate"], decoded["sweep_hashrate"]);
    });
  }

  it("decodes the made-up image region by region and says what is unproven", () => {
    const report = decodeEeprom(bytesOfHex(synthetic.image_hex));
    const identity = identityIn(report);
    equal(identity.serial, "TESTBOARD00000001");
    equal(identity.factoryJob, "JYZZ20230724002-Z(YZ)");
    deepEqual(
      report.regions.map(({ name, is, keyName }) => [name, is, keyName]),
      ["board", "test result", "sweep"].map((name) => [
        name,
        "understood",
        synthetic.key_hex.toLowerCase(),
      ]),
    );
    const plain = report.regions.map(({ plainHex }) => plainHex).join("");
    equal(`0511${plain}`, synthetic.plain_0x00_0xF9_hex.toLowerCase());
    ok(report.notes.some((note) => note.includes("unproven")));
    ok(report.notes.some((note) => note.includes("level byte")));
  });
});

describe("keys and sensor codes", () => {
  interface Codes {
    readonly keys: readonly { readonly hex: string; readonly ascii: string | null }[];
    readonly sensor_codes: Readonly<Record<string, string>>;
  }
  const { keys, sensor_codes: codes } = eepromVectors<Codes>("keys_and_sensor_codes");

  it("knows every key of the vectors, and no other", () => {
    deepEqual(
      eepromKeys().map(({ name, bytes }) => [toHex(bytes), name]),
      keys.map(({ hex, ascii }) => [hex.toLowerCase(), ascii ?? hex.toLowerCase()]),
    );
  });

  for (const [code, part] of Object.entries(codes))
    it(`names sensor ${part}, wherever it sits`, () => {
      equal(sensorPartOfCode(Number(code)), part);
      equal(sensorPartOfCode(Number(code) | 0x80), part);
    });
});
