import type { HashboardIdentity } from "../hashboard-eeprom.js";
import { hexNumber } from "../../lib/bytes.js";
import type { EepromReport } from "./decode-eeprom.js";
import type { RegionReport } from "./region.js";

/** A report for people: what it is, every field, the plain bytes and what is not known. */
export function describeEeprom(report: EepromReport): string {
  const { content, header, regions, notes } = report;
  const blocks = [
    content.is === "identity"
      ? identityLines(content.identity, header)
      : [
          content.is === "blank"
            ? "blank: nothing was ever written"
            : `not understood: ${content.reason}`,
        ],
    ...regions.map(regionLines),
    ...(notes.length === 0 ? [] : [["not known:", ...notes.map((note) => `  ${note}`)]]),
  ];
  return blocks.map((lines) => lines.join("\n")).join("\n\n");
}

function identityLines(identity: HashboardIdentity, header: string): string[] {
  return columns([
    ["hashboard", identity.serial],
    ["format", `${identity.format}, header ${header}`],
    ...optional("board name", identity.boardName),
    ...optional("factory job", identity.factoryJob),
    ["chips", `${identity.chipMarking}, die ${identity.chipDie}, bin ${identity.chipBin}`],
    ["technology", identity.chipTechnology],
    ["chip test", identity.ftVersion],
    ["PCB, BOM", `${hexNumber(identity.pcbVersion, 4)}, ${hexNumber(identity.bomVersion, 4)}`],
    ["tested at", `${identity.voltageMv} mV, ${identity.freqMHz} MHz`],
    ["nonces found", `${identity.nonceRatePct} %`],
    ["board, in and out", `${identity.pcbTempInC} C, ${identity.pcbTempOutC} C`],
    ["test version", `${identity.testVersion}, standard ${identity.testStandard}`],
    ["sensors on chips", identity.asicSensor ?? "none or not known"],
    ["behind controller", identity.controllerSensor ?? "none or not known"],
    ...(identity.testResults ?? []).map(
      ({ name, result }) => [`${name} result`, result === 1 ? "1, passed" : result] as const,
    ),
  ]);
}

function optional(name: string, value: string | null): (readonly [string, string])[] {
  return value === null ? [] : [[name, value]];
}

function regionLines(region: RegionReport): string[] {
  const end = region.start + region.length - 1;
  const heading = `region ${region.name}, ${hexNumber(region.start)} to ${hexNumber(end)}: ${region.is}`;
  if (region.keyName === null || region.plainHex === null) return [heading];
  return [
    heading,
    ...columns([
      ["key", region.keyName],
      ["plain", region.plainHex],
      ...Object.entries(region.fields ?? {}),
      ...region.doubts.map((doubt) => ["doubt", doubt] as const),
      ...region.unexplained.map(({ at, hex }) => [`no field, from ${at}`, hex] as const),
    ]).map((line) => `  ${line}`),
  ];
}

function columns(rows: readonly (readonly [string, string | number])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}
