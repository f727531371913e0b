/**
 * CRC-5 of command and answer frames: x^5 + x^2 + 1, start 0x1F, most significant bit first, no final xor.
 * Documented: fact sheet asic-bm13xx section 3.3.
 *
 * @param bitCount how many leading bits of `bytes` are covered; an answer leaves out its last five.
 */
export function crc5(bytes: Uint8Array, bitCount = bytes.length * 8): number {
  let crc = 0x1f;
  for (let bit = 0; bit < bitCount; bit++) {
    const dataBit = ((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
    const feedback = (crc >> 4) ^ dataBit;
    crc = (crc << 1) & 0x1f;
    if (feedback === 1) crc ^= 0x05;
  }
  return crc;
}

/**
 * CRC-16 of job frames: polynomial 0x1021, start 0xFFFF, most significant bit first, no final xor.
 * Documented: fact sheet asic-bm13xx section 3.4.
 */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = (crc & 0x8000) === 0 ? (crc << 1) & 0xffff : ((crc << 1) ^ 0x1021) & 0xffff;
  }
  return crc;
}
