import type { ChainSnapshot, Snapshot } from "../../telemetry/snapshot.js";
import { WINDOWS_S, type LightMachine, type WindowName } from "./light-machine.js";
import { lightLifetime, lightPool } from "./light-pool.js";
import type { LightSpec } from "./light-spec.js";

const HASHES_PER_DIFFICULTY = 2 ** 32;
const TICKET_DIFFICULTY = 256;
/** Of the nonces. Inferred: an ordinary figure of a healthy machine. */
const ERROR_SHARE = 0.0005;
/** The outlet of the air, against the inlet: of the rise of the board. */
const INLET_SHARE = 0.6;
const LEAST_DUTY_PCT = 30;

const UNKNOWN = { value: null, ageS: null, evidence: "none" } as const;

export interface LightFacts {
  readonly spec: LightSpec;
  readonly id: string;
  readonly nowMs: number;
}

/** What the machine looks like at one moment, as the product's telemetry has it. */
export function lightSnapshot(machine: LightMachine, facts: LightFacts): Snapshot {
  const { spec, nowMs } = facts;
  const boardC = machine.boardC();
  const uptimeS = (nowMs - machine.startMs) / 1000;
  const hashrate = ratesOf((window) => machine.rateThs(window));
  const nowThs = hashrate["5s"].ths;
  const watts = machine.watts();
  const powerW = watts === null ? UNKNOWN : measured(watts);
  const pool = lightPool(machine.hashedTh(), uptimeS);
  const dutyPct = Math.min(100, Math.max(LEAST_DUTY_PCT, 100 * ((boardC - 20) / 50)));
  return {
    ...{ version: spec.version, machine: spec.machine, controlBoard: "virtual" },
    network: "virtual",
    chainOrder: { source: "data", foundUnixMs: null, wires: [] },
    process: { pid: process.pid, uptimeS, rssMb: 0, cpuS: 0 },
    ...{ hashrateThs: nowThs, hashrate, nominalThs: spec.hashrateThs },
    ...{ credit: [], droppedUnowned: 0, firstShareS: 0, lifetime: lightLifetime(pool, uptimeS) },
    chains: Array.from({ length: spec.chains }, (_, slot) => chain(slot, machine, facts)),
    pool,
    poolGroups: [],
    state: {
      ...{ is: machine.state, sinceS: (nowMs - machine.stateSinceMs) / 1000 },
      ...{ order: machine.order, orderedUnixMs: machine.orderedUnixMs, error: null },
      ...{ retryInS: null, curtailment: machine.curtailment, phases: [] },
      setPoints: { freqMHz: spec.freqMHz, railMv: spec.railMv },
    },
    boards: Array.from({ length: spec.chains }, (_, slot) => ({
      ...{ slot, verdict: "usable" as const, error: null, memory: "identity" as const },
      ...{ serial: `${facts.id}-${String(slot)}`, boardName: null, controllerVersion: null },
      ...{ chipMarking: spec.chipMarking, warnings: [] },
    })),
    temperatures: temperatures(machine, spec, boardC),
    hottestC: boardC,
    controlBoardTemperature: null,
    fans: fans(spec, dutyPct),
    cooling: {
      ...{ mode: "air" as const, dutyPct, targetC: 60, quietCapPct: null },
      ...{
        reason: machine.isPowered ? ("target" as const) : ("cool" as const),
        powerSharePct: 100,
      },
      error: null,
    },
    rail: {
      isOn: machine.isPowered,
      setpointMv: spec.railMv === null ? UNKNOWN : measured(spec.railMv),
      outputMv: spec.railMv === null ? UNKNOWN : measured(machine.isPowered ? spec.railMv : 0),
    },
    supply: {
      ...{ name: spec.supply, typeCode: null, firmware: null, serial: `${facts.id}-psu` },
      calibration: "none",
      temperatures: UNKNOWN,
    },
    powerW,
    powerTarget: null,
    efficiencyJPerTh: watts !== null && nowThs > 0 ? measured(watts / nowThs) : UNKNOWN,
    ...{ troubles: [], trips: [] },
  };
}

function measured(value: number): Snapshot["powerW"] {
  return { value, ageS: 0, evidence: "measured" };
}

function ratesOf(thsOf: (window: WindowName) => number): Snapshot["hashrate"] {
  const rate = (window: WindowName): Snapshot["hashrate"]["5s"] => ({
    ...{ ths: thsOf(window), uncertaintyThs: 0, seconds: WINDOWS_S[window] },
  });
  return { "5s": rate("5s"), "1m": rate("1m"), "15m": rate("15m"), "24h": rate("24h") };
}

/** A board is one piece here: its chips are not counted apart, and their sums stand as one. */
function chain(slot: number, machine: LightMachine, { spec }: LightFacts): ChainSnapshot {
  const nonces = Math.floor(
    (machine.hashedTh() * 1e12) / HASHES_PER_DIFFICULTY / TICKET_DIFFICULTY / spec.chains,
  );
  const hardwareError = Math.floor(nonces * ERROR_SHARE);
  const isHashing = machine.state === "hashing";
  const hashrate = ratesOf((window) => machine.rateThs(window) / spec.chains);
  return {
    slot,
    state: isHashing ? "hashing" : machine.isPowered ? "waitingForWork" : "off",
    ...{ tty: `chain${String(slot)}`, expectedChips: spec.chips, chips: spec.chips },
    ...{ freqMHz: spec.freqMHz, nominalThs: spec.hashrateThs / spec.chains },
    ...{ hashrateThs: hashrate["5s"].ths, hashrateUncertaintyThs: 0, hashrate },
    chipHashrate15m: { seconds: WINDOWS_S["15m"], ths: [], uncertaintyThs: [] },
    ...{ ticketDifficulty: TICKET_DIFFICULTY, jobIntervalMs: 1000, bringUps: 1 },
    ...{ error: null, retryInS: null, chipNonces: [nonces], chipHardwareErrors: [hardwareError] },
    counters: {
      ...{ jobsReceived: 0, worksSent: 0, bytesSent: 0, bytesReceived: 0, framesReceived: nonces },
      ...{ crcErrors: 0, garbageBytes: 0, recordsDropped: 0, tapDropped: 0, uartOverruns: 0 },
      ...{ uartFramingErrors: 0, hangUps: 0, writeStalls: 0, workStarved: 0, worstWorkGapUs: 0 },
      isRealTime: false,
      nonces: {
        ...{ share: 0, belowTarget: nonces, duplicate: 0, unknownWork: 0, stale: 0, hardwareError },
      },
    },
  };
}

function temperatures(
  machine: LightMachine,
  { chains }: LightSpec,
  boardC: number,
): Snapshot["temperatures"] {
  const inletC = machine.ambientC + (boardC - machine.ambientC) * INLET_SHARE;
  const places = [
    ["inlet", inletC],
    ["outlet", boardC],
  ] as const;
  return Array.from({ length: chains }, (_, slot) =>
    places.map(([place, tempC]) => ({
      ...{ slot, place, part: "light", isDie: false, tempC, ageS: 0 },
      ...{ evidence: "measured" as const, error: null },
    })),
  ).flat();
}

function fans({ fans: { count, fullRpm } }: LightSpec, dutyPct: number): Snapshot["fans"] {
  const rpm = (fullRpm * dutyPct) / 100;
  return {
    ...{ dutyPct, needed: count },
    fans: Array.from({ length: count }, (_, fan) => ({
      ...{ fan, rpm: rpm - fan * 20, leastRpm: 0, mostRpm: null, ageS: 0 },
      ...{ isGood: true, error: null },
    })),
  };
}
