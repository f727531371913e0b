import { isServedVirtually } from "../machine-spec.js";
import type { ControlBoardFile } from "../schema/index.js";
import type { Bus, FanTach, Line } from "../schema/control-board.js";
import type { Report } from "./report.js";

type Use = readonly [key: string, path: string];

/** What one control board file must hold: whole chains, no resource used twice, every fan driven and measured. */
export function checkControlBoard(board: ControlBoardFile, report: Report): void {
  checkChains(board, report);
  const uses = [...chainUses(board), ...powerUses(board), ...fanUses(board), ...otherUses(board)];
  report.usedOnce(uses);
  for (const [key, path] of uses)
    if (key.startsWith("virtual ") && !isServedVirtually(board))
      report.add(path, key, "hardware; only a virtual board has it from the virtual machine");
  if (board.devices !== undefined && !board.virtual)
    report.add("devices", board.devices, "left out: hardware has a kernel in any case");
  checkFans(board, report);
}

function checkChains(board: ControlBoardFile, report: Report): void {
  const { chains, chainFacts, fpga, notDriven } = board;
  if (chainFacts.otherTtys !== undefined && chainFacts.orderDisputed !== true)
    report.add("chainFacts.otherTtys", "given", "left out where the order is not disputed");
  const inFpga = fpga?.chains.length ?? 0;
  if (chains.length === 0 && inFpga === 0)
    report.add("chains", "nothing", "the chains of the board, here or in fpga.chains");
  if (chains.length > 0 && inFpga > 0)
    report.add("fpga.chains", inFpga, "left out where chains has them");
  if (inFpga > 0 && notDriven === undefined)
    report.add("notDriven", "nothing", "given, since chains inside an FPGA have no driver");
}

function chainUses({ chains, chainFacts, fpga }: ControlBoardFile): Use[] {
  const wires = chains.flatMap(({ tty, reset, present }, index): Use[] => [
    [`tty ${tty}`, `chains.${String(index)}.tty`],
    ...lineUse(reset, `chains.${String(index)}.reset`),
    ...lineUse(present, `chains.${String(index)}.present`),
  ]);
  const inFpga = (fpga?.chains ?? []).flatMap(({ reset, present }, index): Use[] => [
    ...lineUse(reset, `fpga.chains.${String(index)}.reset`),
    ...lineUse(present, `fpga.chains.${String(index)}.present`),
  ]);
  const registers = Object.entries(fpga?.registers ?? {}).map(([name, offset]): Use => [
    `register ${String(offset)}`,
    `fpga.registers.${name}`,
  ]);
  const others = (chainFacts.otherTtys ?? []).map(({ tty }, index): Use => [
    `tty ${tty}`,
    `chainFacts.otherTtys.${String(index)}.tty`,
  ]);
  return [...wires, ...others, ...inFpga, ...registers];
}

function powerUses({ psuEnable, buses = {} }: ControlBoardFile): Use[] {
  return [
    ...lineUse(psuEnable?.line, "psuEnable.line"),
    ...Object.entries(buses).flatMap(([name, bus]) => busUses(bus, `buses.${name}`)),
  ];
}

function busUses(bus: Bus | undefined, path: string): Use[] {
  if (bus === undefined) return [];
  if ("device" in bus) return [[`device ${bus.device}`, path]];
  if ("virtual" in bus) return [[`virtual ${bus.virtual}`, path]];
  return [...lineUse(bus.scl, `${path}.scl`), ...lineUse(bus.sda, `${path}.sda`)];
}

function fanUses({ fanGroups = [], tachs = [] }: ControlBoardFile): Use[] {
  const outputs = fanGroups.map(({ pwm }, index): Use => {
    const key = "virtual" in pwm ? `virtual ${pwm.virtual}` : channelKey(pwm.chip, pwm.channel);
    return [key, `fanGroups.${String(index)}.pwm`];
  });
  return [
    ...outputs,
    ...tachs.flatMap(({ tach }, index) => tachUses(tach, `tachs.${String(index)}.tach`)),
  ];
}

function tachUses(tach: FanTach["tach"], path: string): Use[] {
  if ("edges" in tach) return lineUse(tach.edges, path);
  if ("virtual" in tach) return [[`virtual ${tach.virtual}`, path]];
  return [[channelKey(tach.capture, tach.channel), path]];
}

function channelKey(chip: string, channel: number): string {
  return `${chip} channel ${String(channel)}`;
}

function otherUses({ lines = {} }: ControlBoardFile): Use[] {
  return Object.entries(lines).flatMap(([name, { line }]) => lineUse(line, `lines.${name}`));
}

function lineUse(line: Line | undefined, path: string): Use[] {
  if (line === undefined) return [];
  const key = Object.entries(line)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(" ");
  return [[key, path]];
}

/** A fan that is driven and not measured, or the other way round, is a fan that nobody knows to turn. */
function checkFans({ fanGroups = [], tachs = [] }: ControlBoardFile, report: Report): void {
  const driven = fanGroups.flatMap(({ fans }, index) =>
    fans.map((fan): Use => [`fan ${String(fan)}`, `fanGroups.${String(index)}.fans`]),
  );
  const measured = tachs.map(({ fan }, index): Use => [
    `fan ${String(fan)}`,
    `tachs.${String(index)}.fan`,
  ]);
  report.usedOnce(driven);
  report.usedOnce(measured);
  report.usedOnce(
    fanGroups.map(({ name }, index): Use => [`name ${name}`, `fanGroups.${String(index)}.name`]),
  );
  for (const [fan, path] of measured)
    if (!driven.some(([other]) => other === fan)) report.add(path, fan, "a fan of a fan group");
  for (const [fan, path] of driven)
    if (!measured.some(([other]) => other === fan)) report.add(path, fan, "a fan with a tach");
}
