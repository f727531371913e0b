import type { MachineStateName } from "../../../telemetry/machine-snapshot.js";
import type { ChainSnapshot, PoolStatus, Snapshot } from "../../../telemetry/snapshot.js";

/** What a machine is; the snapshot does not say it. */
export interface MetricFacts {
  readonly mac: string | undefined;
  readonly nowUnixMs: number;
}

type Labels = Readonly<Record<string, string | number>>;
export type Sample = readonly [value: number | null | undefined, labels?: Labels];

export interface Family {
  /** Without the ending of its type. */
  readonly name: string;
  readonly type: "gauge" | "counter" | "info";
  readonly help: string;
  readonly unit?: string;
  readonly samples: readonly Sample[];
}

const FIRMWARE = "headframe";
const STATES = ["starting", "tuning", "mining", "sleep", "paused", "fault"] as const;
/** In the words of the sheet; null: none of them. */
const STATE_OF: Readonly<Record<MachineStateName, (typeof STATES)[number] | null>> = {
  off: null,
  identify: "starting",
  selfTest: "starting",
  power: "starting",
  chainOrder: "starting",
  bringUp: "starting",
  hashing: "mining",
  paused: "paused",
  asleep: "sleep",
  curtailed: "sleep",
  stopping: null,
  fault: "fault",
};
const HASHES_PER_TH = 1e12;
const HASHES_PER_DIFFICULTY = 2 ** 32;

/** Everything that /metrics tells, of the snapshot alone. Names and units: sheet management.md, 9. */
export function metricFamilies(snapshot: Snapshot, facts: MetricFacts): readonly Family[] {
  return [
    ...machine(snapshot, facts),
    ...boards(snapshot),
    ...cooling(snapshot),
    ...power(snapshot),
    ...pools(snapshot, facts),
    ...faults(snapshot),
  ];
}

function machine(snapshot: Snapshot, { mac, nowUnixMs }: MetricFacts): readonly Family[] {
  const { state, process, hashrate, nominalThs, lifetime } = snapshot;
  const serial = snapshot.boards.find((board) => board.serial !== null)?.serial;
  const identity = {
    ...{ model: snapshot.machine, firmware: FIRMWARE, version: snapshot.version },
    ...(mac !== undefined && { mac: mac.toUpperCase() }),
    ...(serial !== undefined && serial !== null && { serial }),
  };
  return [
    { name: "miner", type: "info", help: "Identity of the miner.", samples: [[1, identity]] },
    gauge(
      "miner_state",
      "1 for the state the miner is in now.",
      STATES.map((name) => [Number(STATE_OF[state.is] === name), { state: name }]),
    ),
    gauge(
      "miner_start_time_seconds",
      "Unix time when mining software started.",
      [[Math.round(nowUnixMs / 1000 - process.uptimeS)]],
      "seconds",
    ),
    counter("miner_hashes", "Hashes done, estimated from nonces found.", [
      [lifetime.verifiedDifficulty * HASHES_PER_DIFFICULTY],
    ]),
    gauge(
      "miner_hashrate_hashes_per_second",
      "Hash rate, 5 s average.",
      [[hashrate["5s"].ths * HASHES_PER_TH]],
      "hashes_per_second",
    ),
    gauge(
      "miner_hashrate_ideal_hashes_per_second",
      "Hash rate expected at the present frequency.",
      [[nominalThs * HASHES_PER_TH]],
      "hashes_per_second",
    ),
  ];
}

