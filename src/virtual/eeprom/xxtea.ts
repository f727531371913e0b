const DELTA = 0x9e37_79b9;

/** XXTEA over little-endian words. Documented: fact sheet section 4.1. The length is a multiple of four, 8 at least. */
export function xxteaEncrypt(plain: Uint8Array, key: Uint8Array): Uint8Array {
  const out = Uint8Array.from(plain);
  const words = new DataView(out.buffer);
  const keys = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const count = plain.length / 4;
  const get = (at: number): number => words.getUint32(at * 4, true);
  let sum = 0;
  let before = get(count - 1);
  for (let round = 6 + Math.floor(52 / count); round > 0; round--) {
    sum = (sum + DELTA) >>> 0;
    const shift = (sum >>> 2) & 3;
    for (let at = 0; at < count; at++) {
      const after = get((at + 1) % count);
      const mixed =
        (((before >>> 5) ^ (after << 2)) + ((after >>> 3) ^ (before << 4))) ^
        ((sum ^ after) + (keys.getUint32((((at & 3) ^ shift) & 3) * 4, true) ^ before));
      before = (get(at) + mixed) >>> 0;
      words.setUint32(at * 4, before, true);
    }
  }
  return out;
}
