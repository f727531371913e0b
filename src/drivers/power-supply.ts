/** What a supply says about itself. */
export interface PsuIdentity {
  /** Name of the file in boards/power-supplies that describes it. */
  readonly supply: string;
  /** As the supply says; null where it has no data line. */
  readonly typeCode: number | null;
  readonly firmware: number | null;
  /** From the calibration block, as the date; null before it was read. */
  readonly serial: string | null;
  readonly calibration: "block" | "formula" | "none";
  readonly calibrationDate: string | null;
}

/** Outcome of asking for a voltage. What counts is what is read back afterwards. */
export interface VoltageRequest {
  /** Setpoint nearest to what was asked that the supply can express, mV. */
  readonly railMv: number;
  /** The supply repeated the request; some refuse it and apply it all the same. */
  readonly isEchoed: boolean;
}

/**
 * A supply behind its data line. A round may take seconds, so nothing that must be fast goes this way; rounds of
 * one supply wait for one another. Switching the output is not here: that is the enable line, or, for a regulator
 * without one, `setOutput`.
 */
export interface PowerSupply {
  readonly identity: PsuIdentity;
  /**
   * Reads what the supply was measured at in its factory; its voltages are exact from then on, and were within some
   * tens of millivolts before. Takes seconds. A block that cannot be read changes nothing; undefined where there is
   * none. @throws I2C_...
   */
  readonly readCalibration: (() => Promise<void>) | undefined;
  readonly rangeMv: { readonly min: number; readonly max: number };
  /** @throws PSU_VOLTAGE_OUT_OF_RANGE before anything is sent; PSU_NO_ANSWER, I2C_... */
  requestVoltage(railMv: number): Promise<VoltageRequest>;
  /** Undefined where the type cannot tell. @throws PSU_NO_ANSWER, I2C_... */
  readonly readSetpointMv: (() => Promise<number>) | undefined;
  /** Measured output. */
  readonly readOutputMv: (() => Promise<number>) | undefined;
  readonly readIsOn: (() => Promise<boolean>) | undefined;
  readonly readPowerW: (() => Promise<number>) | undefined;
  readonly readTemperaturesC: (() => Promise<readonly PsuTemperature[]>) | undefined;
  /** Raw flags, hex; the meaning of the bits is not known for any type. */
  readonly readStatus: (() => Promise<string>) | undefined;
  readonly setWatchdog: ((isOn: boolean) => Promise<void>) | undefined;
  readonly setOutput: ((isOn: boolean) => Promise<void>) | undefined;
  /** The write that switches it off, where `setOutput` does so by one. */
  readonly offWrite?: { readonly address: number; readonly bytes: Uint8Array };
}

export interface PsuTemperature {
  readonly place: string;
  readonly tempC: number;
}
