import { readFileSync } from "node:fs";

/** One case of a vector file; the fields differ from file to file. */
export type VectorCase = Readonly<Record<string, unknown>> & { readonly id: string };

interface VectorFile {
  readonly cases: readonly VectorCase[];
  readonly [part: string]: unknown;
}

export function vectorFile(name: string): VectorFile {
  const url = new URL(`../../fixtures/bm13xx/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")) as VectorFile;
}

export function cases(name: string): readonly VectorCase[] {
  return vectorFile(name).cases;
}

export function text(test: VectorCase, field: string): string {
  const value = test[field];
  if (typeof value !== "string") throw new TypeError(`${test.id}: ${field} is not text`);
  return value;
}

/** A number, or text like "0x12". */
export function number(test: Readonly<Record<string, unknown>>, field: string): number {
  const value = Number(test[field]);
  if (Number.isNaN(value)) throw new TypeError(`${field} is not a number`);
  return value;
}

export function fields(test: VectorCase, field: string): Readonly<Record<string, unknown>> {
  return test[field] as Readonly<Record<string, unknown>>;
}

export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
