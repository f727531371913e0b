/**
 * Host rate after a reset. The chips run at 25 MHz / (8 x 27) = 115,740 baud; every UART can make 115,200, which is
 * 0.47 % off and what all captured sequences start with.
 */
export const RESET_BAUD = 115_200;

/** Value of the fast UART register after a reset. */
export const RESET_FAST_UART = 0x0130_1a00;

const CRYSTAL_HZ = 25_000_000;
const CLOCKS_PER_BIT = 8;

/**
 * What chips of BM1362 and later make of a value of the fast UART register, rounded to whole baud: 25 MHz / (8 x
 * (divider + 1)), divider in bits 16:8. Only for values that keep the crystal as source.
 */
export function chipBaud(fastUart: number): number {
  const divider = (fastUart >>> 8) & 0x1ff;
  return Math.round(CRYSTAL_HZ / (CLOCKS_PER_BIT * (divider + 1)));
}

/** Values seen on the wire. The host follows with `chipBaud` exactly, not with the nearest round rate. */
export const FAST_UART = {
  /** 1,041,667 baud. Captured: S19 XP; ESP-Miner on BM1366, BM1368 and BM1370. */
  oneMega: 0x1130_0200,
  /** 3,125,000 baud. Captured: S19j Pro. */
  threeMegaBm1362: 0x1130_0000,
  /** 3,125,000 baud. Captured: S21 Pro, S21 XP. */
  threeMegaBm1370: 0x0130_0000,
} as const;
