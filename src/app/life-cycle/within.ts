import type { Clock } from "../../lib/clock.js";

/** Resolves when `action` has ended, well or not, and after `limitMs` at the latest; true when it ended well. */
export async function within(
  action: Promise<unknown>,
  limitMs: number,
  clock: Clock,
): Promise<boolean> {
  let cancel: () => void = () => undefined;
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(limitMs, () => {
      resolve(false);
    });
  });
  const ended = action.then(
    () => true,
    () => false,
  );
  const isWell = await Promise.race([ended, late]);
  cancel();
  return isWell;
}
