import type { MachineSpec } from "../boards/machine-spec.js";

/** What the machine does at the moment of the estimate. */
export interface PowerLoad {
  /** Input voltage of the hashboards. */
  readonly railMv: number;
  readonly freqMHz: number;
  /** Chips that hash, of all that the machine has when it is whole: 0 to 1. */
  readonly hashingShare: number;
}

/**
 * Watts at the wall where the supply cannot measure them: the rated power, scaled as the switching losses of CMOS
 * scale, with the square of the voltage and with the clock. Inferred: leakage, fans and the supply's own losses are
 * taken to scale with it. Undefined where the machine's data has no rated power, voltage or clock to start from.
 */
export function estimatePowerW(
  machine: Pick<MachineSpec, "rated" | "railMv" | "freqMHz">,
  load: PowerLoad,
): number | undefined {
  const ratedW = machine.rated.powerW;
  const nominalMv = machine.railMv?.running;
  const nominalMHz = machine.freqMHz?.nominal;
  if (ratedW === undefined || nominalMv === undefined || nominalMHz === undefined) return undefined;
  const perChip = (load.railMv / nominalMv) ** 2 * (load.freqMHz / nominalMHz);
  return ratedW * perChip * load.hashingShare;
}
