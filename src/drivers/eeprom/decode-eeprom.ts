import { hexNumber, toHex } from "../../lib/bytes.js";
import type { EepromContent } from "../hashboard-eeprom.js";
import type { Layout } from "./fields.js";
import { identityOfOneRegion, identityOfThreeRegions } from "./identity.js";
import { eepromKeys } from "./keys.js";
import { planOneRegion } from "./one-region-formats.js";
import { readRegion, type Region, type RegionReport, reportOf } from "./region.js";
import { sensorPartOfCode } from "./sensor-codes.js";
import { planBoard, planSweep, planTest } from "./three-region-formats.js";

/** Bytes of an AT24C02. */
export const EEPROM_BYTES = 256;

/** Everything that could be made of a memory. */
export interface EepromReport {
  /** The first two bytes, hex; the only clear ones. */
  readonly header: string;
  readonly content: EepromContent;
  readonly regions: readonly RegionReport[];
  /** What is not known or not proven about it, a sentence each. */
  readonly notes: readonly string[];
}

/** Decodes the memory of a hashboard: tries every key, accepts by CRC5 and by what the fields say. Never throws. */
export function decodeEeprom(image: Uint8Array): EepromReport {
  const header = toHex(image.subarray(0, 2));
  const unknown = (reason: string): EepromReport => ({
    header,
    content: { is: "unknown", header, reason },
    regions: [],
    notes: [],
  });
  if (image.length !== EEPROM_BYTES)
    return unknown(`${image.length} bytes, and the memory of a hashboard has ${EEPROM_BYTES}`);
  if (image.every((value) => value === 0xff))
    return { header, content: { is: "blank" }, regions: [], notes: [] };
  if (image.every((value) => value === 0)) return unknown("all bytes are zero");

  const [first = 0, second = 0] = image;
  if (first === 4 || first === 5) {
    if (second >> 4 !== XXTEA) return unknown(unknownCipher(second));
    return decodeThreeRegions(image, first, header);
  }
  if (first >> 4 === XXTEA) return decodeOneRegion(image, header);
  if (first === 0xff && second === 0xff)
    return unknown("begins as a blank memory does, but other bytes were written");
  return unknown(`no known format begins with ${header}; known are 1k LEN, 04 1k and 05 1k`);
}

/** Upper half of the byte that tells cipher and key. */
const XXTEA = 1;

function unknownCipher(code: number): string {
  return `cipher ${code >> 4} is not known; 1, XXTEA, is`;
}

function decodeOneRegion(image: Uint8Array, header: string): EepromReport {
  const unknown = (reason: string): EepromContent => ({ is: "unknown", header, reason });
  const plan = planOneRegion(image);
  if (plan === undefined)
    return {
      header,
      content: unknown(`length byte ${header.slice(2)} fits no encrypted block`),
      regions: [],
      notes: [],
    };
  const region = readRegion(image, plan, eepromKeys());
  const regions = [reportOf(region)];
  if (region.is !== "understood")
    return { header, content: unknown(whyNot(region)), regions, notes: [] };
  const { fields, keyName } = region;
  return {
    header,
    content: { is: "identity", identity: identityOfOneRegion(fields), keyName },
    regions,
    notes: [
      ...(fields.format === 1 || fields.format === 4
        ? [`No board of format ${fields.format} has been seen: its layout is read from bmminer.`]
        : []),
      ...sensorNotes(fields),
      ...strayNotes(image, regions),
    ],
  };
}

function decodeThreeRegions(image: Uint8Array, format: 4 | 5, header: string): EepromReport {
  const keys = eepromKeys();
  const board = readRegion(image, planBoard(image), keys);
  const test = readRegion(image, planTest(), keys);
  const sweep = format === 5 ? readRegion(image, planSweep(), keys) : null;
  const regions = [board, test, ...(sweep === null ? [] : [sweep])].map(reportOf);
  const notes = [
    `Cipher and keys of format ${format} are unproven: no raw memory of it is public.`,
    ...("fields" in board ? sensorNotes(board.fields) : []),
    ...(sweep?.is === "understood"
      ? ["How a level byte becomes a chip's clock, beyond base and step x level, is not known."]
      : []),
    ...strayNotes(image, regions),
  ];
  if (board.is !== "understood" || test.is !== "understood") {
    const reason = [board, test].map((region) => `${region.name}: ${whyNot(region)}`).join("; ");
    return { header, content: { is: "unknown", header, reason }, regions, notes };
  }
  const sweepFields = sweep?.is === "understood" ? sweep.fields : null;
  const identity = identityOfThreeRegions(format, board.fields, test.fields, sweepFields);
  return {
    header,
    content: { is: "identity", identity, keyName: board.keyName },
    regions,
    notes,
  };
}

function whyNot(region: Region<Layout>): string {
  switch (region.is) {
    case "understood":
      return "understood";
    case "blank":
      return "never written";
    case "unknown":
      return `none of ${eepromKeys().length} known keys gives a CRC5 that fits`;
    case "doubtful":
      return `CRC5 fits with key ${region.keyName}, but ${region.doubts.join(", ")}`;
    case "noLayout":
      return (
        `CRC5 fits with key ${region.keyName}, but no source gives a layout for format ` +
        `${region.plain[0] ?? 0} with length byte ${hexNumber(region.length + 2)}`
      );
  }
}

function sensorNotes(codes: {
  readonly asicSensorCode: number;
  readonly controllerSensorCode: number;
}): string[] {
  return Object.entries({
    asicSensorCode: codes.asicSensorCode,
    controllerSensorCode: codes.controllerSensorCode,
  }).flatMap(([name, code]) =>
    code !== 0 && sensorPartOfCode(code) === null
      ? [`${name} ${code}: no source explains this code.`]
      : [],
  );
}

/** Behind the last region a memory is FF, and 5A in its last byte. Captured: S19 Pro. */
function strayNotes(image: Uint8Array, regions: readonly RegionReport[]): string[] {
  const end = Math.max(...regions.map(({ start, length }) => start + length));
  const rest = image.subarray(end, -1);
  return rest.every((value) => value === 0xff)
    ? []
    : [`From ${hexNumber(end)} on stands ${toHex(rest)}: no source explains it.`];
}
