import { readFileSync } from "node:fs";

export interface FrameVector {
  readonly id: string;
  readonly hex: string;
}

/** A file of test/fixtures/power. */
export function powerVectors<Vectors>(name: string): Vectors {
  const url = new URL(`../../fixtures/power/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as Vectors;
}

/** The frames of a file by their names, in lower case. */
export function framesOf(name: string): Record<string, string> {
  const { vectors } = powerVectors<{ vectors: readonly FrameVector[] }>(name);
  return Object.fromEntries(vectors.map(({ id, hex }) => [id, hex.toLowerCase()]));
}