function boards({ chains, rail, temperatures }: Snapshot): readonly Family[] {
  const each = (value: (chain: ChainSnapshot) => number | null): readonly Sample[] =>
    chains.map((chain) => [value(chain), { board: chain.slot }]);
  const outputMv = rail?.outputMv.value ?? null;
  return [
    gauge(
      "miner_board_hashrate_hashes_per_second",
      "Hash rate of a board.",
      each((chain) => chain.hashrate["5s"].ths * HASHES_PER_TH),
      "hashes_per_second",
    ),
    gauge(
      "miner_board_chips",
      "Chips answering on a board.",
      each(({ chips }) => chips),
    ),
    gauge(
      "miner_board_chips_expected",
      "Chips a board should have.",
      each(({ expectedChips }) => expectedChips),
    ),
    counter(
      "miner_board_hardware_errors",
      "Nonces that failed the check.",
      each(({ counters }) => counters.nonces.hardwareError),
    ),
    gauge(
      "miner_board_frequency_hertz",
      "Chip clock of a board.",
      each(({ freqMHz }) => freqMHz * 1e6),
      "hertz",
    ),
    gauge(
      "miner_board_voltage_volts",
      "Supply voltage of a board.",
      each(() => (outputMv === null ? null : outputMv / 1000)),
      "volts",
    ),
    gauge(
      "miner_board_temperature_celsius",
      "Temperature of a board sensor.",
      temperatures.map(({ slot, isDie, place, tempC }) => [
        tempC,
        { board: slot, kind: isDie ? "chip" : "pcb", sensor: place },
      ]),
      "celsius",
    ),
  ];
}

function cooling({ fans }: Snapshot): readonly Family[] {
  return [
    gauge(
      "miner_fan_rpm",
      "Fan speed in revolutions per minute.",
      fans.fans.map(({ fan, rpm }) => [rpm, { fan }]),
    ),
    gauge(
      "miner_fan_duty_ratio",
      "Fan drive, 0 to 1.",
      [[fans.dutyPct === null ? null : fans.dutyPct / 100]],
      "ratio",
    ),
  ];
}

function power({ powerW, lifetime: { energy } }: Snapshot): readonly Family[] {
  const { measuredJ, estimatedJ } = energy;
  return [
    gauge("miner_power_watts", "Power drawn at the wall.", [[powerW.value]], "watts"),
    {
      ...counter(
        "miner_energy_joules",
        "Energy drawn at the wall while its power was known, measured or estimated, since the counters began.",
        [[measuredJ + estimatedJ]],
      ),
      unit: "joules",
    },
  ];
}

function pools({ poolGroups, lifetime }: Snapshot, { nowUnixMs }: MetricFacts): readonly Family[] {
  const all = poolGroups.flatMap((group) => group.pools);
  const each = (value: (pool: PoolStatus) => number | null): readonly Sample[] =>
    all.map((pool, index) => [value(pool), { pool: index }]);
  const results = ["accepted", "rejected", "stale"] as const;
  return [
    {
      ...{ name: "miner_pool", type: "info", help: "Configured pools." },
      samples: all.map(({ url, user }, pool) => [1, { pool, url, user }]),
    },
    gauge(
      "miner_pool_up",
      "1 if the pool is reachable.",
      each(({ state }) => Number(state === "ready")),
    ),
    gauge(
      "miner_pool_active",
      "1 if the pool is being mined on.",
      each(({ role }) => Number(role === "active")),
    ),
    counter(
      "miner_pool_shares",
      "Shares by answer of the pool.",
      all.flatMap((pool, index) =>
        results.map((result): Sample => [pool[result], { pool: index, result }]),
      ),
    ),
    gauge(
      "miner_pool_difficulty",
      "Share difficulty asked by the pool.",
      each(({ difficulty }) => difficulty),
    ),
    gauge(
      "miner_pool_last_share_timestamp_seconds",
      "Unix time of the last accepted share.",
      each(({ lastAcceptedAgoS: agoS }) =>
        typeof agoS === "number" ? Math.round(nowUnixMs / 1000 - agoS) : null,
      ),
      "seconds",
    ),
    gauge("miner_best_share_difficulty", "Best share since the counters began.", [
      [lifetime.best?.difficulty ?? 0],
    ]),
    counter("miner_blocks_found", "Shares that met the target of the network.", [
      [lifetime.blocksFound],
    ]),
  ];
}

function faults({ troubles }: Snapshot): readonly Family[] {
  const keys = new Map(
    troubles.map(({ code, context: { slot } }): [string, Labels] => [
      `${code} ${String(slot)}`,
      { code, ...(typeof slot === "number" && { board: slot }) },
    ]),
  );
  const samples = [...keys.values()].map((labels): Sample => [1, labels]);
  return [gauge("miner_fault_active", "1 while a fault is raised.", samples)];
}

function gauge(name: string, help: string, samples: readonly Sample[], unit?: string): Family {
  return { name, type: "gauge", help, samples, ...(unit !== undefined && { unit }) };
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: "counter", help, samples };
}
