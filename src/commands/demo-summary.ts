import type { Snapshot } from "../telemetry/snapshot.js";
import type { TestPoolStats } from "../virtual/pool/ledger.js";
import { table } from "./output.js";

export interface DemoSummary {
  /** Time in which all chains hashed. */
  readonly seconds: number;
  readonly machine: string;
  readonly chains: readonly {
    readonly chips: number;
    readonly expectedChips: number;
    /** From verified nonces. */
    readonly hashrateThs: number;
    /** What the PLLs say. */
    readonly nominalThs: number;
    readonly nonces: number;
    readonly hwErrors: number;
    readonly duplicates: number;
    readonly crcErrors: number;
  }[];
  readonly hashrateThs: number;
  readonly nominalThs: number;
  /** As the pool counts. */
  readonly pool: {
    readonly accepted: number;
    readonly rejected: number;
    readonly stale: number;
    readonly difficulty: number;
    readonly hashrateThs: number;
  };
  /** Start of the controller to the first accepted share. */
  readonly firstShareS: number | null;
  /** Of the controller. */
  readonly rssMb: number;
  readonly cpuS: number;
  /** Empty and null as long as nothing measures them. */
  readonly temperaturesC: readonly number[];
  readonly fansRpm: readonly number[];
  readonly powerW: number | null;
}

export function demoSummary(
  machine: string,
  seconds: number,
  snapshot: Snapshot,
  pool: TestPoolStats,
): DemoSummary {
  return {
    seconds: round(seconds),
    machine,
    chains: snapshot.chains.map(({ chips, expectedChips, hashrateThs, nominalThs, counters }) => ({
      chips,
      expectedChips,
      hashrateThs: round(hashrateThs),
      nominalThs: round(nominalThs),
      nonces: counters.nonces.share + counters.nonces.belowTarget + counters.nonces.stale,
      hwErrors: counters.nonces.hardwareError + counters.nonces.unknownWork,
      duplicates: counters.nonces.duplicate,
      crcErrors: counters.crcErrors,
    })),
    hashrateThs: round(snapshot.hashrateThs),
    nominalThs: round(snapshot.nominalThs),
    pool: {
      accepted: pool.accepted,
      rejected: pool.rejected,
      stale: pool.stale,
      difficulty: pool.difficulty,
      hashrateThs: round(pool.hashrateThs),
    },
    firstShareS: snapshot.firstShareS === null ? null : round(snapshot.firstShareS),
    rssMb: round(snapshot.process.rssMb),
    cpuS: round(snapshot.process.cpuS),
    temperaturesC: [],
    fansRpm: [],
    powerW: null,
  };
}

export function summaryText(summary: DemoSummary): string {
  const { pool } = summary;
  const rows = summary.chains.map((chain, index) => [
    String(index),
    `${String(chain.chips)}/${String(chain.expectedChips)}`,
    chain.hashrateThs.toFixed(2),
    chain.nominalThs.toFixed(2),
    String(chain.nonces),
    String(chain.hwErrors),
    String(chain.duplicates),
    String(chain.crcErrors),
  ]);
  return [
    `${summary.machine}: mined ${String(summary.seconds)} s, ${String(summary.hashrateThs)} TH/s of ` +
      `${String(summary.nominalThs)} TH/s`,
    `pool: ${String(pool.accepted)} accepted, ${String(pool.rejected)} rejected, ` +
      `${String(pool.stale)} stale, difficulty ${String(pool.difficulty)}, credits ` +
      `${String(pool.hashrateThs)} TH/s`,
    `first share after ${String(summary.firstShareS)} s, ${String(summary.rssMb)} MB, ` +
      `${String(summary.cpuS)} s of CPU`,
    "",
    table([
      ["chain", "chips", "TH/s", "of", "nonces", "hw errors", "duplicates", "crc errors"],
      ...rows,
    ]),
  ].join("\n");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
