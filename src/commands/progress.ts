import { systemClock, type Clock } from "../lib/clock.js";

const PATIENCE_MS = 1000;
const STEP_MS = 1000;
/** Documented: ECMA-48, erase in line. */
const ERASE_LINE = "\r\x1b[K";

export interface ProgressScreen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Tells a person what is waited for, once it takes longer than a second; a pipe gets nothing. */
export async function whileWaiting<Result>(
  what: string,
  act: () => Promise<Result>,
  screen: ProgressScreen = process.stderr,
  clock: Clock = systemClock,
): Promise<Result> {
  if (screen.isTTY !== true) return act();
  const startedMs = clock.nowMs();
  let cancel: () => void = () => undefined;
  let erase = "";
  const tell = (): void => {
    const seconds = (clock.nowMs() - startedMs) / 1000;
    screen.write(`${ERASE_LINE}${what}: ${seconds.toFixed(0)} s`);
    erase = ERASE_LINE;
    cancel = clock.after(STEP_MS, tell);
  };
  cancel = clock.after(PATIENCE_MS, tell);
  try {
    return await act();
  } finally {
    cancel();
    if (erase !== "") screen.write(erase);
  }
}
