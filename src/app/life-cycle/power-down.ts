import type { Clock } from "../../lib/clock.js";
import { findingOf, findingText } from "../../lib/finding.js";
import type { Logger } from "../../lib/logger.js";
import type { ChainTeam } from "./chain-team.js";
import type { LifeHardware } from "./life-hardware.js";
import { within } from "./within.js";

/** Chains go into reset in milliseconds; power does not wait longer for one that does not. */
const RESET_LIMIT_MS = 2000;

export interface PowerDownParts {
  readonly hardware: LifeHardware;
  readonly team: ChainTeam;
  readonly onPower: (mayBeOn: boolean) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Chains in reset, then the power. Whatever fails on the way, the enable line is driven. Throws nothing. */
export async function powerDown(parts: PowerDownParts, reason: string): Promise<void> {
  const { hardware, onPower, log } = parts;
  await holdChains(parts);
  try {
    await hardware.powerOff(reason);
    onPower(false);
  } catch (error) {
    log.error({ error: findingText(findingOf(error)) }, "power is not off");
  }
}

/** Work ends and every chain goes into reset. Throws nothing. */
export async function holdChains({
  team,
  clock,
  log,
}: Pick<PowerDownParts, "team" | "clock" | "log">): Promise<void> {
  const areHeld = await within(team.stop(), RESET_LIMIT_MS, clock);
  if (!areHeld) log.warn("not all chains are known to be in reset");
}
