/** The smallest sample that at least `percent` of all samples do not exceed; NaN without samples. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? NaN;
}

export function maximum(samples: readonly number[]): number {
  return samples.reduce((most, sample) => Math.max(most, sample), -Infinity);
}

export function sumOf<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((total, item) => total + pick(item), 0);
}
