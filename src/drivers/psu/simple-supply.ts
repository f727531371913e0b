import type { PowerSupplySpec } from "../../boards/machine-spec.js";
import type { I2cTransfers } from "../../hal/i2c-bus.js";
import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import type { PowerSupply } from "../power-supply.js";
import { codeOfMv, mvOfCode } from "./dac-formula.js";

/** Source: symbolised T17 miner (HashSource/bitmain_antminer_binaries). */
const DAC_REGISTER = 0x02;
const WAIT_BEFORE_MS = 100;

export interface SimpleSupplyOptions {
  readonly bus: I2cTransfers;
  readonly address: number;
  readonly clock: Clock;
  readonly supply: PowerSupplySpec;
}

/**
 * A supply without frames, like the APW8: one byte sets it, and it tells nothing.
 * @throws PSU_TYPE_UNKNOWN where the hardware data has no formula for it
 */
export function openSimpleSupply(options: SimpleSupplyOptions): PowerSupply {
  const { bus, address, clock, supply } = options;
  const { rangeMv, timing } = supply;
  const formula = supply.types?.[0]?.dac;
  if (rangeMv === undefined || formula === undefined)
    throw new MinerError("PSU_TYPE_UNKNOWN", { supply: supply.name, reason: "no formula" });
  return {
    identity: {
      supply: supply.name,
      typeCode: null,
      firmware: null,
      serial: null,
      calibration: "formula",
      calibrationDate: null,
    },
    rangeMv: { min: rangeMv.min, max: rangeMv.max },
    requestVoltage: async (railMv) => {
      const { min, max } = rangeMv;
      const code = railMv >= min && railMv <= max ? codeOfMv(formula, railMv) : undefined;
      if (code === undefined)
        throw new MinerError("PSU_VOLTAGE_OUT_OF_RANGE", { railMv, minMv: min, maxMv: max });
      await clock.sleep(timing?.replyWaitMs ?? WAIT_BEFORE_MS);
      await bus.write(address, Uint8Array.of(DAC_REGISTER, code));
      return { railMv: Math.round(mvOfCode(formula, code)), isEchoed: false };
    },
    ...TELLS_NOTHING,
  };
}

/** What a supply that only takes, or has no data line, cannot do. */
export const TELLS_NOTHING = {
  readCalibration: undefined,
  readSetpointMv: undefined,
  readOutputMv: undefined,
  readIsOn: undefined,
  readPowerW: undefined,
  readTemperaturesC: undefined,
  readStatus: undefined,
  setWatchdog: undefined,
  setOutput: undefined,
} as const satisfies Partial<PowerSupply>;
