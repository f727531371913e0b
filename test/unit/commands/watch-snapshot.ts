import type { MachineSnapshot } from "../../../src/telemetry/machine-snapshot.js";
import type { ChainSnapshot, PoolStatus, Snapshot } from "../../../src/telemetry/snapshot.js";

const RATE = { ths: 10, uncertaintyThs: 0.5, seconds: 60 };
const RATES = { "5s": RATE, "1m": RATE, "15m": RATE, "24h": RATE };

/** Finds of each chip, as nonces; a nonce counts 0.01 TH/s here. */
export function chain(slot: number, nonces: readonly number[]): ChainSnapshot {
  const shown = {
    ...{ slot, state: "hashing", tty: "/dev/tty", expectedChips: nonces.length },
    ...{ chips: nonces.length, freqMHz: 500, nominalThs: 10, hashrateThs: 10 },
    ...{ hashrateUncertaintyThs: 0.3, hashrate: RATES, ticketDifficulty: 256 },
    ...{ jobIntervalMs: 1000, bringUps: 1, error: null, retryInS: null, chipNonces: nonces },
    chipHashrate15m: {
      seconds: 900,
      ths: nonces.map((count) => count / 100),
      uncertaintyThs: nonces.map((count) => Math.sqrt(Math.max(1, count)) / 100),
    },
    counters: { nonces: { hardwareError: 0, duplicate: 0 }, crcErrors: 0 },
    chipHardwareErrors: nonces.map(() => 0),
  };
  return shown as unknown as ChainSnapshot;
}

export function pool(name: string, differences: Partial<PoolStatus> = {}): PoolStatus {
  const shown = {
    ...{ name, url: `stratum+tcp://${name}:3333`, user: "u", group: "main", priority: 0 },
    ...{ role: "off", state: "stopped", lastError: null, difficulty: 1, accepted: 0, rejected: 0 },
    ...{ stale: 0, lost: 0, rejectReasons: { "low-difficulty": 0 }, leftReason: null },
    ...{ leftAgoS: null, returnInS: null },
  };
  return { ...shown, ...differences } as unknown as PoolStatus;
}

/** A machine of two boards at work. */
export const PARTS: MachineSnapshot = {
  state: {
    ...{ is: "hashing", sinceS: 62, order: "mine", orderedUnixMs: null, error: null },
    ...{ retryInS: null, curtailment: null, phases: [] },
    setPoints: { freqMHz: 500, railMv: 13_200 },
  },
  boards: [0, 1].map((slot) => ({
    ...{ slot, verdict: "usable", error: null, memory: "identity", serial: `SER${slot}` },
    ...{ boardName: "BHB56902", chipMarking: "BM1366", controllerVersion: null, warnings: [] },
  })),
  temperatures: [0, 1].map((slot) => ({
    ...{ slot, place: "outlet", part: "tmp75", isDie: false, tempC: 48.25 + slot, ageS: 0.4 },
    ...{ evidence: "measured", error: null },
  })),
  hottestC: 49.25,
  controlBoardTemperature: { place: "soc", tempC: 41.5, ageS: 1 },
  fans: {
    ...{ dutyPct: 100, needed: 2 },
    fans: [1, 2].map((fan) => ({
      ...{ fan, rpm: 6000 + fan, ageS: 0.5, isGood: true, error: null },
      ...{ leastRpm: 5000, mostRpm: 7900 },
    })),
  },
  cooling: {
    ...{ mode: "air", dutyPct: 100, targetC: 60, quietCapPct: null, reason: "warn" },
    ...{ powerSharePct: 100, error: null },
  },
  rail: {
    isOn: true,
    setpointMv: { value: 13_200, ageS: 3, evidence: "measured" },
    outputMv: { value: 13_190, ageS: 75, evidence: "measured" },
  },
  supply: {
    ...{ name: "apw12", typeCode: 0x75, firmware: null, serial: "PSU1", calibration: "block" },
    temperatures: { value: null, ageS: null, evidence: "none" },
  },
  powerW: { value: 2712.4, ageS: 0, evidence: "estimated" },
  powerTarget: null,
  efficiencyJPerTh: { value: 24.66, ageS: 0, evidence: "estimated" },
  troubles: [],
  trips: [],
};

export function snapshot(
  chains: readonly ChainSnapshot[],
  pools: readonly PoolStatus[],
  differences: Partial<Snapshot> = {},
): Snapshot {
  const shown = {
    ...{ version: "0.1.0", machine: "s19k-pro", controlBoard: "virtual", network: "virtual" },
    process: { pid: 7, uptimeS: 3725, rssMb: 70, cpuS: 1 },
    ...{ hashrateThs: 20, nominalThs: 25, hashrate: RATES, firstShareS: 3, chains },
    ...PARTS,
    credit: [{ pool: "first", verified: RATES, credited: RATES, alarms: [] }],
    lifetime: {
      shares: { accepted: 99, rejected: 1, stale: 2, lost: 0 },
      ...{ energy: { measuredJ: 0, estimatedJ: 0, unknownS: 0 }, blocksFound: 0, best: null },
    },
    pool: pools[0],
    poolGroups: [{ name: "main", quota: 1, pools }],
  };
  return { ...shown, ...differences } as unknown as Snapshot;
}
