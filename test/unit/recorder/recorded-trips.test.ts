import { equal, ok } from "node:assert/strict";
import { SeededRandom } from "../../../src/virtual/random.js";
import { chooseStep } from "../../property/machine/choose.js";
import type { MachineRig } from "../../property/machine/machine-rig.js";
import { RecordedRig, replayed } from "./recorded-rig.js";

const SEED = 20_240;
const TRIPS = 100;
const TRIPS_A_MACHINE = 10;
/** Faults on top of one another before all is well again. */
const MOST_FAULTS = 4;
const WAIT_MS = 7000;
/** The one with controllers takes three times as long. */
const MACHINES = ["s21", "s19k-pro", "s21", "s19k-pro", "s19j-pro"] as const;

describe("replay of recorded trips", function () {
  // An hour of machines that break in random ways: a tenth of a second for each trip.
  this.timeout(120_000);

  const random = new SeededRandom(SEED);

  /** Faults come until the power is cut. */
  async function breakIt(rig: MachineRig): Promise<void> {
    await rig.apply({ do: "heal" });
    for (let faults = 0; faults < MOST_FAULTS; faults += 1) {
      let step = chooseStep(random, rig);
      while (step.do !== "fault" && step.do !== "hang") step = chooseStep(random, rig);
      await rig.apply(step);
      await rig.apply({ do: "wait", ms: WAIT_MS });
      if (rig.controller?.life.state.is === "fault") return;
    }
  }

  it(`takes every decision of ${TRIPS} trips again (seed ${SEED})`, async () => {
    const codes = new Set<string>();
    let trips = 0;
    for (let number = 0; trips < TRIPS; number += 1) {
      const recorded = new RecordedRig(MACHINES[number % MACHINES.length] ?? "s21", SEED + number);
      try {
        for (let each = 0; each < TRIPS_A_MACHINE; each += 1) await breakIt(recorded.rig);
        const report = await replayed(recorded.records);
        equal(report.first, null, `machine ${number}`);
        equal(report.skipped, 0);
        const judged = report.trips.filter(({ replay }) => replay !== "notJudged");
        ok(judged.every(({ replay }) => replay === "same"));
        for (const { code } of judged) codes.add(code);
        trips += judged.length;
      } finally {
        recorded.stop();
      }
    }
    ok(codes.size >= 8, [...codes].join(", "));
  });
});
