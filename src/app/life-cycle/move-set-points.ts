import type { ChainTeam } from "./chain-team.js";
import type { LifeHardware } from "./life-hardware.js";
import type { SetPoints } from "./set-points.js";

export interface SetPointMove {
  readonly hardware: Pick<LifeHardware, "rail">;
  readonly team: Pick<ChainTeam, "atOrder">;
  readonly before: SetPoints;
  readonly wanted: SetPoints;
  /** Cores are open; before that they are opened at a voltage of its own, and the other comes after it. */
  readonly isRunning: boolean;
  /** What holds from now on; the chains are told of the clock. */
  readonly apply: (part: Partial<SetPoints>) => void;
  readonly signal: AbortSignal;
}

/**
 * The voltage rises before the clock and falls after it.
 * @throws what Rail.changeTo throws; the reason of the signal
 */
export async function moveSetPoints(move: SetPointMove): Promise<void> {
  const { hardware, team, before, isRunning, apply, signal } = move;
  const { freqMHz, railMv } = move.wanted;
  const moveRail = async (): Promise<void> => {
    if (isRunning && railMv !== undefined && railMv !== before.railMv)
      await hardware.rail.changeTo(railMv, signal);
    apply({ railMv });
  };
  const isRising = (railMv ?? 0) > (before.railMv ?? 0);
  if (isRising) await moveRail();
  apply({ freqMHz });
  if (isRising) return;
  if (isRunning) await team.atOrder(signal);
  await moveRail();
}
