/** Microseconds of CLOCK_MONOTONIC, which every process of the machine reads alike. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint()) / 1000;
}
