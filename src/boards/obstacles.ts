import type { Evidence } from "../lib/evidence.js";
import { MinerError } from "../lib/errors.js";
import type { ControlBoard, MachineSpec } from "./machine-spec.js";
import { DRIVEN_CHIPS } from "./names.js";

/** Values that do harm when they are wrong: while one is inferred, the owner has to allow it by this name. */
export const ALLOWABLE_VALUES = {
  chains: "which lines reset the chains; a wrong one drives something else",
  psuEnable: "line and level that switch the supply's output; a wrong one leaves it on",
  psuBus: "lines of the supply's bus; wrong ones drive something else",
  railMv: "voltage of the hashboards and its limits; a wrong one destroys chips",
  regulator: "the regulator on the hashboard; a wrong address sets the voltage of something else",
} as const;
export type AllowableValue = keyof typeof ALLOWABLE_VALUES;
export const ALLOWABLE_NAMES = Object.keys(ALLOWABLE_VALUES) as AllowableValue[];

/** One thing that keeps a machine from being driven by a control board. */
export interface Obstacle {
  /** `notDriven`: this program has no driver; `missing`: nobody knows; `inferred`: the owner may allow it. */
  readonly is: "notDriven" | "missing" | "inferred";
  /** Whose value it is. */
  readonly of: "machine" | "controlBoard";
  /** What it is about; of inferred values the name by which they are allowed. */
  readonly name: string;
  /** As the files have it; null where they have nothing. */
  readonly value: string | null;
  readonly evidence: Evidence | null;
  readonly source: string | null;
  readonly why: string;
}

/** Supplies with a data line and an enable line of their own; the others hang on the hashboards. */
const BUS_PROTOCOLS: ReadonlySet<string> = new Set(["apwV1", "apwV2", "simple"]);

/**
 * What keeps a machine from being driven by a control board, worst first; empty when nothing does. Whatever is
 * inferred and dangerous counts, unless it is named in `allowInferred`.
 */
export function obstacles(
  machine: MachineSpec,
  board: ControlBoard,
  allowInferred: readonly AllowableValue[] = [],
): Obstacle[] {
  return [
    ...notDriven(machine, board),
    ...missing(machine, board),
    ...inferred(machine, board).filter(
      ({ name }) => !(allowInferred as readonly string[]).includes(name),
    ),
  ];
}

/** The names under which the inferred values of this pair are allowed. */
export function inferredNames(machine: MachineSpec, board: ControlBoard): AllowableValue[] {
  const names = new Set(inferred(machine, board).map(({ name }) => name));
  return ALLOWABLE_NAMES.filter((name) => names.has(name));
}

/** @throws MACHINE_NOT_DRIVEN, BOARD_NOT_DRIVEN, BOARD_INFERRED with what stands in the way */
export function assertDrivable(
  machine: MachineSpec,
  board: ControlBoard,
  allowInferred: readonly AllowableValue[],
): void {
  const found = obstacles(machine, board, allowInferred);
  const pair = { machine: machine.name, controlBoard: board.name };
  for (const [of, code] of [
    ["machine", "MACHINE_NOT_DRIVEN"],
    ["controlBoard", "BOARD_NOT_DRIVEN"],
  ] as const) {
    const hard = found.filter((obstacle) => obstacle.of === of && obstacle.is !== "inferred");
    if (hard.length > 0)
      throw new MinerError(code, {
        ...pair,
        missing: hard.map(({ name }) => name).join(", "),
        reason: hard.map(({ why }) => why).join("; "),
      });
  }
  if (found.length > 0)
    throw new MinerError("BOARD_INFERRED", {
      ...pair,
      inferred: found.map(({ name }) => name).join(", "),
      reason: found.map(({ name, source }) => `${name}: ${String(source)}`).join("; "),
    });
}

function notDriven(machine: MachineSpec, board: ControlBoard): Obstacle[] {
  const { model, evidence, source } = machine.hashboard.chip;
  const hasDriver = DRIVEN_CHIPS.some((chip) => chip === model);
  const found: Obstacle[] = [];
  if (!hasDriver || machine.bringUp === undefined)
    found.push({
      ...{ is: "notDriven", of: "machine", name: "chip", value: model, evidence, source },
      why: hasDriver
        ? `no bring-up of its ${model} chips is known`
        : `this version has no driver for its ${model} chips`,
    });
  if (board.notDriven !== undefined)
    found.push({
      ...{ is: "notDriven", of: "controlBoard", name: "controlBoard", value: board.title },
      ...{ evidence: null, source: null, why: board.notDriven },
    });
  return found;
}

