const POLYNOMIAL = 0x05;
const START = 0x1f;

/**
 * CRC5 of hashboard memories: polynomial 05, start 1F, most significant bit first.
 * Captured: fits nine boards of S19 Pro units and the printed records of two S21 boards.
 */
export function crc5(bytes: Uint8Array): number {
  let crc = START;
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit--) {
      const isOut = ((crc >> 4) ^ (byte >> bit)) & 1;
      crc = (crc << 1) & 0x1f;
      if (isOut === 1) crc ^= POLYNOMIAL;
    }
  return crc;
}
