import type { Clock } from "../../lib/clock.js";
import { findingOf, type Finding } from "../../lib/finding.js";
import type { FittedSlot } from "./fitted-machine.js";
import type { MachineReadings } from "./readings.js";

/** Some rounds of heartbeat and sensors, each of a second. */
const READ_AGAIN_LIMIT_MS = 5000;
const LOOK_AGAIN_MS = 250;

export interface WakeControllerOptions {
  readonly fitted: FittedSlot;
  readonly readings: Pick<MachineReadings, "controllers" | "temperatures">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Starts the controller of a board that is taken out, where it answers no heartbeat: one that fell back into its loader
 * does nothing before. That opens its converter, so the chain must be in reset. Resolves with what failed, else when the
 * board is read again.
 * @throws the reason of the signal
 */
export async function wakeController(options: WakeControllerOptions): Promise<Finding | undefined> {
  const { fitted, readings, clock, signal } = options;
  const { slot, controller } = fitted;
  const isSilent = (): boolean =>
    readings.controllers().some((each) => each.slot === slot && each.trouble !== undefined);
  if (controller === undefined || !isSilent()) return undefined;
  try {
    await controller.start();
  } catch (error) {
    signal.throwIfAborted();
    return findingOf(error, { slot }, "CONTROLLER_NO_ANSWER");
  }
  const isRead = (): boolean =>
    !isSilent() && readings.temperatures([slot]).every(({ trouble }) => trouble === undefined);
  const endMs = clock.nowMs() + READ_AGAIN_LIMIT_MS;
  while (!isRead() && clock.nowMs() < endMs) await clock.sleep(LOOK_AGAIN_MS, signal);
  return undefined;
}
