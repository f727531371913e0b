import type { Snapshot } from "../telemetry/snapshot.js";
import type { TestPoolStats } from "../virtual/pool/ledger.js";
import { mqttText, type MqttSummary } from "./demo-mqtt.js";
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
  /** Of every sensor, board by board; those that are known. */
  readonly temperaturesC: readonly number[];
  readonly fansRpm: readonly number[];
  /** Of the hashboards as the supply measures it; null where it cannot. */
  readonly volts: number | null;
  readonly powerW: number | null;
  readonly efficiencyJPerTh: number | null;
  /** How watts are known: a supply without a meter leaves an estimate from the machine's rating. */
  readonly powerEvidence: "measured" | "estimated" | "none";
  /** As the memories of the hashboards say. */
  readonly boards: readonly {
    readonly slot: number;
    readonly verdict: "usable" | "isolated";
    readonly name: string | null;
    readonly serial: string | null;
    readonly chipMarking: string | null;
  }[];
  readonly supply: { readonly name: string; readonly serial: string | null } | null;
  /** Null without a broker. */
  readonly mqtt: MqttSummary | null;
}

export function demoSummary(
  machine: string,
  seconds: number,
  snapshot: Snapshot,
  pool: TestPoolStats,
  mqtt: MqttSummary | null,
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
    ...partsSummary(snapshot),
    mqtt,
  };
}

function partsSummary({
  boards,
  temperatures,
  fans,
  rail,
  supply,
  powerW,
  efficiencyJPerTh,
}: Snapshot): Pick<
  DemoSummary,
  | "temperaturesC"
  | "fansRpm"
  | "volts"
  | "powerW"
  | "efficiencyJPerTh"
  | "powerEvidence"
  | "boards"
  | "supply"
> {
  const rounded = (value: number | null | undefined): number | null =>
    value === null || value === undefined ? null : round(value);
  const outputMv = rail?.outputMv.value ?? null;
  return {
    temperaturesC: temperatures.flatMap(({ tempC }) => rounded(tempC) ?? []),
    fansRpm: fans.fans.flatMap(({ rpm }) => (rpm === null ? [] : [Math.round(rpm)])),
    volts: outputMv === null ? null : round(outputMv / 1000),
    powerW: rounded(powerW.value),
    efficiencyJPerTh: rounded(efficiencyJPerTh.value),
    powerEvidence: powerW.evidence,
    boards: boards.map(({ slot, verdict, boardName, serial, chipMarking }) => ({
      ...{ slot, verdict, name: boardName, serial, chipMarking },
    })),
    supply: supply && { name: supply.name, serial: supply.serial },
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
    partsText(summary),
    ...(summary.mqtt === null ? [] : mqttText(summary.mqtt)),
    ...summary.boards.map(
      ({ slot, verdict, name, serial, chipMarking }) =>
        `board ${String(slot)}: ${[verdict, name, serial, chipMarking].filter((part) => part !== null).join(", ")}`,
    ),
    "",
    table([
      ["chain", "chips", "TH/s", "of", "nonces", "hw errors", "duplicates", "crc errors"],
      ...rows,
    ]),
  ].join("\n");
}

function partsText(summary: DemoSummary): string {
  const { temperaturesC, fansRpm, volts, powerW, powerEvidence, efficiencyJPerTh, supply } =
    summary;
  const known = [
    supply && [supply.name, supply.serial].filter((part) => part !== null).join(" "),
    volts === null ? null : `${volts.toFixed(2)} V`,
    powerW === null ? null : `${powerW.toFixed(0)} W (${powerEvidence})`,
    efficiencyJPerTh === null ? null : `${efficiencyJPerTh.toFixed(1)} J/TH`,
    temperaturesC.length === 0 ? null : `${Math.max(...temperaturesC).toFixed(1)} C at the hottest`,
    fansRpm.length === 0 ? null : `fans ${fansRpm.join(" ")} rpm`,
  ];
  return known.filter((part) => part !== null).join(", ");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
