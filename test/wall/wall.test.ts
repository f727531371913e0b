import { deepEqual } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { assertBuilt } from "../simulated/program.js";
import { measureFor } from "../simulated/until.js";
import { playRow } from "./play.js";
import type { Row, RowResult } from "./row.js";
import { ROWS } from "./rows.js";
import { wallTable } from "./table.js";

/**
 * Rows mostly wait. WALL_JOBS says how many play at a time, WALL_ROWS (a regular expression) which.
 * Measured on two cores: twelve for each take a third of it.
 */
const JOBS = Number(process.env["WALL_JOBS"] ?? 8 * availableParallelism());
const CHOSEN = new RegExp(process.env["WALL_ROWS"] ?? "", "i");
/** The start of a program is the most work that a row makes. */
const START_EVERY_S = 1;

const rows = ROWS.filter(({ name }) => CHOSEN.test(name));

describe("the wall of pool faults", function () {
  this.timeout(0);
  const results = new Map<Row, Promise<RowResult>>();

  before(() => {
    assertBuilt();
    for (const [row, result] of playAll(rows)) results.set(row, result);
  });

  const judged = new Set<Row>();
  for (const [number, row] of rows.entries())
    it(`${row.name}: ${row.expects}`, async () => {
      // A second try plays alone: a computer that is late makes everything late that plays on it.
      if (judged.has(row)) {
        await Promise.all(results.values());
        results.set(row, playRow(row, number));
      }
      judged.add(row);
      deepEqual((await results.get(row))?.failures, []);
    });

  after(async () => {
    const all = await Promise.all(results.values());
    mkdirSync("build", { recursive: true });
    writeFileSync("build/wall.json", `${JSON.stringify(all, undefined, 2)}\n`);
    process.stdout.write(`\n${wallTable(all)}\n`);
  });
});

/** Starts with the rows that last longest, so that none of them is left alone at the end. */
function playAll(all: readonly Row[]): ReadonlyMap<Row, Promise<RowResult>> {
  const lasts = ({ lastsS = 0 }: Row): number => lastsS;
  const order = [...all].sort((a, b) => lasts(b) - lasts(a));
  const settle = new Map<Row, (result: RowResult) => void>();
  const results = new Map(
    order.map((row) => [row, new Promise<RowResult>((resolve) => settle.set(row, resolve))]),
  );
  const waiting = [...order.entries()];
  const work = async (lane: number): Promise<void> => {
    await measureFor(lane * START_EVERY_S);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [number, row] = next;
      settle.get(row)?.(await playRow(row, number));
    }
  };
  for (let lane = 0; lane < JOBS; lane++) void work(lane);
  return results;
}
