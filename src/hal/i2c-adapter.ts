/**
 * What moves bytes on one I2C bus: a kernel device, two lines, or the socket of the virtual machine. It knows no rules:
 * one transfer at a time, deadlines and the guard of identity memories are the work of QueuedI2cBus.
 */
export interface I2cAdapter {
  /**
   * One transaction: `write` bytes, then `readLength` bytes, with a repeated start between them when there are both.
   * @throws I2C_NACK, I2C_TIMEOUT, I2C_BUS_STUCK, I2C_UNAVAILABLE
   */
  transfer(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array>;
  /**
   * Frees a bus that a part holds low. A transfer that has not come back by then is given up.
   * @throws I2C_BUS_STUCK, I2C_UNAVAILABLE
   */
  recover(): Promise<void>;
  close(): Promise<void>;
}
