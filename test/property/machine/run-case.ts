import { join } from "node:path";
import { createLogger } from "../../../src/lib/logger.js";
import { hash32, SeededRandom } from "../../../src/virtual/random.js";
import { chooseStep } from "./choose.js";
import { MachineRig } from "./machine-rig.js";
import type { ExcuseName, Violation } from "./promises.js";
import type { Step } from "./step.js";

/** Sensors on the bus of the boards, sensors behind controllers with converters, a later supply. */
const MACHINES = ["s19k-pro", "s19j-pro", "s21"] as const;

/** Which machine, and what of it is drawn by lot. */
export interface CaseIdentity {
  readonly machineName: string;
  readonly seed: number;
}

export interface CaseOutcome {
  readonly identity: CaseIdentity;
  /** Those that were taken, up to the one that broke a promise. */
  readonly steps: readonly Step[];
  readonly violation: Violation | undefined;
  readonly virtualMs: number;
  readonly onMs: number;
  readonly stepsOn: number;
  readonly excusedMs: ReadonlyMap<ExcuseName, number>;
}

export function caseIdentity(seed: number, number: number): CaseIdentity {
  const own = hash32(seed, number);
  return { machineName: MACHINES[own % MACHINES.length] ?? MACHINES[0], seed: own };
}

/** A random history of so many steps, from a first start to an end in which all is well again. */
export function runRandomCase(
  identity: CaseIdentity,
  steps: number,
  dir: string,
): Promise<CaseOutcome> {
  const random = new SeededRandom(hash32(identity.seed, 0x57e9));
  return runCase(identity, dir, (rig, taken) => {
    if (taken === 0) return { do: "start" };
    if (taken < steps - 1) return chooseStep(random, rig);
    return taken === steps - 1 ? { do: "heal" } : undefined;
  });
}

/** The same history again, or another one that was written down. */
export function replayCase(
  identity: CaseIdentity,
  steps: readonly Step[],
  dir: string,
): Promise<CaseOutcome> {
  return runCase(identity, dir, (_rig, taken) => steps[taken]);
}

async function runCase(
  identity: CaseIdentity,
  dir: string,
  next: (rig: MachineRig, taken: number) => Step | undefined,
): Promise<CaseOutcome> {
  const own = join(dir, String(identity.seed));
  const rig = new MachineRig({ ...identity, dir: own, log: createLogger("silent") });
  const onRejection = (error: unknown): void => {
    const text = error instanceof Error ? error.stack : undefined;
    rig.oracle.promises.blame("no rejection is unhandled", text ?? String(error));
  };
  process.on("unhandledRejection", onRejection);
  const steps: Step[] = [];
  try {
    while (rig.oracle.promises.violation === undefined) {
      const step = next(rig, steps.length);
      if (step === undefined) break;
      steps.push(step);
      await rig.apply(step);
    }
  } finally {
    rig.close();
    process.off("unhandledRejection", onRejection);
  }
  const { onMs, promises } = rig.oracle;
  const { violation, excusedMs } = promises;
  const { clock, stepsOn } = rig;
  return { identity, steps, violation, onMs, stepsOn, excusedMs, virtualMs: clock.nowMs() };
}
