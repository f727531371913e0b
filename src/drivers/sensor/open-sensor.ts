import type { SensorPart } from "../../boards/names.js";
import type { Sensor } from "../../boards/schema/hashboard.js";
import type { I2cTransfers } from "../../hal/i2c-bus.js";
import { MinerError } from "../../lib/errors.js";
import type { TemperatureSensor } from "../temperature-sensor.js";
import type { PlausibleRange, SensorOptions } from "./checked-sensor.js";
import type { ChipBuses } from "./chip-bus.js";
import { emc2101 } from "./emc2101.js";
import { lm75 } from "./lm75.js";
import { tmp1075 } from "./tmp1075.js";
import { tmp451 } from "./tmp451.js";

/** Where sensors may sit; what is missing is not there, or not yet. */
export interface SensorBuses {
  /** Of the control board, for hashboards. */
  readonly boards?: I2cTransfers | undefined;
  /** Behind the controller of the slot. */
  readonly controller?: I2cTransfers | undefined;
  /** Behind the chips of the slot, once they have addresses. */
  readonly chips?: ChipBuses | undefined;
}

/**
 * The sensor that the hardware data describes; nothing is asked of it yet. Undefined where its bus is missing.
 * @param slot of the hashboard, from 0
 * @param range what is plausible there; indoors when missing
 * @throws FIELD_INVALID for a slot without an address, a part without the diode, and what no chip can read
 */
export function openSensor(
  spec: Sensor,
  slot: number,
  buses: SensorBuses,
  range?: PlausibleRange,
): TemperatureSensor | undefined {
  const place = locate(spec, slot, buses);
  if (place === undefined) return undefined;
  const { part, remoteDiode, offsetC } = spec;
  assertDiode(spec);
  const options = { part, place: spec.place, remoteDiode, offsetC, range };
  return DRIVERS[part](place.bus, place.address, options);
}

type Driver = (
  bus: I2cTransfers,
  address: number,
  options: SensorOptions & { readonly remoteDiode?: boolean | undefined },
) => TemperatureSensor;

const DRIVERS: Readonly<Record<SensorPart, Driver>> = {
  lm75,
  tmp75: lm75,
  tmp1075,
  tmp451,
  nct218: tmp451,
  adt7461: tmp451,
  emc2101,
};

/** Parts whose registers have two bytes, which no chip is known to read. */
const WORD_PARTS: readonly SensorPart[] = ["lm75", "tmp75", "tmp1075"];
const PARTS_WITH_DIODE: readonly SensorPart[] = ["tmp451", "adt7461", "emc2101"];

interface Place {
  readonly bus: I2cTransfers;
  readonly address: number;
}

function locate({ at, part, place }: Sensor, slot: number, buses: SensorBuses): Place | undefined {
  switch (at.bus) {
    case "boards": {
      const address = at.addresses[slot];
      if (address === undefined)
        throw new MinerError("FIELD_INVALID", { field: "sensors.at.addresses", place, slot });
      return buses.boards && { bus: buses.boards, address };
    }
    case "controller":
      return buses.controller && { bus: buses.controller, address: at.address };
    case "chip": {
      if (WORD_PARTS.includes(part))
        throw new MinerError("FIELD_INVALID", { field: "sensors.part", place, part, bus: at.bus });
      return buses.chips && { bus: buses.chips.at(at.chip), address: at.address };
    }
  }
}

function assertDiode({ part, place, remoteDiode = false }: Sensor): void {
  if (remoteDiode && !PARTS_WITH_DIODE.includes(part))
    throw new MinerError("FIELD_INVALID", { field: "sensors.remoteDiode", place, part });
}
