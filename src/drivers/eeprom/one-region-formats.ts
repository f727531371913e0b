import { bigEndian16, byte, type Field, type FieldsOf, type Layout, raw, text } from "./fields.js";
import { doubtsAboutBoard, doubtsAboutTest } from "./plausible.js";
import type { RegionPlan } from "./region.js";

/** Formats 1 and 2 hold the version of the chip test as four numbers. Documented: how bmminer of the S19 Pro prints them. */
function ftNumbers(at: number): Field<string> {
  return {
    at,
    length: 4,
    read: ([f = 0, v = 0, b = 0, c = 0]) => `F${f}V${String(v).padStart(2, "0")}B${b}C${c}`,
  };
}

/** Common to the formats; big-endian. Offsets are those of the plain bytes. */
const HEAD = {
  format: byte(0),
  serial: text(1, 17),
  chipDie: text(18, 2),
  chipMarking: text(20, 13),
  chipBin: byte(33),
} as const;

/** Everything behind the version of the chip test, which has another length in each layout. */
function tail(at: number) {
  return {
    asicSensorCode: byte(at),
    asicSensorAddresses: raw(at + 1, 4),
    controllerSensorCode: byte(at + 5),
    controllerSensorMask: byte(at + 6),
    pcbVersion: bigEndian16(at + 7),
    bomVersion: bigEndian16(at + 9),
    chipTechnology: text(at + 11, 2),
    voltageX100: bigEndian16(at + 13),
    freqMHz: bigEndian16(at + 15),
    nonceRateX100: bigEndian16(at + 17),
    pcbTempInC: byte(at + 19),
    pcbTempOutC: byte(at + 20),
    testVersion: byte(at + 21),
    testStandard: byte(at + 22),
  } as const;
}

/** Length byte 42. Format 2 captured on S19 Pro boards; format 1 documented: bmminer of the S19 Pro reads both alike. */
const LAYOUT_42 = { ...HEAD, ftVersion: ftNumbers(34), ...tail(38), crc5: byte(63) } as const;
/** Length byte 4A, format 3. Captured on S19 Pro boards. */
const LAYOUT_4A = { ...HEAD, ftVersion: text(34, 9), ...tail(43), crc5: byte(71) } as const;
/**
 * Length byte 52: format 3 and a name of the machine. Documented: bmminer of the S19 Pro. Another thing than the format 4
 * whose header begins with 04.
 */
const LAYOUT_52 = {
  ...LAYOUT_4A,
  minerType: text(66, 8),
  crc5: byte(79),
} as const satisfies Layout;

export type OneRegionLayout = typeof LAYOUT_42 | typeof LAYOUT_4A;

/** By format, the length byte that the layout has, and the layout. */
const LAYOUTS: Readonly<Record<number, readonly [number, OneRegionLayout]>> = {
  1: [0x42, LAYOUT_42],
  2: [0x42, LAYOUT_42],
  3: [0x4a, LAYOUT_4A],
  4: [0x52, LAYOUT_52],
};

const HEADER_BYTES = 2;

/** The plan for a header `1k LEN`; undefined when LEN cannot be. */
export function planOneRegion(image: Uint8Array): RegionPlan<OneRegionLayout> | undefined {
  const used = image[1] ?? 0;
  // Documented: bmminer of the S19 Pro decrypts whole pairs of words. With known lengths nothing is rounded.
  const cipherLength = (used + 5) & ~7;
  if (cipherLength < 8 || HEADER_BYTES + cipherLength > image.length) return undefined;
  return {
    name: "all",
    start: HEADER_BYTES,
    cipherLength,
    length: used - HEADER_BYTES,
    crcPrefix: image.subarray(0, HEADER_BYTES),
    layoutOf: ([format = 0]) => {
      const [length, layout] = LAYOUTS[format] ?? [];
      return length === used ? layout : undefined;
    },
    doubtsAbout: (fields: FieldsOf<OneRegionLayout>) => [
      ...doubtsAboutBoard(fields),
      ...doubtsAboutTest(fields),
    ],
  };
}
