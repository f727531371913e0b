/** Commands of both frame versions. Sources: vendor PDF of the S17-era supply, S19 Pro capture, S21 factory tool. */
export const COMMAND = {
  firmware: 0x01,
  type: 0x02,
  setpoint: 0x03,
  measure: 0x04,
  isOn: 0x05,
  calibration: 0x06,
  power: 0x08,
  temperatures: 0x09,
  status: 0x0a,
  /** Version 1; version 2 tells its uptime with it. */
  inputStatus: 0x0d,
  /** Version 2. */
  errorCode: 0x0e,
  watchdog: 0x81,
  setVoltage: 0x83,
} as const;
