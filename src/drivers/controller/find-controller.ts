import type { HashboardFile } from "../../boards/schema/hashboard.js";
import type { I2cTransfers } from "../../hal/i2c-bus.js";
import type { Clock } from "../../lib/clock.js";
import type { BoardController } from "../board-controller.js";
import { FramedController } from "./framed-controller.js";
import { S9Controller } from "./s9-controller.js";

/** What the hardware data says of a board's controller. */
export type ControllerKind = NonNullable<HashboardFile["controller"]>["kind"];

export interface FindControllerOptions {
  readonly kind: ControllerKind;
  /** For an S9, opened with its controllers named. */
  readonly bus: I2cTransfers;
  /** Of this slot. */
  readonly address: number;
  /** To start it resets it, which opens the converter; false on a machine that may be running. */
  readonly mayStart: boolean;
  readonly clock: Clock;
}

/**
 * The controller of a hashboard and its version. Undefined where the board has none: on some boards that is asked of the
 * hardware, by a version request and nothing else.
 * @throws CONTROLLER_NO_ANSWER, CONTROLLER_BAD_ANSWER, CONTROLLER_IN_LOADER, I2C_...
 */
export async function findController(
  options: FindControllerOptions,
): Promise<{ readonly controller: BoardController; readonly version: number } | undefined> {
  const { kind, bus, address, mayStart, clock } = options;
  switch (kind) {
    case "none":
      return undefined;
    case "s9":
      return await opened(new S9Controller(bus, address, clock), mayStart);
    case "framed":
      return await opened(new FramedController(bus, address, clock), mayStart);
    case "probe": {
      const controller = new FramedController(bus, address, clock);
      const found = await controller.probe();
      return found && (await opened(controller, mayStart));
    }
  }
}

async function opened(
  controller: BoardController,
  mayStart: boolean,
): Promise<{ controller: BoardController; version: number }> {
  const version = mayStart ? await controller.start() : await controller.readVersion();
  return { controller, version };
}
