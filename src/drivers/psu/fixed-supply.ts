import type { PowerSupplySpec } from "../../boards/machine-spec.js";
import { MinerError } from "../../lib/errors.js";
import type { PowerSupply } from "../power-supply.js";
import { TELLS_NOTHING } from "./simple-supply.js";

/** A supply without a data line: it has the one voltage that it has. @throws PSU_TYPE_UNKNOWN without a range */
export function openFixedSupply(supply: PowerSupplySpec): PowerSupply {
  const { rangeMv } = supply;
  if (rangeMv === undefined)
    throw new MinerError("PSU_TYPE_UNKNOWN", { supply: supply.name, reason: "no range" });
  const { min, max } = rangeMv;
  return {
    identity: {
      supply: supply.name,
      typeCode: null,
      firmware: null,
      serial: null,
      calibration: "none",
      calibrationDate: null,
    },
    rangeMv: { min, max },
    requestVoltage: (railMv) =>
      railMv >= min && railMv <= max
        ? Promise.resolve({ railMv, isEchoed: true })
        : Promise.reject(
            new MinerError("PSU_VOLTAGE_OUT_OF_RANGE", { railMv, minMv: min, maxMv: max }),
          ),
    ...TELLS_NOTHING,
  };
}
