import { readFileSync } from "node:fs";
import { fileNames, filePath, parseBoardText } from "../files.js";
import type { PowerSupplyFile } from "../schema/index.js";
import type { SupplyType } from "../schema/power-supply.js";
import { hex } from "./check-hashboard.js";
import type { Report } from "./report.js";

const LAST_FIRMWARE = 0xff;

/** What one supply file must hold, and that none of its type codes has a second meaning elsewhere. */
export function checkPowerSupply(
  dir: string,
  name: string,
  supply: PowerSupplyFile,
  report: Report,
): void {
  const { rangeMv, types = [], protocol } = supply;
  if (rangeMv)
    report.ordered(
      "rangeMv",
      [
        ["min", rangeMv.min],
        ["max", rangeMv.max],
      ],
      false,
    );
  const hasBus = protocol !== "fixed";
  if ((supply.address !== undefined) !== hasBus)
    report.add(
      "address",
      supply.address ?? "nothing",
      hasBus ? "given" : "left out, since a fixed supply has no data line",
    );
  const hasTypes = protocol === "apwV1" || protocol === "apwV2";
  if (types.length > 0 !== hasTypes)
    report.add(
      "types",
      types.length,
      hasTypes ? "given" : `left out, since ${protocol} tells no type`,
    );
  for (const [index, type] of types.entries()) {
    const path = `types.${String(index)}`;
    const { from, to } = firmwareOf(type);
    if (from > to) report.add(`${path}.firmwareLow.to`, to, `at least from = ${String(from)}`);
    if ((type.dac !== undefined) !== (protocol === "apwV1"))
      report.add(
        `${path}.dac`,
        type.dac === undefined ? "nothing" : "a formula",
        protocol === "apwV1" ? "given" : "left out, since volts travel as such",
      );
  }
  if (hasTypes) checkCodes(dir, name, supply, report);
}

/** No code twice for one firmware, in this file or another of the same protocol. */
function checkCodes(dir: string, name: string, supply: PowerSupplyFile, report: Report): void {
  const { protocol, types = [] } = supply;
  const others = fileNames(dir, "power-supplies")
    .filter((other) => other !== name)
    .flatMap((other) => typesOf(dir, other, protocol).map((type) => ({ type, where: other })));
  const seen: { type: SupplyType; where: string }[] = [...others];
  for (const [index, type] of types.entries()) {
    const where = seen.find((candidate) => isSameCode(candidate.type, type))?.where;
    if (where !== undefined)
      report.add(
        `types.${String(index)}.code`,
        hex(type.code),
        `described once for each firmware; ${where} has it`,
      );
    seen.push({ type, where: name });
  }
}

function isSameCode(one: SupplyType, other: SupplyType): boolean {
  const [a, b] = [firmwareOf(one), firmwareOf(other)];
  return one.code === other.code && a.from <= b.to && b.from <= a.to;
}

function firmwareOf(type: SupplyType): { from: number; to: number } {
  return type.firmwareLow ?? { from: 0, to: LAST_FIRMWARE };
}

/** Empty for a file with faults of its own, which are reported there. */
function typesOf(
  dir: string,
  name: string,
  protocol: PowerSupplyFile["protocol"],
): readonly SupplyType[] {
  const file = filePath(dir, "power-supplies", name);
  const { value } = parseBoardText(readFileSync(file, "utf8"), "power-supplies", file);
  const supply = value as PowerSupplyFile | undefined;
  return supply?.protocol === protocol ? (supply.types ?? []) : [];
}
