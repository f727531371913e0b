import { execFileSync } from "node:child_process";
import { closeSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";

const SECTOR_BYTES = 512;
/** Documented: the table of a master boot record: four entries of 16 bytes, the first sector of each at its byte 8. */
const TABLE_AT = 446;
const ENTRY_BYTES = 16;
const FIRST_SECTOR_AT = 8;
/** Of the partition `data`: docs/image.md. */
const DATA = 4;

/** A card of the emulated board: a copy of the one that was built, which stays as it is. */
export class Card {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static copyOf(master: string, path: string): Card {
    execFileSync("cp", ["--sparse=always", master, path]);
    return new Card(path);
  }

  /** Writes a file at the top of the data partition, as somebody does who has the card in a computer. */
  put(name: string, text: string): void {
    const file = `${this.path}.${name}`;
    writeFileSync(file, text);
    this.#debugfs(["-w", "-R", `write ${file} ${name}`]);
    rmSync(file);
    // debugfs ends with 0 whatever happens.
    if (this.#debugfs(["-R", `cat ${name}`]) !== text)
      throw new Error(`${name} is not on the card`);
  }

  #debugfs(args: readonly string[]): string {
    const at = `${this.path}?offset=${String(this.#startOf(DATA))}`;
    const env = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };
    return execFileSync("debugfs", [...args, at], {
      env,
      stdio: ["ignore", "pipe", "ignore"],
    }).toString();
  }

  #startOf(partition: number): number {
    const table = Buffer.alloc(SECTOR_BYTES);
    const file = openSync(this.path, "r");
    readSync(file, table, 0, SECTOR_BYTES, 0);
    closeSync(file);
    const entry = TABLE_AT + (partition - 1) * ENTRY_BYTES;
    return table.readUInt32LE(entry + FIRST_SECTOR_AT) * SECTOR_BYTES;
  }
}
