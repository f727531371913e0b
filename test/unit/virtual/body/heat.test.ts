import { deepEqual, ok } from "node:assert/strict";
import { BoardHeat } from "../../../../src/virtual/body/board-heat.js";
import { airCooled, BodyRig } from "./rig.js";

const RATED_W = 2760;
/** Long enough for every temperature to settle. */
const SETTLED_S = 400;

/** `actual` is within `share` of `wanted`. */
function near(actual: number | undefined, wanted: number, share: number): void {
  const distance = Math.abs((actual ?? NaN) - wanted);
  ok(distance <= Math.abs(wanted) * share, `${String(actual)} is not near ${String(wanted)}`);
}

function between(actual: number | undefined, low: number, high: number): void {
  const isBetween = actual !== undefined && actual >= low && actual <= high;
  ok(isBetween, `${String(actual)} is not in ${String(low)}..${String(high)}`);
}

describe("heat of a virtual hashboard", () => {
  it("gives to air and sinks what the chips gave, whatever fans and chips do", () => {
    const heat = new BoardHeat(20, 900, 25);
    const watts = new Float64Array(20);
    for (let step = 0; step < 3000; step++) {
      watts.fill(step % 700 < 400 ? 45 : 3);
      heat.step(100, 25, (step % 500) / 500, watts);
    }
    const { fromChips, toAir, stored } = heat.energyJ(25);
    ok(fromChips > 100_000);
    near(toAir + stored, fromChips, 1e-9);
  });

  it("ends near the rated power and the temperatures of factory tests", async () => {
    const rig = new BodyRig().poweredUp();
    const { inputW, boards } = await rig.run(SETTLED_S);
    near(inputW, RATED_W, 0.03);
    for (const { dieMeanC, dieMaxC, sensors } of boards) {
      between(dieMeanC, 58, 72);
      ok(dieMaxC > dieMeanC + 2);
      between(sensors[0]?.tempC, 35, 50);
      between(sensors[1]?.tempC, 46, 60);
    }
  });

  it("draws the rated power of a machine whose boards make their own voltage", async () => {
    const rig = new BodyRig(smallBoard(), { chips: 1 }).poweredUp();
    near((await rig.run(SETTLED_S)).inputW, 16, 0.05);
  });

  it("reaches the cut-off of a board in half a minute or so without fans, and goes on from there", async () => {
    const rig = new BodyRig().poweredUp();
    await rig.run(SETTLED_S);
    rig.setDuty(0);
    let seconds = 0;
    while (outletC(rig) < 75) {
      await rig.run(1);
      seconds++;
    }
    between(seconds, 10, 60);
    ok(!rig.truth().boards[0]!.isHarmed);
    const { boards, inputW } = await rig.run(600);
    ok(boards.every(({ isHarmed, sinkC }) => isHarmed && Number.isFinite(sinkC)));
    ok(inputW < 2 * RATED_W);
  });

  it("cools down to the room when the power is off", async () => {
    const rig = new BodyRig().poweredUp();
    await rig.run(SETTLED_S);
    rig.body.setEnableLine(1);
    const { boards } = await rig.run(SETTLED_S);
    near(boards[0]?.sinkC, 25, 0.01);
    near(outletC(rig), 25, 0.01);
  });

  for (const [what, change] of [
    [
      "less air",
      (rig: BodyRig) => {
        rig.setDuty(0.5);
      },
    ],
    ["one fan less", (rig: BodyRig) => rig.fault("fanStalled", { fan: 2 })],
    [
      "a warmer room",
      (rig: BodyRig) => {
        rig.body.setAmbientC(35);
      },
    ],
    ["a higher voltage", (rig: BodyRig) => rig.fault("psuWrongVoltage", { offsetMv: 300 })],
    [
      "a higher clock",
      (rig: BodyRig) => {
        rig.chains.forEach((chain) => (chain.freqShare = 1.1));
      },
    ],
  ] as const)
    it(`gets warmer with ${what}`, async () => {
      const rig = new BodyRig().poweredUp();
      const before = await rig.run(SETTLED_S);
      change(rig);
      const after = await rig.run(SETTLED_S);
      ok(outletOf(after) > outletOf(before) + 0.5);
      ok(after.inputW > before.inputW);
    });

  for (const [what, change] of [
    ["without work", { hashingShare: 0 }],
    ["with a stopped clock", { freqShare: 0 }],
    ["with half of the units dead", { hashingShare: 0.5 }],
  ] as const)
    it(`takes less ${what}`, async () => {
      const rig = new BodyRig().poweredUp();
      const before = await rig.run(30);
      for (const chain of rig.chains) Object.assign(chain, change);
      const after = await rig.run(2);
      ok(after.inputW < 0.75 * before.inputW);
    });

  it("spreads power over the chips by the seed alone", async () => {
    const truths = await Promise.all(
      [1, 1, 2].map((seed) => new BodyRig(airCooled(), { seed }).poweredUp().run(20)),
    );
    deepEqual(truths[0]?.boards, truths[1]?.boards);
    ok(truths[0]?.boards[0]?.dieMaxC !== truths[2]?.boards[0]?.dieMaxC);
  });

  function outletC(rig: BodyRig): number {
    return outletOf(rig.truth());
  }

  function outletOf(truth: ReturnType<BodyRig["truth"]>): number {
    return truth.boards[0]?.sensors[1]?.tempC ?? NaN;
  }

  function smallBoard(): ReturnType<typeof airCooled> {
    return airCooled({
      supply: { kind: "adapter" },
      boards: [
        {
          sensors: [],
          regulator: { address: 0x24, inputMv: 5100 },
          fanController: { address: 0x4c },
        },
      ],
      ratedW: 16,
      nominalRailMv: 1150,
      fans: 0,
    });
  }
});
