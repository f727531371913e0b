import { parseHex, toHex } from "../../lib/bytes.js";

/** A key of the XXTEA cipher. */
export interface EepromKey {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * All keys that public sources show, in hex. The header of a memory gives an index, but each generation of firmware
 * counts differently: index 1 is `uileynimggnagnau` on S19 Pro boards and another key in the factory tool of the S21.
 * So all are tried. Documented: HashSource, factory tool of the S21; captured for `uileynimggnagnau`.
 */
const KEYS = [
  "696c696a6e61696e617975786e69786f",
  "7451ed7c7b5cd872174fe0790a15e4f5",
  "756f687a6f61687a756869646b676e61",
  "75696c65796e696d67676e61676e6175",
] as const;

export function eepromKeys(): EepromKey[] {
  return KEYS.map((hex) => {
    const bytes = parseHex(hex) ?? new Uint8Array();
    return { name: keyName(bytes), bytes };
  });
}

/** Most keys are words of letters; the others are named by their hex digits. */
function keyName(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  return /^[a-z]+$/.test(text) ? text : toHex(bytes);
}
