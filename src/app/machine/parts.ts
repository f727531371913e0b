import type { ControlBoard, MachineSpec } from "../../boards/machine-spec.js";
import type { Sensor } from "../../boards/schema/hashboard.js";
import type { BoardController } from "../../drivers/board-controller.js";
import type { EepromContent } from "../../drivers/hashboard-eeprom.js";
import type { PowerSupply } from "../../drivers/power-supply.js";
import type { TemperatureSensor } from "../../drivers/temperature-sensor.js";
import type { PwmOutput, Tach } from "../../hal/fan-hardware.js";
import type { Hardware } from "../../hal/hardware.js";
import type { I2cBus } from "../../hal/i2c-bus.js";

/** The buses that the control board has. */
export interface MachineBuses {
  /** Hashboards and their sensors. */
  readonly boards: I2cBus | undefined;
  /** The supply. */
  readonly psu: I2cBus | undefined;
}

/** A controller that answered, and what it said. */
export interface FoundController {
  readonly controller: BoardController;
  readonly version: number;
}

export interface FanController {
  readonly output: PwmOutput;
  readonly tach: Tach;
}

/** How the parts of a machine are found and opened. Nothing here switches anything on. */
export interface MachineParts {
  openHardware(board: ControlBoard, deviceDir: string): Promise<Hardware>;
  /**
   * The supply, or the regulator that takes its place.
   * @throws PSU_NO_ANSWER, PSU_TYPE_UNKNOWN, PSU_TYPE_UNEXPECTED, I2C_...
   */
  probeSupply(
    machine: MachineSpec,
    buses: MachineBuses,
    signal: AbortSignal | undefined,
  ): Promise<PowerSupply>;
  /**
   * The controller of a slot with its application started; only asked for its version when `mayStart` is false.
   * Undefined where the board has none.
   * @throws CONTROLLER_NO_ANSWER, CONTROLLER_BAD_ANSWER, CONTROLLER_IN_LOADER, I2C_...
   */
  findController(
    machine: MachineSpec,
    buses: MachineBuses,
    slot: number,
    mayStart: boolean,
  ): Promise<FoundController | undefined>;
  /** Asks nothing of it yet. Undefined where it can be reached only through a chip. @throws FIELD_INVALID */
  openSensor(
    sensor: Sensor,
    buses: MachineBuses,
    slot: number,
    controller: BoardController | undefined,
  ): TemperatureSensor | undefined;
  /** @throws EEPROM_SILENT, EEPROM_UNKNOWN, I2C_... */
  readEeprom(bus: I2cBus, address: number): Promise<EepromContent>;
  /** @throws I2C_... */
  openFanController(bus: I2cBus, address: number): Promise<FanController>;
}
