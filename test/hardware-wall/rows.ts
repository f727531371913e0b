import type { HardwareRow } from "./row.js";
import { AIR_ROWS } from "./rows/air.js";
import { BUS_ROWS } from "./rows/buses.js";
import { CHAIN_ROWS } from "./rows/chains.js";
import { CONTROL_BOARD_ROWS } from "./rows/control-board.js";
import { CONTROLLER_ROWS } from "./rows/controllers.js";
import { SENSOR_ROWS } from "./rows/sensors.js";
import { SUPPLY_ROWS } from "./rows/supply.js";

/** By what breaks. */
export const GROUPS: Readonly<Record<string, readonly HardwareRow[]>> = {
  "temperature sensors": SENSOR_ROWS,
  "fans and heat": AIR_ROWS,
  "supply and mains": SUPPLY_ROWS,
  "buses, memories, plugs": BUS_ROWS,
  "board controllers": CONTROLLER_ROWS,
  "chips, chains, wires": CHAIN_ROWS,
  "control board and process": CONTROL_BOARD_ROWS,
};

/** Every fault of the wall. */
export const ROWS: readonly HardwareRow[] = Object.values(GROUPS).flat();
