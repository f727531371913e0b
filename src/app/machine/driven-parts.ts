import { findController } from "../../drivers/controller/find-controller.js";
import { decodeEeprom } from "../../drivers/eeprom/decode-eeprom.js";
import { readEeprom } from "../../drivers/eeprom/read-eeprom.js";
import { Emc2101Fan } from "../../drivers/fan/emc2101-fan.js";
import { probePowerSupply } from "../../drivers/psu/probe-power-supply.js";
import { openSensor } from "../../drivers/sensor/open-sensor.js";
import { openHardware } from "../../hal/open-hardware.js";
import type { Clock } from "../../lib/clock.js";
import type { Logger } from "../../lib/logger.js";
import type { MachineParts } from "./parts.js";

/** The parts that there are drivers for. */
export function drivenParts(clock: Clock, log: Logger): MachineParts {
  return {
    openHardware,
    probeSupply: ({ supplies, hashboard }, buses, signal) => {
      const bus = hashboard.regulator === undefined ? buses.psu : buses.boards;
      return probePowerSupply({ bus, supplies, clock, log, ...(signal && { signal }) });
    },
    findController: async ({ hashboard }, { boards }, slot, mayStart) => {
      const { kind = "none", address } = hashboard.controller ?? {};
      if (address === undefined || boards === undefined) return undefined;
      return findController({ kind, bus: boards, address: address + slot, mayStart, clock });
    },
    openSensor: (sensor, { boards }, slot, controller) =>
      openSensor(sensor, slot, { boards, controller: controller?.sensors }),
    readEeprom: async (bus, address) => decodeEeprom(await readEeprom(bus, address, clock)).content,
    openFanController: async (bus, address) => {
      const fan = await Emc2101Fan.open(bus, address);
      return { output: fan, tach: fan };
    },
  };
}
