import { runRow, type FittingRow } from "./fitting-row.js";
import { FITTING_ROWS } from "./fitting-rows.js";
import { assertBuilt } from "./program.js";

/** Machines at the same time; most of a start is waiting. */
const AT_ONCE = 2;
/** Rows that queue for their turn while another is waited for: a long one holds up no short ones. */
const AHEAD = 4;

describe("a machine that is fitted with", function () {
  this.timeout(240_000);
  before(assertBuilt);

  const runs = new Map<FittingRow, Promise<void>>();
  const queue: (() => void)[] = [];
  let free = AT_ONCE;

  async function inTurn(row: FittingRow): Promise<void> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      await runRow(row);
    } finally {
      const next = queue.shift();
      if (next === undefined) free += 1;
      else next();
    }
  }

  function begin(row: FittingRow): Promise<void> {
    const run = runs.get(row) ?? inTurn(row);
    runs.set(row, run);
    run.catch(() => undefined); // told where it is waited for
    return run;
  }

  for (const [index, row] of FITTING_ROWS.entries())
    it(`${row.name}: ${row.state}`, async () => {
      const run = begin(row);
      for (const next of FITTING_ROWS.slice(index + 1, index + 1 + AHEAD)) void begin(next);
      await run;
    });

  after(() => Promise.allSettled(runs.values()));
});
