import type { ManualClock } from "../../../src/lib/clock.js";
import { createLogger } from "../../../src/lib/logger.js";
import type { PowerSupply } from "../../../src/drivers/power-supply.js";
import { Rail, type RailOptions } from "../../../src/power/rail.js";
import { RailInterlock } from "../../../src/safety/rail-interlock.js";
import { goodFacts, LIMITS } from "../safety/good-facts.js";

export interface RailRig {
  readonly rail: Rail;
  readonly interlock: RailInterlock;
}

/** A rail whose board and fans are good, over a supply whose output is switched by `setOn`. */
export async function railRig(
  clock: ManualClock,
  supply: PowerSupply,
  setOn: (isOn: boolean) => void,
  changes: Partial<RailOptions> = {},
): Promise<RailRig> {
  const log = createLogger("silent");
  const holder: { rail?: Rail } = {};
  const output = {
    ...{ name: "enable", limitMs: 200 },
    set: (isOn: boolean): Promise<void> => {
      setOn(isOn);
      return Promise.resolve();
    },
  };
  const interlock = await RailInterlock.open({
    ...{ switch: output, limits: LIMITS, clock, log },
    facts: () =>
      goodFacts({
        setpoint: holder.rail?.setpoint ?? { is: "unread" },
        supply: holder.rail?.supplyFact,
      }),
  });
  const rail = new Rail({
    supply,
    timing: undefined,
    machine: {
      rated: { hashrateThs: 120, powerW: 2760, evidence: "documented", source: "test" },
      railMv: { running: 13_200, open: 15_000, evidence: "documented", source: "test" },
      freqMHz: { min: 100, nominal: 540, max: 670, evidence: "documented", source: "test" },
    },
    limits: { minMv: 12_000, maxMv: 15_000 },
    interlock,
    clock,
    log,
    ...changes,
  });
  holder.rail = rail;
  return { rail, interlock };
}

/** Lets time pass until `work` settles; resolves or rejects as it does. */
export async function settle<Result>(
  clock: ManualClock,
  work: Promise<Result>,
  stepMs = 500,
): Promise<Result> {
  const progress = { isSettled: false };
  const end = (): void => {
    progress.isSettled = true;
  };
  work.then(end, end);
  await clock.advance(0);
  for (let step = 0; !progress.isSettled && step < 1000; step += 1) await clock.advance(stepMs);
  return work;
}
