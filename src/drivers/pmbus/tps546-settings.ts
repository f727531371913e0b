import { toSlinear11, toUlinear16, type VoutMode } from "./linear-format.js";

/** PMBus commands that are used. Documented: TI data sheet TPS546D24S (SLUSF26), section 7.6. */
export const TPS546 = {
  operation: 0x01,
  onOffConfig: 0x02,
  clearFaults: 0x03,
  phase: 0x04,
  voutMode: 0x20,
  voutCommand: 0x21,
  voutMax: 0x24,
  voutScaleLoop: 0x29,
  voutMin: 0x2b,
  frequencySwitch: 0x33,
  vinOn: 0x35,
  vinOff: 0x36,
  voutOvFaultLimit: 0x40,
  voutOvWarnLimit: 0x42,
  voutUvWarnLimit: 0x43,
  voutUvFaultLimit: 0x44,
  ioutOcFaultLimit: 0x46,
  ioutOcFaultResponse: 0x47,
  ioutOcWarnLimit: 0x4a,
  otFaultLimit: 0x4f,
  otFaultResponse: 0x50,
  otWarnLimit: 0x51,
  vinOvFaultLimit: 0x55,
  vinOvFaultResponse: 0x56,
  tonDelay: 0x60,
  tonRise: 0x61,
  statusWord: 0x79,
  readVin: 0x88,
  readVout: 0x8b,
  readIout: 0x8c,
  readTemperature: 0x8d,
  icDeviceId: 0xad,
} as const;

/** One register and what it must hold. */
export interface Tps546Setting {
  readonly register: number;
  readonly bytes: 1 | 2;
  readonly value: number;
  readonly format: "byte" | "slinear11" | "ulinear16";
}

/**
 * How a Bitaxe with one chip (Ultra, Supra, Gamma) sets its regulator. Documented: mujina (256foundation) and
 * ESP-Miner (bitaxeorg), which agree, for the limits; ESP-Miner for ON_OFF_CONFIG, where the OPERATION command alone
 * switches; TI data sheet for the meaning. In the order in which they write it. `rangeMv` is that of the hardware data.
 */
export function bitaxeSettings(
  mode: VoutMode,
  rangeMv: { readonly min: number; readonly max: number },
): readonly Tps546Setting[] {
  const byte = (register: number, value: number): Tps546Setting => ({
    ...{ register, bytes: 1, value, format: "byte" },
  });
  const linear = (register: number, value: number): Tps546Setting => ({
    ...{ register, bytes: 2, value: toSlinear11(value), format: "slinear11" },
  });
  // As the two programs write them: exponent 0, so that the word is the number.
  const whole = (register: number, value: number): Tps546Setting => ({
    ...{ register, bytes: 2, value, format: "slinear11" },
  });
  const volts = (register: number, value: number): Tps546Setting => ({
    ...{ register, bytes: 2, value: toUlinear16(value, mode), format: "ulinear16" },
  });
  return [
    byte(TPS546.onOffConfig, 0x1b),
    byte(TPS546.phase, 0x00),
    whole(TPS546.frequencySwitch, 650),
    linear(TPS546.vinOn, 4.8),
    linear(TPS546.vinOff, 4.5),
    linear(TPS546.vinOvFaultLimit, 6.5),
    byte(TPS546.vinOvFaultResponse, 0xb7),
    linear(TPS546.voutScaleLoop, 0.25),
    volts(TPS546.voutMax, rangeMv.max / 1000),
    volts(TPS546.voutMin, rangeMv.min / 1000),
    // Ratios of the setpoint.
    volts(TPS546.voutOvFaultLimit, 1.25),
    volts(TPS546.voutOvWarnLimit, 1.16),
    volts(TPS546.voutUvWarnLimit, 0.9),
    volts(TPS546.voutUvFaultLimit, 0.75),
    linear(TPS546.ioutOcWarnLimit, 25),
    linear(TPS546.ioutOcFaultLimit, 30),
    byte(TPS546.ioutOcFaultResponse, 0xc0),
    whole(TPS546.otWarnLimit, 105),
    whole(TPS546.otFaultLimit, 145),
    byte(TPS546.otFaultResponse, 0xff),
    whole(TPS546.tonDelay, 0),
    whole(TPS546.tonRise, 3),
  ];
}
