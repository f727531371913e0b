import { equal, ok } from "node:assert/strict";
import type { Lattice } from "../../../src/virtual/chip/lattice.js";
import { PLL_550_MHZ, Rig, searchWithNode } from "../../unit/virtual/rig.js";
import { bytes, cases, number, text } from "./vectors.js";

const SUB_CORES = 8;
const SPAN = 2 ** 25;
const JOB = "block839900-len36";

interface KnownPoint {
  readonly counter: number;
  readonly unit: number;
  readonly batch: number;
}

/** Only the nonces of the published log are points; everything else of the way is the chip's. */
function knownPoints(): Lattice {
  const points: KnownPoint[] = cases("nonces_block839900").map((test) => {
    const nonce = number(test, "nonce_msb_first");
    const version = number(test, "version_field");
    return {
      counter: nonce & (SPAN - 1),
      unit: (nonce >>> 25) * SUB_CORES + (version % SUB_CORES),
      batch: Math.floor(version / SUB_CORES),
    };
  });
  const byBatch = new Map<number, KnownPoint[]>();
  for (const point of points)
    byBatch.set(point.batch, [...(byBatch.get(point.batch) ?? []), point]);
  return {
    seedOf: () => 0,
    collect: (_seed, batch, fromCounter, toCounter, list) => {
      for (const { counter, unit } of byBatch.get(batch) ?? [])
        if (counter >= fromCounter && counter < toCounter) list.add(counter, unit);
    },
  };
}

describe("virtual BM1366 with the header of block 839900", () => {
  for (const address of [0x00, 0x80]) {
    it(`answers at address ${String(address)} the nonces of the log, at the times of the log`, function () {
      // A whole epoch in steps of 10 ms.
      this.timeout(30_000);
      const rig = new Rig({
        chips: 1,
        networkShift: 0,
        search: searchWithNode,
        lattice: knownPoints(),
      });
      rig.bringUp({
        addresses: [address],
        hashCountingNumber: 0xfffff,
        pll: PLL_550_MHZ,
        ticketMask: 0x0000_c0ff,
      });
      const job = cases("jobs_full_header").find(({ id }) => id === JOB);
      if (job === undefined) throw new Error(`no job ${JOB}`);
      rig.send(bytes(text(job, "frame")));
      const startMs = rig.nowMs;
      const answers = rig.run(687_000).answers();

      const key = (nonce: number, version: number): string => `${String(nonce)}:${String(version)}`;
      // The window is longer than the counter, so that some are found again at the end of their batch.
      const arrivalMs = new Map<string, number>();
      for (const { word, versionField, atMs } of answers) {
        const found = key(word, versionField);
        if (!arrivalMs.has(found)) arrivalMs.set(found, atMs - startMs);
      }
      const known = new Map(
        cases("nonces_block839900").map((test) => [
          test.id,
          key(number(test, "nonce_msb_first"), number(test, "version_field")),
        ]),
      );
      const logged = cases("sweep_timing_bm1366");
      const field = `ms_after_job_address_${address === 0 ? "00" : "80"}`;
      for (const test of logged) {
        const atMs = arrivalMs.get(known.get(text(test, "result")) ?? "");
        ok(atMs !== undefined, text(test, "result"));
        const logMs = number(test, field);
        ok(Math.abs(atMs - logMs) < 30 + logMs * 1e-4, `${String(atMs)} and ${String(logMs)}`);
      }
      equal(arrivalMs.size, logged.length);
    });
  }
});
