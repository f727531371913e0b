import type { Clock } from "../lib/clock.js";
import type { MinerError } from "../lib/errors.js";
import type { Finding } from "../lib/finding.js";
import type { PowerLoad } from "../power/power-estimate.js";
import type { Reading } from "../power/rail-snapshot.js";
import type { ErrorSnapshot } from "../telemetry/error-snapshot.js";
import type {
  BoardSnapshot,
  CurtailmentSnapshot,
  MachineSnapshot,
  StateSnapshot,
} from "../telemetry/machine-snapshot.js";
import type { ChainSnapshot } from "../telemetry/snapshot.js";
import { tripSnapshot } from "../telemetry/trip-snapshot.js";
import type { MachineLife } from "./life-cycle/machine-life.js";
import type { MachineState } from "./life-cycle/machine-state.js";
import type { OrderKeeper } from "./life-cycle/order-keeper.js";
import type { FittedSlot } from "./machine/fitted-machine.js";
import type { MachineHardware } from "./machine/machine-hardware.js";
import type { MachineReadingsSnapshot } from "./machine/readings.js";
import type { PowerTarget } from "./power-target.js";

export interface MachineSources {
  readonly hardware: Pick<
    MachineHardware,
    "snapshot" | "fans" | "cooling" | "interlock" | "controlBoard"
  >;
  readonly life: Pick<MachineLife, "state" | "states" | "setPoints" | "fitted">;
  readonly orders: Pick<OrderKeeper, "record">;
  readonly power: Pick<PowerTarget, "snapshot" | "trouble">;
  readonly chains: readonly ChainSnapshot[];
  readonly clock: Clock;
  /** Clock time at which the process started. */
  readonly startMs: number;
}

/** A hash rate of now and watts of long ago make no efficiency; rounds of a supply take seconds. */
const EFFICIENCY_POWER_S = 20;
/** Watts of longer ago say nothing about the heat of now. */
const HEAT_POWER_S = 10;

/** Nobody knows. */
export const UNKNOWN: Reading<number> = { value: null, ageS: null, evidence: "none" };

/** What the machine looks like beside its chains. */
export function machineSnapshot(sources: MachineSources): MachineSnapshot {
  const { hardware, life, chains } = sources;
  const readings = hardware.snapshot(loadOf(chains));
  const { rail = null } = readings ?? {};
  const fans = hardware.fans.snapshot();
  const cooling = hardware.cooling.snapshot();
  const boards = life.fitted?.slots.map(boardSnapshot) ?? [];
  const powerW = rail?.powerW ?? UNKNOWN;
  return {
    state: stateSnapshot(sources),
    boards,
    temperatures: (readings?.temperatures ?? []).map(withError),
    hottestC: readings?.hottestC ?? null,
    controlBoardTemperature: hardware.controlBoard,
    fans: { ...fans, fans: fans.fans.map(withError) },
    cooling: withError(cooling),
    rail: rail && { isOn: rail.isOn, setpointMv: rail.setpointMv, outputMv: rail.outputMv },
    supply: rail && {
      name: rail.supply.supply,
      typeCode: rail.supply.typeCode,
      firmware: rail.supply.firmware,
      serial: rail.supply.serial,
      calibration: rail.supply.calibration,
      temperatures: rail.temperatures,
    },
    powerW,
    powerTarget: sources.power.snapshot(),
    efficiencyJPerTh: efficiency(powerW, chains),
    troubles: [
      ...troublesOf(life.state, boards, readings, cooling.trouble),
      ...hardware.interlock.warnings.map(told),
      ...[sources.power.trouble ?? []].flat().map(told),
    ],
    trips: hardware.interlock.openTrips.map(tripSnapshot),
  };
}

/** Watts as they are now; undefined while nobody knows. */
export function recentPowerW(readings: MachineReadingsSnapshot | undefined): number | undefined {
  const { value = null, ageS = null } = readings?.rail?.powerW ?? {};
  return value !== null && ageS !== null && ageS <= HEAT_POWER_S ? value : undefined;
}

