import type { ChainOrderSnapshot } from "../telemetry/chain-order-snapshot.js";
import type { ErrorSnapshot } from "../telemetry/error-snapshot.js";
import type {
  BoardSnapshot,
  CoolingSnapshot,
  MachineSnapshot,
  PowerTargetSnapshot,
  StateSnapshot,
  TemperatureSnapshot,
} from "../telemetry/machine-snapshot.js";
import { duration } from "./watch-text.js";

/** Readings older than this are told with their age. */
const OLD_S = 10;

/** What the machine does and why, in one line. */
export function stateText({
  is,
  sinceS,
  order,
  error,
  retryInS,
  curtailment,
}: StateSnapshot): string {
  const parts = [`${is} for ${duration(sinceS)}`];
  if (error !== null) parts.push(errorText(error));
  if (is === "fault")
    parts.push(retryInS === null ? "given up until resume" : `again in ${duration(retryInS)}`);
  if (curtailment !== null) parts.push(curtailmentText(curtailment.confirmedBy));
  // An order that the machine does not show by its state.
  if (order !== "mine" && order !== is) parts.push(`ordered: ${order}`);
  return parts.join(", ");
}

function curtailmentText(confirmedBy: "readback" | "none" | null): string {
  switch (confirmedBy) {
    case "readback":
      return "the rail is measured as empty";
    case "none":
      return "no reading says that the rail is empty";
    case null:
      return "the rail is being measured";
  }
}

/** Volts, watts and J/TH, and how they are known. */
export function powerText({
  rail,
  powerW,
  powerTarget,
  efficiencyJPerTh,
}: MachineSnapshot): string {
  if (rail === null) return "no supply known";
  const { setpointMv, outputMv } = rail;
  const volts = [
    rail.isOn ? "on" : "off",
    setpointMv.value === null ? undefined : `set to ${voltText(setpointMv.value)}`,
    outputMv.value === null
      ? undefined
      : `measured ${voltText(outputMv.value)}${ageText(outputMv.ageS)}`,
  ];
  const watts =
    powerW.value === null ? undefined : `${powerW.value.toFixed(0)} W ${powerW.evidence}`;
  const perTh = efficiencyJPerTh.value;
  return [
    `rail ${volts.filter((part) => part !== undefined).join(", ")}`,
    ...(watts === undefined ? [] : [watts]),
    ...(perTh === null ? [] : [`${perTh.toFixed(1)} J/TH`]),
    ...(powerTarget === null ? [] : [targetText(powerTarget)]),
  ].join("; ");
}

function targetText({ targetW, by, limitMHz, isReached }: PowerTargetSnapshot): string {
  const whose = by === "curtail" ? "curtailed" : "held";
  const limit = limitMHz === null ? "" : ` by at most ${String(limitMHz)} MHz`;
  return `${whose} to ${String(targetW)} W${limit}${isReached ? "" : ", not reached"}`;
}

/** The supply as it says what it is. */
export function supplyText({ supply }: MachineSnapshot): string | undefined {
  if (supply === null) return undefined;
  const { name, typeCode, firmware, serial, calibration } = supply;
  const parts = [
    `supply ${name}`,
    typeCode === null ? undefined : `type 0x${typeCode.toString(16)}`,
    firmware === null ? undefined : `firmware 0x${firmware.toString(16)}`,
    serial === null ? undefined : `serial ${serial}`,
    calibration === "block" ? "calibrated" : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

/** Duty and speed of the fans; one that is too slow or unknown stands out. */
export function fansText({ fans }: MachineSnapshot): string {
  const { dutyPct, needed } = fans;
  if (needed === 0) return "no fans";
  const speeds = fans.fans.map(
    ({ rpm, isGood }) => `${rpm === null ? "-" : rpm.toFixed(0)}${isGood ? "" : "!"}`,
  );
  return `fans ${dutyPct === null ? "-" : dutyPct.toFixed(0)} %: ${speeds.join(" ")} rpm`;
}

const REASONS: Readonly<Record<CoolingSnapshot["reason"], string>> = {
  start: "full until all is proven",
  failSafe: "full, as not all is proven",
  warn: "full, as a reading is at its warning",
  quietCap: "at the quiet cap",
  target: "by temperature",
  floor: "at the floor",
  runOn: "running on until all is cool",
  cool: "cool",
  liquid: "liquid cooling",
};

/** Why the fans do what they do, what they hold, and what it costs. */
export function coolingText({ cooling }: MachineSnapshot): string {
  const { reason, targetC, powerSharePct } = cooling;
  const parts = [REASONS[reason]];
  if (targetC !== null) parts.push(`target ${targetC.toFixed(0)} C`);
  if (powerSharePct < 100) parts.push(`clock lowered to ${powerSharePct.toFixed(1)} % by heat`);
  return `cooling ${parts.join(", ")}`;
}

export function hottestText({
  hottestC,
  controlBoardTemperature,
}: Pick<MachineSnapshot, "hottestC" | "controlBoardTemperature">): string {
  const hottest = hottestC === null ? "no temperature known" : `hottest ${hottestC.toFixed(1)} C`;
  if (controlBoardTemperature === null) return hottest;
  return `${hottest}, control board ${controlBoardTemperature.tempC.toFixed(1)} C`;
}

/** The temperatures of a slot by place, as `inlet 35.1 outlet 48.0`. */
export function slotTemperatures(
  temperatures: readonly TemperatureSnapshot[],
  slot: number,
): string {
  const ofSlot = temperatures.filter((each) => each.slot === slot);
  if (ofSlot.length === 0) return "-";
  return ofSlot
    .map(({ place, tempC, ageS }) =>
      tempC === null ? `${place} -` : `${place} ${tempC.toFixed(1)}${ageText(ageS)}`,
    )
    .join(", ");
}

/** What stands in the memory of a hashboard, or why nothing does. */
export function boardName({ boardName: name, chipMarking, memory }: BoardSnapshot): string {
  if (memory !== "identity") return memory === null ? "no memory" : `memory ${memory}`;
  return name ?? chipMarking ?? "-";
}

/** Which slot hangs on which tty, and who says so. */
export function chainOrderText({ source, foundUnixMs, wires }: ChainOrderSnapshot): string {
  const ttys = wires.map(({ slot, tty, isProven, isDoubted }) => {
    const doubt = isDoubted ? " (silent)" : isProven === false ? " (a guess)" : "";
    return `${String(slot)} on ${tty}${doubt}`;
  });
  return `slots: ${ttys.join(", ")}; ${orderSourceText(source, foundUnixMs)}`;
}

function orderSourceText(source: ChainOrderSnapshot["source"], foundUnixMs: number | null): string {
  switch (source) {
    case "data":
      return "by the file of the control board";
    case "owner":
      return "by the configuration";
    case "hardware":
      return foundUnixMs === null
        ? "not asked yet"
        : `asked ${new Date(foundUnixMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  }
}

/** Code and facts. */
export function errorText({ code, context }: ErrorSnapshot): string {
  const facts = Object.entries(context).map(([key, value]) => `${key}=${String(value)}`);
  return [code, ...facts].join(" ");
}

function voltText(millivolts: number): string {
  return `${(millivolts / 1000).toFixed(2)} V`;
}

function ageText(ageS: number | null): string {
  return ageS === null || ageS < OLD_S ? "" : ` (${duration(ageS)} ago)`;
}
