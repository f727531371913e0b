/** Documented: POSIX.1-2017, pax, "ustar Interchange Format". */
const BLOCK = 512;
const FILE_MODE = 0o600;
/** Name field, without its end. */
const MAX_NAME = 99;

export interface TarEntry {
  /** Plain ASCII, at most 99 characters. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** One file of an archive: its header, and its content in whole blocks. */
export function tarEntry({ name, bytes }: TarEntry, unixMs: number): Buffer {
  if (!/^[\x21-\x7e]+$/.test(name) || name.length > MAX_NAME)
    throw new RangeError(`no name of an archive: ${name}`);
  const padded = Math.ceil(bytes.length / BLOCK) * BLOCK;
  const entry = Buffer.alloc(BLOCK + padded);
  entry.write(name, 0, "latin1");
  putNumber(entry, 100, 8, FILE_MODE);
  putNumber(entry, 108, 8, 0);
  putNumber(entry, 116, 8, 0);
  putNumber(entry, 124, 12, bytes.length);
  putNumber(entry, 136, 12, Math.floor(unixMs / 1000));
  entry.write("0", 156, "latin1");
  entry.write("ustar\u000000", 257, "latin1");
  // The sum counts its own field as blanks.
  entry.fill(" ", 148, 156);
  const sum = entry.subarray(0, BLOCK).reduce((total, byte) => total + byte, 0);
  entry.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  entry.set(bytes, BLOCK);
  return entry;
}

/** What ends an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}

/** Octal, with a zero byte behind it. */
function putNumber(header: Buffer, at: number, length: number, value: number): void {
  header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
}
