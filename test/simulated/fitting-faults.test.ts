import { Turns } from "../../src/hal/turns.js";
import { runRow, type FittingRow } from "./fitting-row.js";
import { FITTING_ROWS } from "./fitting-rows.js";
import { assertBuilt } from "./program.js";

/** Machines at the same time; most of a start is waiting. */
const LANES = 2;

describe("a machine that is fitted with", function () {
  this.timeout(240_000);
  before(assertBuilt);

  const lanes = Array.from({ length: LANES }, () => new Turns());
  const runs = new Map<FittingRow, Promise<void>>();

  /** Each lane has every second row. */
  function begin(index: number): Promise<void> | undefined {
    const row = FITTING_ROWS[index];
    if (row === undefined) return undefined;
    const run = runs.get(row) ?? lanes[index % LANES]?.take(() => runRow(row));
    if (run === undefined) return undefined;
    runs.set(row, run);
    run.catch(() => undefined); // told where it is waited for
    return run;
  }

  for (const [index, { name, state }] of FITTING_ROWS.entries())
    it(`${name}: ${state}`, async () => {
      const run = begin(index);
      for (let ahead = 1; ahead <= LANES; ahead += 1) void begin(index + ahead);
      await run;
    });

  after(() => Promise.allSettled(runs.values()));
});
