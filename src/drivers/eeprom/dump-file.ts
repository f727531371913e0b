import { parseHex } from "../../lib/bytes.js";
import { EEPROM_BYTES } from "./decode-eeprom.js";

/** A line of a dump: an address, then bytes. `0x0000 11 4A ...` as bmminer logs it, `00: 11 4a ...` as i2cdump does. */
const DUMP_LINE =
  /^\s*(?:0x[0-9a-f]+:?|[0-9a-f]+:|[0-9a-f]{8})\s+([0-9a-f]{2}(?:\s+[0-9a-f]{2})*)/i;
/** What comes behind so many bytes of a line is the same as text. */
const BYTES_PER_LINE = 16;

/**
 * The memory in a file: 256 bytes as they are, or hex, with or without blanks, or a dump with an address before each line.
 * Undefined when it is none of these. How many bytes came out is for the caller to judge.
 */
export function bytesOfDumpFile(content: Uint8Array): Uint8Array | undefined {
  if (content.length === EEPROM_BYTES) return content;
  const text = Buffer.from(content).toString("latin1");
  const plain = parseHex(text.replace(/\s/g, ""));
  if (plain !== undefined) return plain.length === 0 ? undefined : plain;
  const lines = text.split("\n").flatMap((line) => DUMP_LINE.exec(line)?.[1] ?? []);
  const digits = lines.map((line) => line.split(/\s+/).slice(0, BYTES_PER_LINE).join("")).join("");
  return digits === "" ? undefined : parseHex(digits);
}
