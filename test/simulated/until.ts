const POLL_MS = 100;

export interface UntilOptions {
  /** What is waited for; stands in the message when it does not come. */
  readonly what: string;
  /** Far longer than it takes on a busy machine. */
  readonly withinS?: number;
  /** Added to the message. */
  readonly facts?: () => unknown;
}

/** Looks ten times a second until `look` gives something. Throws when the time is over. */
export async function until<Found>(
  look: () => Promise<Found | undefined> | Found | undefined,
  { what, withinS = 60, facts }: UntilOptions,
): Promise<Found> {
  const deadlineMs = performance.now() + withinS * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadlineMs) {
      const state = facts === undefined ? "" : `: ${JSON.stringify(facts())}`;
      throw new Error(`${what}: not within ${withinS} s${state}`);
    }
    await pause(POLL_MS);
  }
}

/** For a measurement that takes its time; never to wait for something to have happened. */
export function measureFor(seconds: number): Promise<void> {
  return pause(seconds * 1000);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
