import { findSupplyType, type KnownSupply, loadSupplies } from "../../../boards/load-supplies.js";
import type { PowerSupplySpec } from "../../../boards/machine-spec.js";
import { hexNumber } from "../../../lib/bytes.js";
import { MinerError } from "../../../lib/errors.js";
import type { CalibrationBlock } from "../calibration-block.js";
import type { FrameVersion } from "../frame.js";
import {
  calibratedNominalScale,
  calibratedScale,
  formulaScale,
  nominalScale,
} from "../voltage-scale.js";

/** A voltage, or why there is none: several types that disagree, or no type that knows. */
export type Voltage = { readonly mv: number } | { readonly unknown: string };

const TYPE_CODE = /^0x[0-9a-f]{1,2}$/i;

/**
 * Which types a supply may be. A file of boards/power-supplies may describe several; what the supply says about itself
 * narrows them down.
 */
export class SupplyModel {
  readonly name: string;
  #candidates: readonly KnownSupply[];
  #block: CalibrationBlock | undefined;
  readonly #known: readonly PowerSupplySpec[];

  /** @throws BOARDS_UNKNOWN for a name that is neither a file nor a type code */
  constructor(name: string, known: readonly PowerSupplySpec[] = loadSupplies()) {
    this.name = name;
    this.#known = known;
    const types = known.flatMap((supply) => (supply.types ?? []).map((type) => ({ supply, type })));
    if (TYPE_CODE.test(name)) {
      this.#candidates = types.filter(({ type }) => type.code === Number(name));
      return;
    }
    if (!known.some((supply) => supply.name === name))
      throw new MinerError("BOARDS_UNKNOWN", {
        kind: "power-supplies",
        name,
        known: `${known.map((supply) => supply.name).join(", ")}, or a type code like 0x71`,
      });
    this.#candidates = types.filter(({ supply }) => supply.name === name);
  }

  /** Type codes that are left, without repetition. */
  get types(): readonly string[] {
    return [...new Set(this.#candidates.map(({ type }) => hexNumber(type.code)))];
  }

  get likelyVersion(): FrameVersion {
    return this.#candidates.some(({ supply }) => supply.protocol === "apwV2") ? 2 : 1;
  }

  /** The supply told its type. Gives what is remarkable about that. */
  learnType(code: number): string | undefined {
    const same = this.#candidates.filter(({ type }) => type.code === code);
    if (same.length > 0) {
      this.#candidates = same;
      return undefined;
    }
    const before = this.types.join(" ");
    const known = this.#known.flatMap((supply) =>
      (supply.types ?? []).map((type) => ({ supply, type })),
    );
    this.#candidates = known.filter(({ type }) => type.code === code);
    if (this.#candidates.length === 0) return "no hardware data describes this type";
    return before === ""
      ? `${this.name} has no types of its own`
      : `${this.name} is ${before}; from here on the supply's own word counts`;
  }

  learnFirmware(firmware: number): void {
    this.#candidates = this.#candidates.filter(
      ({ supply, type }) => findSupplyType(type.code, firmware, [supply])?.type === type,
    );
  }

  learnCalibration(block: CalibrationBlock): void {
    this.#block = block;
  }

  /** What a setpoint code of version 1 means. */
  voltageOfCode(code: number): Voltage {
    return this.#agreed(({ type: { dac } }) => {
      if (dac === undefined) return undefined;
      const block = this.#block;
      const scale = block === undefined ? formulaScale(dac) : calibratedScale(dac, block);
      return scale.mvForTold(code);
    }, "formula");
  }

  /** What counts of the measured output mean, version 1. */
  voltageOfCounts(counts: number): Voltage {
    return this.#agreed(
      ({ type: { measureVoltsPerCount: scale } }) =>
        scale === undefined ? undefined : counts * scale * 1000,
      "scale of the measured output",
    );
  }

  /** What nominal millivolts of version 2 mean. */
  voltageOfNominal(nominalMv: number): number {
    const scale = this.#block === undefined ? nominalScale : calibratedNominalScale(this.#block);
    return Math.round(scale.mvForTold(nominalMv) ?? nominalMv);
  }

  /** For a block: types that it could belong to. */
  get candidates(): readonly KnownSupply[] {
    return this.#candidates;
  }

  #agreed(mvOf: (candidate: KnownSupply) => number | undefined, what: string): Voltage {
    const byMv = new Map<number | undefined, Set<string>>();
    for (const candidate of this.#candidates) {
      const exactMv = mvOf(candidate);
      const mv = exactMv === undefined ? undefined : Math.round(exactMv);
      byMv.set(mv, (byMv.get(mv) ?? new Set()).add(typeName(candidate)));
    }
    const [only, ...others] = byMv.keys();
    if (others.length === 0)
      return only === undefined
        ? { unknown: `volts: no ${what} is known for ${this.name}` }
        : { mv: only };
    const each = [...byMv].map(([mv, types]) => {
      const volts = mv === undefined ? "unknown" : `${(mv / 1000).toFixed(3)} V`;
      return `${volts} if it is ${[...types].join(", ")}`;
    });
    return { unknown: `volts: ${each.join("; ")}` };
  }
}

function typeName({ type: { code, firmwareLow } }: KnownSupply): string {
  const name = hexNumber(code);
  if (firmwareLow === undefined) return name;
  return `${name} with a firmware low byte of ${firmwareLow.from} to ${firmwareLow.to}`;
}
