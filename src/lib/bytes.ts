/** Bytes as lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** Hex (either case, even length, no blanks) as bytes; undefined when it is anything else. */
export function parseHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return new Uint8Array(Buffer.from(text, "hex"));
}

/** A 32-bit number as eight hex digits, most significant first. */
export function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}

/** `0x` and at least two digits, as registers and addresses are written in logs and reports. */
export function hexNumber(value: number, digits = 2): string {
  return `0x${(value >>> 0).toString(16).padStart(digits, "0")}`;
}