/** Undefined while nothing hashes: what idle chips draw is not known. */
export function loadOf(chains: readonly ChainSnapshot[]): Omit<PowerLoad, "railMv"> | undefined {
  const hashing = chains.filter(({ state }) => state === "hashing");
  const sum = (values: readonly number[]): number =>
    values.reduce((total, each) => total + each, 0);
  const chips = sum(hashing.map((chain) => chain.chips));
  if (chips === 0) return undefined;
  const megahertz = sum(hashing.map((chain) => chain.chips * chain.freqMHz));
  const expected = sum(chains.map(({ expectedChips }) => expectedChips));
  return { freqMHz: megahertz / chips, hashingShare: chips / expected };
}

function stateSnapshot({ life, orders, clock, startMs }: MachineSources): StateSnapshot {
  const { state, states, setPoints } = life;
  const { order, sinceUnixMs } = orders.record;
  const nowMs = clock.nowMs();
  const phases = states.phases.map(({ state: name, sinceMs }) => ({
    state: name,
    atS: (sinceMs - startMs) / 1000,
  }));
  const retryAtMs = state.is === "fault" ? state.retryAtMs : undefined;
  return {
    is: state.is,
    sinceS: (nowMs - (states.phases.at(-1)?.sinceMs ?? nowMs)) / 1000,
    order,
    orderedUnixMs: sinceUnixMs,
    error: state.is === "fault" ? told(state.error) : null,
    retryInS: retryAtMs === undefined ? null : Math.max(0, retryAtMs - nowMs) / 1000,
    curtailment: state.is === "curtailed" ? curtailment(state) : null,
    setPoints: { freqMHz: setPoints.freqMHz, railMv: setPoints.railMv ?? null },
    phases,
  };
}

function curtailment({
  receipt,
  confirmation,
}: Extract<MachineState, { is: "curtailed" }>): CurtailmentSnapshot {
  return {
    receivedUnixMs: receipt?.receivedUnixMs ?? null,
    powerOffUnixMs: receipt?.powerOffUnixMs ?? null,
    tookMs: receipt?.tookMs ?? null,
    confirmedBy: confirmation?.by ?? null,
    confirmedUnixMs: confirmation?.unixMs ?? null,
  };
}

function boardSnapshot(fitted: FittedSlot): BoardSnapshot {
  const { slot, verdict, eeprom, controllerVersion, warnings } = fitted;
  const identity = eeprom?.is === "identity" ? eeprom.identity : undefined;
  return {
    slot,
    verdict: verdict.is,
    error: verdict.is === "isolated" ? told(verdict) : null,
    memory: eeprom?.is ?? null,
    serial: identity?.serial ?? null,
    boardName: identity?.boardName ?? null,
    chipMarking: identity?.chipMarking ?? null,
    controllerVersion: controllerVersion ?? null,
    warnings: warnings.map(told),
  };
}

function efficiency(powerW: Reading<number>, chains: readonly ChainSnapshot[]): Reading<number> {
  const ths = chains.reduce((sum, chain) => sum + chain.hashrateThs, 0);
  if (powerW.value === null || powerW.ageS === null || ths === 0) return UNKNOWN;
  if (powerW.ageS > EFFICIENCY_POWER_S) return UNKNOWN;
  return { ...powerW, value: powerW.value / ths };
}

function troublesOf(
  state: MachineState,
  boards: readonly BoardSnapshot[],
  readings: MachineReadingsSnapshot | undefined,
  cooling: Finding | null,
): readonly ErrorSnapshot[] {
  const found: (Finding | null | undefined)[] = [
    state.is === "fault" ? state.error : null,
    ...boards.flatMap(({ error, warnings }) => [error, ...warnings]),
    readings?.rail?.trouble,
    ...(readings?.temperatures ?? []).map(({ trouble }) => trouble),
    ...(readings?.fans.fans ?? []).map(({ trouble }) => trouble),
    ...(readings?.controllers ?? []).map(({ trouble }) => trouble),
  ];
  // Mostly it is the trouble of a part that is told already.
  if (!found.some((one) => one?.code === cooling?.code)) found.push(cooling);
  return found.flatMap((one) => (one === null || one === undefined ? [] : [told(one)]));
}

function withError<Part extends { readonly trouble: Finding | null }>({
  trouble,
  ...part
}: Part): Omit<Part, "trouble"> & { readonly error: ErrorSnapshot | null } {
  return { ...part, error: trouble && told(trouble) };
}

function told({ code, context }: Finding | MinerError): ErrorSnapshot {
  return { code, context };
}
