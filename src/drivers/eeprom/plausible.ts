import { isPrintable } from "./fields.js";

/** What every format says of a board. */
export interface BoardFields {
  readonly serial: string;
  readonly chipDie: string;
  readonly chipMarking: string;
  readonly chipTechnology: string;
  readonly ftVersion: string;
}

/** What every format says of the test that the board passed. */
export interface TestFields {
  readonly voltageX100: number;
  readonly freqMHz: number;
  readonly nonceRateX100: number;
  readonly pcbTempInC: number;
  readonly pcbTempOutC: number;
}

/** Captured: all serial numbers have 17 characters. Shorter ones of other makers may exist. */
const MIN_SERIAL = 8;

/**
 * The second evidence beside the CRC5: bytes that were decrypted wrongly hardly ever print. Eight characters that all
 * print come by chance once in 2800.
 */
export function doubtsAboutBoard(fields: BoardFields): string[] {
  const { serial, chipDie, chipMarking, chipTechnology, ftVersion } = fields;
  const texts = { serial, chipDie, chipMarking, chipTechnology, ftVersion };
  const unprintable = Object.entries(texts).filter(([, value]) => !isPrintable(value));
  return [
    ...unprintable.map(([name]) => `${name} does not print`),
    ...(serial.length < MIN_SERIAL ? [`serial has ${serial.length} characters`] : []),
  ];
}

/** Inferred bounds, wide of every board that the fact sheets know (1.2 V to 21 V, 400 to 700 MHz). */
const BOUNDS = {
  voltageX100: [100, 3000],
  freqMHz: [25, 2000],
  nonceRateX100: [0, 10_000],
  pcbTempInC: [-40, 125],
  pcbTempOutC: [-40, 125],
} as const satisfies Record<keyof TestFields, readonly [number, number]>;

export function doubtsAboutTest(fields: TestFields): string[] {
  return Object.entries(BOUNDS).flatMap(([name, [min, max]]) => {
    const value = fields[name as keyof TestFields];
    return value < min || value > max ? [`${name} is ${value}, not ${min} to ${max}`] : [];
  });
}