function missing(machine: MachineSpec, board: ControlBoard): Obstacle[] {
  const { hashboard, railMv, fans, supplies } = machine;
  const hasBusSupply = supplies.some(({ protocol }) => BUS_PROTOCOLS.has(protocol));
  const needsBoardsBus =
    hashboard.sensors?.some(({ at }) => at.bus !== "chip") === true ||
    hashboard.eeprom !== undefined ||
    hashboard.regulator !== undefined;
  const needsFanGroups = (fans?.count ?? 0) > 0 && hashboard.fanController === undefined;
  // Value, whose it is, whether it is missing, why it is needed.
  const needs: readonly (readonly [string, Obstacle["of"], boolean, string])[] = [
    ["freqMHz", "machine", machine.freqMHz === undefined, "no clock of its chips is known"],
    [
      "railMv",
      "machine",
      railMv?.min === undefined || railMv.max === undefined,
      "the voltage of its hashboards or its limits are not known, so it cannot be powered",
    ],
    ["supplies", "machine", supplies.length === 0, "no power supply of it is known"],
    [
      "sensors",
      "machine",
      (hashboard.sensors ?? []).length === 0,
      "no temperature sensor of its hashboards is known, and nothing is powered without one",
    ],
    ["fans", "machine", fans === undefined, "whether it has fans, and how many, is not known"],
    [
      "deviceTree",
      "controlBoard",
      !board.virtual && board.deviceTree === undefined,
      "its device-tree model is not known, so it cannot be told from other boards",
    ],
    [
      "psuEnable",
      "controlBoard",
      hasBusSupply && board.psuEnable === undefined,
      "the line that switches the supply's output is not known",
    ],
    [
      "buses.psu",
      "controlBoard",
      hasBusSupply && board.buses?.psu === undefined,
      "the supply's bus is not known",
    ],
    [
      "buses.boards",
      "controlBoard",
      needsBoardsBus && board.buses?.boards === undefined,
      "the hashboards' bus, on which sensors and memories sit, is not known",
    ],
    [
      "fanGroups",
      "controlBoard",
      needsFanGroups && (board.fanGroups ?? []).length === 0,
      "how its fans are driven is not known",
    ],
    [
      "tachs",
      "controlBoard",
      needsFanGroups && (board.tachs ?? []).length === 0,
      "how the speed of its fans is read is not known",
    ],
  ];
  // Of a board that is not driven at all, gaps are no news.
  return needs
    .filter(([, of, isMissing]) => isMissing && (of === "machine" || board.notDriven === undefined))
    .map(([name, of, , why]) => ({
      ...{ is: "missing", of, name, value: null, evidence: null, source: null, why },
    }));
}

function inferred(machine: MachineSpec, board: ControlBoard): Obstacle[] {
  const { hashboard, railMv, supplies } = machine;
  const hasBusSupply = supplies.some(({ protocol }) => BUS_PROTOCOLS.has(protocol));
  const enable = hasBusSupply ? board.psuEnable : undefined;
  const psuBus = hasBusSupply ? board.buses?.psu : undefined;
  const groups = [
    ["chains", "controlBoard", board.chainFacts, chainsText(board)],
    [
      "psuEnable",
      "controlBoard",
      enable,
      enable && `${lineText(enable.line)} = ${String(enable.onLevel)} is on`,
    ],
    ["psuBus", "controlBoard", psuBus, psuBus && busText(psuBus)],
    ["railMv", "machine", railMv, railMv && railText(railMv)],
    [
      "regulator",
      "machine",
      hashboard.regulator,
      hashboard.regulator && `0x${hashboard.regulator.address.toString(16)}`,
    ],
  ] as const;
  return groups.flatMap(([name, of, group, value]) =>
    group?.evidence === "inferred"
      ? [
          {
            ...{ is: "inferred" as const, of, name, value: value ?? null },
            ...{ evidence: group.evidence, source: group.source, why: ALLOWABLE_VALUES[name] },
          },
        ]
      : [],
  );
}

type LineOf = ControlBoard["chains"][number]["reset"];

/** One line, as a person names it. */
export function lineText(line: LineOf): string {
  if ("gpio" in line) return `gpio ${String(line.gpio)}`;
  if ("chip" in line) return `${line.chip} line ${String(line.offset)}`;
  return "file" in line ? line.file : line.virtual;
}

function chainsText({ chains }: ControlBoard): string {
  return chains.map(({ tty, reset }) => `${tty} reset ${lineText(reset)}`).join(", ");
}

function busText(bus: NonNullable<NonNullable<ControlBoard["buses"]>["psu"]>): string {
  if ("scl" in bus) return `SCL ${lineText(bus.scl)}, SDA ${lineText(bus.sda)}`;
  return "device" in bus ? bus.device : bus.virtual;
}

function railText({ running, open, min, max }: NonNullable<MachineSpec["railMv"]>): string {
  const opening = open === undefined ? "" : `, ${String(open)} mV while cores open`;
  return `${String(running)} mV${opening}, never outside ${String(min)} to ${String(max)} mV`;
}
