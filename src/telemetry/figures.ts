import type { Snapshot } from "./snapshot.js";

/** What is kept of every second; decimals that are worth their bytes. Files hold them in this order. */
export const FIGURES = {
  hashrateThs: 2,
  powerW: 0,
  efficiencyJPerTh: 1,
  hottestC: 1,
  fanDutyPct: 0,
  slowestFanRpm: 0,
  accepted: 0,
  rejected: 0,
  stale: 0,
  uptimeS: 0,
} as const;

export type FigureName = keyof typeof FIGURES;
export const FIGURE_NAMES = Object.keys(FIGURES) as readonly FigureName[];

/** Those that only count up: of a minute, the last value says all. */
export const COUNTS: readonly FigureName[] = ["accepted", "rejected", "stale", "uptimeS"];

/** Null: nobody knew. */
export type Figures = Readonly<Record<FigureName, number | null>>;

export function figuresOf(snapshot: Snapshot): Figures {
  const { hashrate, powerW, efficiencyJPerTh, hottestC, fans } = snapshot;
  const { accepted, rejected, stale } = snapshot.lifetime.shares;
  const rpms = fans.fans.flatMap(({ rpm }) => (rpm === null ? [] : [rpm]));
  return rounded({
    hashrateThs: hashrate["5s"].ths,
    powerW: powerW.value,
    efficiencyJPerTh: efficiencyJPerTh.value,
    hottestC,
    fanDutyPct: fans.dutyPct,
    slowestFanRpm: rpms.length === 0 ? null : Math.min(...rpms),
    ...{ accepted, rejected, stale },
    uptimeS: snapshot.process.uptimeS,
  });
}

function rounded(figures: Figures): Figures {
  const entries = FIGURE_NAMES.map((name) => {
    const value = figures[name];
    return [name, value === null ? null : Number(value.toFixed(FIGURES[name]))];
  });
  return Object.fromEntries(entries) as Figures;
}
