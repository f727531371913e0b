import type { Clock } from "../../lib/clock.js";
import type { Logger } from "../../lib/logger.js";
import type { ChainTeam } from "./chain-team.js";
import type { LifeHardware } from "./life-hardware.js";
import type { LifeWiring } from "./life-wiring.js";
import type { OrderKeeper } from "./order-keeper.js";
import type { SetPointPlan } from "./set-points.js";

export interface MachineLifeOptions {
  readonly hardware: LifeHardware;
  readonly team: ChainTeam;
  /** Left out where it is known which slot hangs on which tty. */
  readonly wiring?: LifeWiring | undefined;
  readonly orders: OrderKeeper;
  readonly setPoints: SetPointPlan;
  /** The power may be on from now on, or is off for good. */
  readonly onPower: (mayBeOn: boolean) => void;
  readonly clock: Clock;
  readonly log: Logger;
}
