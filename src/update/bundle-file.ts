import type { FileHandle } from "node:fs/promises";
import { MinerError } from "../lib/errors.js";

/** Documented: POSIX.1-2017, pax, "ustar Interchange Format". */
const BLOCK = 512;
/** Documented: GNU tar fills its last record, 20 blocks, with zeros. */
const MAX_END = 22 * BLOCK;
/** A text in a bundle; a manifest has some 400 bytes. */
const MAX_TEXT = 64 * 1024;

export const MANIFEST = "manifest.json";
export const SIGNATURE = "manifest.json.minisig";

/** Where a file lies in the bundle. */
export interface Entry {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
}

/**
 * The table of a bundle: an archive of ustar with the manifest, its signature and the payloads, in this order, and nothing else.
 * Every bit of it outside the files is checked.
 */
export class BundleFile {
  readonly #file: FileHandle;
  readonly entries: readonly Entry[];

  private constructor(file: FileHandle, entries: readonly Entry[]) {
    this.#file = file;
    this.entries = entries;
  }

  /** Rejects with UPDATE_BUNDLE_INVALID */
  static async read(file: FileHandle): Promise<BundleFile> {
    const { size } = await file.stat();
    const entries: Entry[] = [];
    let at = 0;
    for (;;) {
      const header = await readExactly(file, at, BLOCK);
      if (header.every((byte) => byte === 0)) break;
      const { name, bytes } = entryOf(header);
      at += BLOCK;
      entries.push({ name, at, bytes });
      const padding = (BLOCK - (bytes % BLOCK)) % BLOCK;
      await assertZeros(file, at + bytes, padding);
      at += bytes + padding;
      if (entries.length > 8) throw invalid("too many files");
    }
    if (size - at < 2 * BLOCK) throw invalid("truncated");
    if (size - at > MAX_END) throw invalid("bytes behind the end");
    await assertZeros(file, at, size - at);
    const [manifest, signature, ...payloads] = entries.map(({ name }) => name);
    if (manifest !== MANIFEST || signature !== SIGNATURE || payloads.length === 0)
      throw invalid("not the files of a bundle");
    return new BundleFile(file, entries);
  }

  get payloads(): readonly Entry[] {
    return this.entries.slice(2);
  }

  /** Rejects with UPDATE_BUNDLE_INVALID */
  async text(name: string): Promise<string> {
    const entry = this.entries.find((each) => each.name === name);
    if (entry === undefined || entry.bytes > MAX_TEXT) throw invalid(`no usable ${name}`);
    const bytes = await readExactly(this.#file, entry.at, entry.bytes);
    try {
      return new TextDecoder("utf8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw invalid(`${name} is no UTF-8`);
    }
  }
}

/** Rejects with UPDATE_BUNDLE_INVALID */
export async function readExactly(file: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  let done = 0;
  while (done < bytes) {
    const { bytesRead } = await file.read(buffer, done, bytes - done, at + done);
    if (bytesRead === 0) throw invalid("truncated");
    done += bytesRead;
  }
  return buffer;
}

async function assertZeros(file: FileHandle, at: number, bytes: number): Promise<void> {
  const found = await readExactly(file, at, bytes);
  if (found.some((byte) => byte !== 0)) throw invalid("padding is not empty");
}

function entryOf(header: Buffer): { readonly name: string; readonly bytes: number } {
  const sum = /^([0-7]{6})\0 $/.exec(header.toString("latin1", 148, 156))?.[1];
  const blank = Buffer.from(header).fill(" ", 148, 156);
  const isWhole = sum !== undefined && parseInt(sum, 8) === blank.reduce((a, b) => a + b, 0);
  const size = /^[0-7]{11}[\0 ]$/.exec(header.toString("latin1", 124, 136))?.[0];
  const isPlain = header.toString("latin1", 156, 157) === "0";
  const isUstar = header.toString("latin1", 257, 265) === "ustar\u000000";
  if (!isWhole || !isPlain || !isUstar || size === undefined) throw invalid("damaged header");
  const name = header.toString("latin1", 0, 100).replace(/\0+$/, "");
  return { name, bytes: parseInt(size, 8) };
}

function invalid(reason: string): MinerError {
  return new MinerError("UPDATE_BUNDLE_INVALID", { reason });
}
