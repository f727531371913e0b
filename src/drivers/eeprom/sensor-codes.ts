/** Documented: HashSource, factory tool of the S21; 0B and 0E captured on S19 Pro boards. */
const PARTS: Readonly<Record<number, string>> = {
  0x01: "TMP451",
  0x05: "NCT218",
  0x0a: "LM75A",
  0x0b: "TMP75A",
  0x0c: "DS75S",
  0x0d: "GM452",
  0x0e: "CT75",
  0x0f: "DS75S+",
  0x10: "TMP75",
  0x11: "SD177",
  0x12: "GX21M",
  0x13: "NST175",
};

/** Set where the sensor sits behind the board controller. */
const BEHIND_CONTROLLER = 0x80;

/** Printed name of the part that a sensor code stands for; null for none (0) and for codes that no source explains. */
export function sensorPartOfCode(code: number): string | null {
  return PARTS[code & ~BEHIND_CONTROLLER] ?? null;
}
