/** What can be done on an I2C bus. Addresses have seven bits. */
export interface I2cTransfers {
  /**
   * One write from start to stop.
   * @throws I2C_NACK, I2C_TIMEOUT, I2C_BUS_STUCK; I2C_WRITE_REFUSED for 0x50 to 0x57, where identity memories sit
   */
  write(address: number, bytes: Uint8Array): Promise<void>;
  /** One read from start to stop. @throws as write does */
  read(address: number, length: number): Promise<Uint8Array>;
  /**
   * Writes the number of a register, then reads after a repeated start. Changes nothing in any part, so it is
   * allowed at 0x50 to 0x57 too.
   * @throws as write does
   */
  readRegister(address: number, register: number, length: number): Promise<Uint8Array>;
}

/** One bus with everything on it. Calls wait for one another; each has a deadline. */
export interface I2cBus extends I2cTransfers {
  readonly name: string;
  /** Several transfers that nobody else may come between. Do not call the bus itself from within. */
  exclusively<Result>(action: (bus: I2cTransfers) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
