const DELTA = 0x9e37_79b9;

/**
 * Decrypts XXTEA over little-endian words with 6 + 52 / words rounds, as hashboard memories use it. No library has it.
 * Documented: D. Wheeler and R. Needham, Correction to xtea, 1998.
 * @param cipher whole words, at least two
 * @param key 16 bytes
 */
export function xxteaDecrypt(cipher: Uint8Array, key: Uint8Array): Uint8Array {
  const words = wordsOf(cipher);
  const keyWords = wordsOf(key);
  const count = words.length;
  let sum = Math.imul(6 + Math.floor(52 / count), DELTA);
  let next = words[0] ?? 0;
  while (sum !== 0) {
    const turn = (sum >>> 2) & 3;
    for (let at = count - 1; at >= 0; at--) {
      const before = words[(at + count - 1) % count] ?? 0;
      const mixed =
        (((before >>> 5) ^ (next << 2)) + ((next >>> 3) ^ (before << 4))) ^
        ((sum ^ next) + ((keyWords[(at & 3) ^ turn] ?? 0) ^ before));
      next = ((words[at] ?? 0) - mixed) >>> 0;
      words[at] = next;
    }
    sum = (sum - DELTA) | 0;
  }
  const plain = new Uint8Array(cipher.length);
  const view = new DataView(plain.buffer);
  words.forEach((word, index) => {
    view.setUint32(index * 4, word, true);
  });
  return plain;
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, index) =>
    view.getUint32(index * 4, true),
  );
}
