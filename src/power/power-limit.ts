/** Clocks below the ordered one are multiples of this, as every PLL here makes them. */
const CLOCK_STEP_MHZ = 6.25;

/** All inferred. From a new clock to watts that are its own: supplies average over a second or two. */
const SETTLE_MS = 3000;
/** A clock is raised to no more than this part of the target: readings waver, and must not lead to the next lowering. */
const RAISE_PART = 0.99;
/** Watts were below so long before the clock rises, and by this part of it at most. */
const RAISE_PAUSE_MS = 20_000;
const MOST_RAISE_PART = 0.1;
/** A raise that had to be taken back doubles the wait for the next one, up to this. */
const MOST_PAUSE_MS = 600_000;
/** A sum of steps is not exactly the product. */
const ROUNDING = 1e-6;

/** Watts at a moment. */
export interface Watts {
  readonly value: number;
  /** Clock time at which they were read. */
  readonly atMs: number;
}

export interface PowerLook {
  readonly nowMs: number;
  /** Undefined while nobody can say. */
  readonly watts: Watts | undefined;
  /** Clock of the chips that hash; undefined unless each chain that is up runs at what it was told. */
  readonly settledMHz: number | undefined;
  /** Of the owner. */
  readonly orderedMHz: number;
  /** The machine cannot run slower. */
  readonly leastMHz: number;
}

export interface PowerMemory {
  /** The chips may have no more. */
  readonly limitMHz: number;
  /** Since when they run at which clock; null while they do not. */
  readonly settled: { readonly atMHz: number; readonly sinceMs: number } | null;
  /** The reading that was judged last. */
  readonly judged: Watts | null;
  readonly underSinceMs: number | null;
  readonly raisePauseMs: number;
  readonly wasRaised: boolean;
}

/**
 * By what the machine takes now, or at the ordered clock as far as its data tell; where nobody can say it begins at its
 * lowest clock, so that it is not above the target before it was measured.
 */
export function firstLimit(
  look: Pick<PowerLook, "orderedMHz" | "leastMHz" | "settledMHz" | "watts">,
  targetW: number,
  fullW: number | undefined,
): PowerMemory {
  const { orderedMHz, settledMHz, watts } = look;
  const [atMHz, atW] =
    settledMHz !== undefined && watts !== undefined
      ? [settledMHz, watts.value]
      : [orderedMHz, fullW ?? 0];
  const limitMHz = atW > 0 ? bounded((atMHz * targetW) / atW, look) : look.leastMHz;
  return {
    ...{ limitMHz, settled: null, judged: null, underSinceMs: null },
    ...{ raisePauseMs: RAISE_PAUSE_MS, wasRaised: false },
  };
}

/**
 * The clock that keeps the watts at or below the target. A part of them does not follow the clock, so that a clock in
 * proportion is too high on the way down, where another step follows, and too low on the way up, where one may.
 */
export function nextLimit(look: PowerLook, targetW: number, before: PowerMemory): PowerMemory {
  const { nowMs, watts, settledMHz } = look;
  if (settledMHz === undefined) return { ...before, settled: null, underSinceMs: null };
  const settled =
    before.settled?.atMHz === settledMHz ? before.settled : { atMHz: settledMHz, sinceMs: nowMs };
  const memory = { ...before, settled };
  const isOwn = watts !== undefined && watts.atMs >= settled.sinceMs + SETTLE_MS;
  if (!isOwn || watts.atMs === before.judged?.atMs) return memory;
  const judged = { ...memory, judged: watts };
  if (watts.value > targetW)
    return lowered(look, settledMHz, (targetW / watts.value) * settledMHz, judged);
  return raised(look, settledMHz, ((targetW * RAISE_PART) / watts.value) * settledMHz, judged);
}

function lowered(
  look: PowerLook,
  settledMHz: number,
  wantedMHz: number,
  memory: PowerMemory,
): PowerMemory {
  const limitMHz = bounded(Math.min(wantedMHz, settledMHz - CLOCK_STEP_MHZ), look);
  const raisePauseMs = memory.wasRaised
    ? Math.min(MOST_PAUSE_MS, memory.raisePauseMs * 2)
    : memory.raisePauseMs;
  return { ...memory, limitMHz, underSinceMs: null, raisePauseMs, wasRaised: false };
}

function raised(
  look: PowerLook,
  settledMHz: number,
  wantedMHz: number,
  memory: PowerMemory,
): PowerMemory {
  const { nowMs, orderedMHz } = look;
  // Where something else holds the clock lower, nothing is known of what the limit would lead to.
  const isHeld = memory.limitMHz < orderedMHz && settledMHz > memory.limitMHz - CLOCK_STEP_MHZ;
  const most = settledMHz * (1 + MOST_RAISE_PART);
  const limitMHz = bounded(Math.min(wantedMHz, Math.max(most, settledMHz + CLOCK_STEP_MHZ)), look);
  if (!isHeld || limitMHz <= memory.limitMHz) return { ...memory, underSinceMs: null };
  const underSinceMs = memory.underSinceMs ?? nowMs;
  if (nowMs - underSinceMs < memory.raisePauseMs) return { ...memory, underSinceMs };
  return { ...memory, limitMHz, underSinceMs: null, wasRaised: true };
}

/** A clock that the chips can have. */
function bounded(
  wantedMHz: number,
  { orderedMHz, leastMHz }: Pick<PowerLook, "orderedMHz" | "leastMHz">,
): number {
  return wantedMHz >= orderedMHz ? orderedMHz : Math.max(leastMHz, stepBelow(wantedMHz));
}

/** The next clock of those that every PLL makes, at or below. */
export function stepBelow(freqMHz: number): number {
  return Math.floor(freqMHz / CLOCK_STEP_MHZ + ROUNDING) * CLOCK_STEP_MHZ;
}
