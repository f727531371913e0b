import type { BodySpec } from "./body-spec.js";
import type { Fan } from "./fan.js";

/** From the wall to the rail: inferred. */
const SUPPLY_EFFICIENCY = 0.94;
/** A regulator that makes a chip's voltage loses about a tenth: inferred. */
const ADAPTER_EFFICIENCY = 0.9;
/** Control board and what else runs without hashing; one fan at full speed. Inferred. */
const CONTROL_BOARD_W = 12;
const FAN_FULL_W = 20;
const SMALL_BOARD_W = 1.5;
/** Speed of the fans at the nominal point. */
const FAN_NOMINAL_SPEED = 0.7;

/** Share of the wall's power that reaches the chips. */
function efficiency({ supply }: BodySpec): number {
  return supply.kind === "apw" ? SUPPLY_EFFICIENCY : ADAPTER_EFFICIENCY;
}

/** What runs beside the chips, without the fans. */
function idleW({ supply }: BodySpec): number {
  return supply.kind === "apw" ? CONTROL_BOARD_W : SMALL_BOARD_W;
}

/** What the wall gives while the chips take `chipsW`. */
export function wallW(spec: BodySpec, chipsW: number, fans: readonly Fan[]): number {
  const fansW = fans.reduce((sum, fan) => sum + FAN_FULL_W * fan.flowShare ** 3, 0);
  const counted = spec.supply.kind === "apw" ? fansW : 0;
  return chipsW / efficiency(spec) + counted + idleW(spec);
}

/** What of the rated power is left for the chips. */
export function ratedChipsW(spec: BodySpec): number {
  const fansW = spec.fans * FAN_FULL_W * FAN_NOMINAL_SPEED ** 3;
  const besideW = idleW(spec) + fansW;
  return Math.max(spec.ratedW / 2, (spec.ratedW - besideW) * efficiency(spec));
}
