import { readFileSync } from "node:fs";

/** A JSON file of test/fixtures, by folder and name. */
export function fixture<Content>(name: string): Content {
  const url = new URL(`../../../fixtures/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as Content;
}

/** The lines of a text file of test/fixtures that are not comments. */
export function fixtureLines(name: string): string[] {
  const url = new URL(`../../../fixtures/${name}`, import.meta.url);
  const lines = readFileSync(url, "utf8").trim().split("\n");
  return lines.filter((line) => !line.startsWith("#"));
}

interface Frame {
  readonly id: string;
  readonly hex: string;
}

/** Frames of a file of vectors by their ids, in lower case. */
export function frames(name: string): Readonly<Record<string, string>> {
  const { vectors } = fixture<{ vectors: readonly Frame[] }>(name);
  return Object.fromEntries(vectors.map(({ id, hex }) => [id, hex.toLowerCase()]));
}

export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

export function hex(data: ArrayLike<number> | undefined): string {
  return Buffer.from(Uint8Array.from(data ?? [])).toString("hex");
}
