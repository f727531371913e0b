import { deepEqual, equal, ok } from "node:assert/strict";
import { assertBuilt } from "../simulated/program.js";
import { rigs } from "../simulated/rig.js";
import { measureFor } from "../simulated/until.js";
import { Audit, findings } from "../wall/audit.js";

/** SOAK_MINUTES: how long, 60 by default. */
const MINUTES = Number(process.env["SOAK_MINUTES"] ?? 60);
const BLOCK_S = 30;
const WORKER = "rig.worker";
/** The stale part of hash power is summed up by how old the job of a share was when the share came in, ms. */
const AGE_STEPS_MS = [1000, 5000, 10_000, 20_000, 30_000, Infinity];
/** A new block is known to the chips within milliseconds: what is stale was found or on its way by then. */
const MAX_STALE_SHARE = 0.02;

describe(`${MINUTES} minutes with a new block every ${BLOCK_S} s and vardiff`, function () {
  this.timeout(0);
  before(assertBuilt);
  const rig = rigs();

  it("has no share refused for our fault, and hardly a stale one", async () => {
    const audit = new Audit("pool", WORKER);
    const mine = await rig.start({
      machine: "s19k-pro",
      // Its own suggestion would make shares too rare to count stale ones.
      adapt: (config) => ({
        ...config,
        pools: (config["pools"] as object[]).map((pool) => ({ ...pool, suggestDifficulty: 1000 })),
      }),
      pool: {
        ...{ jobIntervalS: 10, blockIntervalS: BLOCK_S, users: [WORKER], witness: audit },
        vardiff: { sharesPerMinute: 120, retargetIntervalS: 10, min: 1, max: 2 ** 40 },
      },
    });
    await mine.untilMining(5);
    for (let minute = 0; minute < MINUTES; minute++) {
      await measureFor(60);
      await mine.until("the controller answers", () => true);
    }
    const { accepted, rejected, rejectedByReason, protocolErrors } = mine.pool.stats();
    process.stdout.write(`${accepted} accepted; ${report(audit)}\n`);
    deepEqual(findings([audit]), []);
    equal(rejected, 0, JSON.stringify(rejectedByReason));
    equal(protocolErrors, 0);
    ok(staleShare(audit) < MAX_STALE_SHARE, `${(100 * staleShare(audit)).toFixed(2)} % stale`);
  });
});

/** Part of the hash power (shares weighted with their difficulty) whose work was stale. */
function staleShare({ shares }: Audit): number {
  const work = (isStale: boolean): number =>
    shares
      .filter(({ verdict }) => (verdict === "stale") === isStale)
      .reduce((sum, { job }) => sum + (job?.difficulty ?? 0), 0);
  return work(true) / (work(true) + work(false));
}

/** What the pool saw: shares and stale part by the age of their job. */
function report(audit: Audit): string {
  const rows = AGE_STEPS_MS.map((toMs, index) => {
    const fromMs = AGE_STEPS_MS[index - 1] ?? 0;
    const shares = audit.shares.filter(({ atMs, job }) => {
      const ageMs = atMs - (job?.sentAtMs ?? Infinity);
      return ageMs >= fromMs && ageMs < toMs;
    });
    const stale = shares.filter(({ verdict }) => verdict === "stale").length;
    return `${fromMs / 1000} s on: ${shares.length} shares, ${stale} stale`;
  });
  const stalePercent = (100 * staleShare(audit)).toFixed(3);
  return `${stalePercent} % of the hash power stale; by age of the job: ${rows.join("; ")}`;
}
