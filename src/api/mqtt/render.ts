import type { MinuteRecord } from "../../telemetry/history-records.js";
import { modeOf } from "../../telemetry/mode.js";
import type { ChainSnapshot, Snapshot } from "../../telemetry/snapshot.js";
import { LAYOUT, type Chips, type Row, type Tele } from "./payloads.js";

const HASHES_PER_TH = 1e12;
/** What a message says beside the snapshot. */
export interface Stamp {
  readonly unixMs: number;
  readonly boot: string;
  readonly seq: number;
}

/** The minute's picture of the machine. */
export function tele(snapshot: Snapshot, { unixMs, boot, seq }: Stamp): Tele {
  const { state, hashrate, fans, pool, chains, powerTarget, controlBoardTemperature } = snapshot;
  const watts = snapshot.powerW.value;
  const outputMv = snapshot.rail?.outputMv.value ?? null;
  const faults = [...new Set(snapshot.troubles.map(({ code }) => code))];
  return {
    ...{ v: LAYOUT, ts: unixMs, seq, boot },
    up: Math.floor(snapshot.process.uptimeS),
    mode: modeOf(state.is),
    hr: {
      s5: hashes(hashrate["5s"].ths),
      m1: hashes(hashrate["1m"].ths),
      m15: hashes(hashrate["15m"].ths),
      av: hashes(hashrate["24h"].ths),
      ideal: hashes(snapshot.nominalThs),
    },
    pw: {
      ...(watts !== null && { w: Math.round(watts) }),
      ...(powerTarget && { lim: Math.round(powerTarget.targetW) }),
      ...(outputMv !== null && { v: Math.round(outputMv / 10) / 100 }),
    },
    fan: fans.fans.map(({ rpm }) => (rpm === null ? null : Math.round(rpm))),
    ...(fans.dutyPct !== null && { fanp: Math.round(fans.dutyPct) }),
    ...(snapshot.hottestC !== null && { tmax: tenths(snapshot.hottestC) }),
    ...(controlBoardTemperature && { tctl: tenths(controlBoardTemperature.tempC) }),
    bd: chains.map((chain) => board(chain, snapshot)),
    pool: {
      i: pool.priority,
      acc: pool.accepted,
      rej: pool.rejected,
      st: pool.stale,
      diff: pool.difficulty,
      ...(pool.latencyMs !== undefined && { rtt: Math.round(pool.latencyMs) }),
    },
    ...(faults.length > 0 && { faults }),
    ...updateOnItsWay(snapshot),
  };
}

function updateOnItsWay({ update }: Snapshot): Pick<Tele, "upd"> {
  if (update === undefined || update.phase === "idle") return {};
  return { upd: { ph: update.phase, ver: update.version, pct: update.progressPct } };
}

/** What is kept of a minute that could not be told. */
export function row({ atUnixMs, figures }: MinuteRecord): Row {
  const { hashrateThs, powerW, hottestC, accepted, rejected, stale } = figures;
  return {
    ts: Math.round(atUnixMs),
    hr: hashes(hashrateThs?.mean ?? 0),
    ...(powerW && { w: Math.round(powerW.mean) }),
    ...(hottestC && { tmax: tenths(hottestC.max) }),
    ...(accepted && { acc: accepted.max }),
    ...(rejected && { rej: rejected.max }),
    ...(stale && { st: stale.max }),
  };
}

export function chips({ chains }: Snapshot, { unixMs, boot }: Stamp): Chips {
  return {
    ...{ v: LAYOUT, ts: unixMs, boot },
    bd: chains.map(({ slot, chipNonces, chipHardwareErrors }) => ({
      i: slot,
      nonces: [...chipNonces],
      hw: [...chipHardwareErrors],
    })),
  };
}

function board(chain: ChainSnapshot, { temperatures }: Snapshot): Tele["bd"][number] {
  const { slot } = chain;
  const span = (isDie: boolean): [number, number] | undefined => {
    const values = temperatures.flatMap((each) =>
      each.slot === slot && each.isDie === isDie && each.tempC !== null ? [each.tempC] : [],
    );
    if (values.length === 0) return undefined;
    return [tenths(Math.min(...values)), tenths(Math.max(...values))];
  };
  const tp = span(false);
  const tc = span(true);
  return {
    i: slot,
    hr: hashes(chain.hashrate["1m"].ths),
    n: chain.chips,
    hw: chain.chipHardwareErrors.reduce((sum, each) => sum + each, 0),
    f: tenths(chain.freqMHz),
    ...(tp && { tp }),
    ...(tc && { tc }),
  };
}

function hashes(ths: number): number {
  return Math.round(ths * HASHES_PER_TH);
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
