/**
 * XXTEA the other way round, for memories that tests make up: the program only reads. Written from the algorithm's
 * description, not turned round from the program's code.
 */
export function xxteaEncrypt(plain: Uint8Array, key: Uint8Array): Uint8Array {
  const data = Buffer.from(plain);
  const count = data.length / 4;
  const word = (index: number): number =>
    data.readUInt32LE((((index % count) + count) % count) * 4);
  const keyWord = (index: number): number => Buffer.from(key).readUInt32LE((index & 3) * 4);
  const rounds = 6 + Math.floor(52 / count);
  for (let round = 1; round <= rounds; round++) {
    const sum = Math.imul(round, 0x9e3779b9) >>> 0;
    for (let at = 0; at < count; at++) {
      const left = word(at - 1);
      const right = word(at + 1);
      const shifted = ((left >>> 5) ^ (right << 2)) + ((right >>> 3) ^ (left << 4));
      const keyed = (sum ^ right) + (keyWord((at & 3) ^ ((sum >>> 2) & 3)) ^ left);
      data.writeUInt32LE((word(at) + (shifted ^ keyed)) >>> 0, at * 4);
    }
  }
  return new Uint8Array(data);
}
