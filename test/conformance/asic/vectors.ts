import { readFileSync } from "node:fs";

/** The cases of a file of test/fixtures/bm13xx. */
export function vectorCases<Case>(name: string): Case[] {
  const url = new URL(`../../fixtures/bm13xx/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { cases: Case[] }).cases;
}
