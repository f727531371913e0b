import { createHash, randomInt, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileDurably } from "../../../lib/durable-file.js";
import type { Logger } from "../../../lib/logger.js";

const FILE = "setup-code";
/** Crockford's base 32: no letters that look like others. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** 60 bits. */
const LENGTH = 12;
const GROUP = 4;
/** A shorter one could be tried out. */
const LEAST_LENGTH = 8;

/**
 * What proves presence at the machine, as long as it has no password: the code on its label, where the factory left one in
 * a file, or else one that can be read in the data directory only.
 */
export class SetupCode {
  readonly #hash: Buffer | undefined;

  private constructor(code: string | undefined) {
    this.#hash = code === undefined ? undefined : digest(code);
  }

  /** Nothing is proven by any: there is a password. */
  static none(): SetupCode {
    return new SetupCode(undefined);
  }

  /** Never fails: without a code nothing is proven. */
  static async open(
    dataDir: string,
    labelFile: string | undefined,
    log: Logger,
  ): Promise<SetupCode> {
    const path = labelFile ?? join(dataDir, FILE);
    const found = await readFile(path, "utf8").catch(() => undefined);
    if (found !== undefined && plain(found).length >= LEAST_LENGTH) return new SetupCode(found);
    if (labelFile !== undefined) {
      log.error({ file: path, leastLength: LEAST_LENGTH }, "the file has no code to set up HTTP");
      return new SetupCode(undefined);
    }
    const code = freshCode();
    try {
      await writeFileDurably(path, `${code}\n`);
    } catch (error) {
      log.error({ file: path, reason: String(error) }, "the code to set up HTTP cannot be written");
      return new SetupCode(undefined);
    }
    log.info({ file: path }, "the first password over HTTP needs the code in this file");
    return new SetupCode(code);
  }

  /** Upper or lower case, with or without dashes. */
  isCode(given: string): boolean {
    return this.#hash !== undefined && timingSafeEqual(digest(given), this.#hash);
  }
}

function freshCode(): string {
  const letters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]);
  return letters.join("").replace(new RegExp(`.{${GROUP}}(?=.)`, "g"), "$&-");
}

function plain(code: string): string {
  return code.replace(/[\s-]/g, "").toUpperCase();
}

function digest(code: string): Buffer {
  return createHash("sha256").update(plain(code)).digest();
}
