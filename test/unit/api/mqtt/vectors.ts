import { readFileSync } from "node:fs";

/** A file of test/fixtures/management. */
export function vectors<Case>(name: string): { readonly cases: readonly Case[] } {
  const file = new URL(`../../../fixtures/management/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as { cases: readonly Case[] };
}

/** The invented miner of the vectors, and its clock. */
export const DEVICE = "02005e100001";
export const PREFIX = "miners/v1";
export const NOW_UNIX_MS = 1_767_225_600_000;
