/** One object of a reply. */
export type Row = Readonly<Record<string, unknown>>;

const HASHES_PER_DIFFICULTY = 2 ** 32;

/** Leaves out what nobody knows: clients break on null and NaN. */
export function row(fields: Row): Row {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== undefined &&
        value !== null &&
        (typeof value !== "number" || Number.isFinite(value)),
    ),
  );
}

export function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

/** Whole numbers stay undefined where nobody knows them. */
export function whole(value: number | null | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Math.round(value);
}

/** Percent with four decimals; 0 of nothing is 0. */
export function percent(part: number, all: number): number {
  return all > 0 ? round((part / all) * 100, 4) : 0;
}

export function mhs(ghs: number): number {
  return round(ghs * 1000, 2);
}

export function ghs(value: number): number {
  return round(value, 2);
}

/** Work of difficulty 1 in a rate over a time. */
export function diff1Of(rateGhs: number, seconds: number): number {
  return (rateGhs * 1e9 * seconds) / HASHES_PER_DIFFICULTY;
}

/** The highest that is known; 0 stands for unknown. */
export function hottest(tempsC: readonly number[]): number | undefined {
  const known = tempsC.filter((tempC) => tempC !== 0);
  return known.length === 0 ? undefined : Math.max(...known);
}
