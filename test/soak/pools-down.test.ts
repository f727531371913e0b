import { deepEqual, equal, ok } from "node:assert/strict";
import { assertBuilt } from "../simulated/program.js";
import { rigs } from "../simulated/rig.js";
import { measureFor } from "../simulated/until.js";
import { Audit, findings } from "../wall/audit.js";

/** SOAK_MINUTES: how long the pools are gone, 60 by default. */
const MINUTES = Number(process.env["SOAK_MINUTES"] ?? 60);
/** Documented: design, figures to hold. */
const BACK_WITHIN_S = 60;
const GROWTH_MB = 10;

describe(`all pools down for ${MINUTES} minutes`, function () {
  this.timeout(0);
  before(assertBuilt);
  const rig = rigs();

  it("ends with shares at the first pool, from the same process", async () => {
    const [first, second] = [new Audit("first", "rig.worker"), new Audit("second", "rig.backup")];
    const mine = await rig.start({ pool: { witness: first }, backups: [{ witness: second }] });
    await mine.untilMining(20);
    const pools = [mine.pool, ...mine.backups];
    const before = await mine.until("the controller answers", () => true);
    for (const pool of pools) await pool.fault({ name: "down" });
    for (let minute = 0; minute < MINUTES; minute++) {
      await measureFor(60);
      await mine.until("the controller answers", () => true);
    }
    const after = await mine.until("the controller answers", () => true);
    equal(after.process.pid, before.process.pid);
    const growthMb = after.process.rssMb - before.process.rssMb;
    ok(growthMb < GROWTH_MB, `grew ${growthMb.toFixed(1)} MB`);

    const healthyMs = performance.now();
    for (const pool of pools) await pool.clear();
    await mine.until(
      "a share at the first pool",
      () => first.firstAcceptedAfter(healthyMs) !== undefined,
      2 * BACK_WITHIN_S,
    );
    const tookS = ((first.firstAcceptedAfter(healthyMs)?.atMs ?? Infinity) - healthyMs) / 1000;
    process.stdout.write(`back after ${tookS.toFixed(1)} s\n`);
    ok(tookS <= BACK_WITHIN_S, `${tookS.toFixed(1)} s`);
    deepEqual(findings([first, second]), []);
  });
});
