import type { MachineSpec, PowerSupplySpec } from "../machine-spec.js";
import { hex } from "./check-hashboard.js";
import type { Report } from "./report.js";

const LAST_CODE = 255;
type Rail = readonly (readonly [name: string, mv: number])[];

/** Every voltage of the rail must be one that every listed supply, and each of its types, can make. */
export function checkRail(machine: MachineSpec, report: Report): void {
  const { railMv, hashboard, supplies } = machine;
  for (const supply of supplies)
    if (supply.protocol === "pmbus" && supply.address !== hashboard.regulator?.address)
      report.add(
        "supplies.names",
        supply.name,
        `a regulator of hashboard ${hashboard.name}, at the address that it gives there`,
      );
  // A converter on the hashboard makes the rail, whatever the supply gives.
  if (railMv === undefined || hashboard.controller?.kind === "s9") return;
  const { running, open, min, max } = railMv;
  const rail = Object.entries({ running, open, min, max }).flatMap(([name, mv]) =>
    mv === undefined ? [] : [[name, mv] as const],
  );
  for (const supply of supplies) {
    checkRange(rail, supply, report);
    checkCodes(rail, supply, report);
  }
}

function checkRange(rail: Rail, { name: supply, rangeMv }: PowerSupplySpec, report: Report): void {
  if (rangeMv === undefined) {
    report.add("supplies.names", supply, "a supply of which is known what may be asked of it");
    return;
  }
  for (const [name, mv] of rail)
    if (mv < rangeMv.min || mv > rangeMv.max)
      report.add(
        `railMv.${name}`,
        mv,
        `${String(rangeMv.min)} to ${String(rangeMv.max)}, which is what ${supply} makes`,
      );
}

function checkCodes(
  rail: Rail,
  { name: supply, types = [] }: PowerSupplySpec,
  report: Report,
): void {
  for (const { code, dac } of types) {
    if (dac === undefined) continue;
    for (const [name, mv] of rail) {
      const n = dac.a - (dac.b * mv) / 1000;
      if (n < 0 || n >= LAST_CODE + 1)
        report.add(
          `railMv.${name}`,
          mv,
          `a voltage that type ${hex(code)} of ${supply} can make: its code would be ${n.toFixed(1)}`,
        );
    }
  }
}
