/** What the type code of a frame-speaking supply decides. Documented: fact sheet sections 1.1 to 1.8. */
export interface ApwType {
  /** Setpoint N = a - b x volts: a higher N is a lower voltage. */
  readonly a: number;
  readonly b: number;
  /** Volts a count of the measured output; undefined: the type does not measure. */
  readonly measureVolts: number | undefined;
  /** Where the calibration block lies; undefined: none is known. */
  readonly calibrationOffset: number | undefined;
  /** Knows power, temperatures, input status and clearing of the status. */
  readonly isLate: boolean;
}

const FIRST_LATE_TYPE = 0xc1;
/** The curve of types C1 and C2 changed with this low byte of the firmware version. */
const FIRST_NEW_FIRMWARE = 4;

const CURVES: readonly (readonly [types: readonly number[], a: number, b: number])[] = [
  [[0x22], 1215.89444, 59.931507],
  [[0x41, 0x42], 765.411764, 35.833333],
  [[0x43], 933.240365, 59.806034],
  [[0x61], 1144.502262, 52.243589],
  [[0x71, 0x72, 0x75, 0x77], 1190.935338, 78.742588],
  [[0x73, 0x78], 1280.577821, 73.979365],
  [[0x74, 0x76], 1156.107585, 76.090494],
];
const OLD_LATE_CURVE = [1275, 85] as const;
const NEW_LATE_CURVE = [1083.75, 70.8333] as const;

const MEASURES: readonly (readonly [types: readonly number[], volts: number])[] = [
  [[0x71, 0x75, 0x76, 0x77], 0.015876],
  [[0x73, 0x78], 0.018957],
  [[0xc1, 0xc2], 0.003965],
];
const BLOCK_AT_40 = [0x41, 0x71, 0x73, 0x75, 0x76, 0x77, 0x78];
const BLOCK_AT_00 = [0xc1, 0xc2];

/** Types that no table knows behave like 0x71: a supply has some curve, whether anybody knows it or not. */
const STAND_IN_TYPE = 0x71;

export function apwType(code: number, firmware: number): ApwType {
  const isLate = code >= FIRST_LATE_TYPE;
  const [a, b] = curveOf(code, firmware);
  return {
    a,
    b,
    measureVolts: MEASURES.find(([types]) => types.includes(code))?.[1],
    calibrationOffset: BLOCK_AT_40.includes(code)
      ? 0x40
      : BLOCK_AT_00.includes(code)
        ? 0x00
        : undefined,
    isLate,
  };
}

function curveOf(code: number, firmware: number): readonly [number, number] {
  if (code === 0xc1 || code === 0xc2)
    return (firmware & 0xff) >= FIRST_NEW_FIRMWARE ? NEW_LATE_CURVE : OLD_LATE_CURVE;
  const found = CURVES.find(([types]) => types.includes(code));
  if (found !== undefined) return [found[1], found[2]];
  return curveOf(STAND_IN_TYPE, firmware);
}
