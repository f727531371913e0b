import { byte, littleEndian16, raw, signedByte, text } from "./fields.js";
import { doubtsAboutBoard, doubtsAboutTest } from "./plausible.js";
import type { RegionPlan } from "./region.js";

/**
 * Formats 4 and 5, little-endian. Captured: fields and CRC5 of format 5, from printed records of S21 boards. Documented:
 * the rest, from the factory tool of the S21. No raw memory of either format is public: cipher and keys are unproven.
 * Offsets are those of the plain bytes of each region.
 */
const BOARD = {
  serial: text(0, 18),
  chipDie: text(18, 3),
  chipMarking: text(21, 14),
  chipBin: byte(35),
  ftVersion: text(36, 10),
  pcbVersion: littleEndian16(46),
  bomVersion: littleEndian16(48),
  asicSensorCode: byte(50),
  asicSensorAddresses: raw(51, 4),
  controllerSensorCode: byte(55),
  controllerSensorMask: byte(56),
  chipTechnology: text(57, 3),
  boardName: text(60, 9),
  factoryJob: text(69, 24),
  pt1Result: byte(93),
  pt1Count: byte(94),
  crc5: byte(95),
} as const;

const TEST = {
  voltageX100: littleEndian16(0),
  freqMHz: littleEndian16(2),
  nonceRateX100: littleEndian16(4),
  pcbTempInC: signedByte(6),
  pcbTempOutC: signedByte(7),
  testVersion: byte(8),
  testStandard: byte(9),
  pt2Result: byte(10),
  pt2Count: byte(11),
  crc5: byte(15),
} as const;

const SWEEP = {
  sweepHashrate: littleEndian16(0),
  sweepBaseMHz: littleEndian16(2),
  sweepStepMHz: byte(4),
  sweepLevels: raw(5, 128),
  sweepResult: byte(133),
  crc5: byte(135),
} as const;

export type BoardLayout = typeof BOARD;
export type TestLayout = typeof TEST;
export type SweepLayout = typeof SWEEP;

export function planBoard(image: Uint8Array): RegionPlan<BoardLayout> {
  return {
    name: "board",
    start: 0x02,
    cipherLength: 96,
    length: 96,
    crcPrefix: image.subarray(0, 2),
    layoutOf: () => BOARD,
    doubtsAbout: doubtsAboutBoard,
  };
}

export function planTest(): RegionPlan<TestLayout> {
  return {
    name: "test result",
    start: 0x62,
    cipherLength: 16,
    length: 16,
    crcPrefix: new Uint8Array(),
    layoutOf: () => TEST,
    doubtsAbout: doubtsAboutTest,
  };
}

/** Format 5 only. */
export function planSweep(): RegionPlan<SweepLayout> {
  return {
    name: "sweep",
    start: 0x72,
    cipherLength: 136,
    length: 136,
    crcPrefix: new Uint8Array(),
    layoutOf: () => SWEEP,
    doubtsAbout: ({ sweepBaseMHz }) =>
      sweepBaseMHz >= 25 && sweepBaseMHz <= 2000
        ? []
        : [`sweepBaseMHz is ${sweepBaseMHz}, not 25 to 2000`],
  };
}
