import { createHash } from "node:crypto";
import { parseHex } from "../../../src/lib/bytes.js";
import { fastest } from "../native-bench.js";
import type { Bench } from "../rows.js";
import { capturedNonce } from "./captured-nonces.js";

const PREAMBLE_BYTES = 2;
const CRC5_BITS = 5;
const CRC5_POLYNOMIAL = 0x05;
const CRC5_START = 0x1f;

/** The straightforward way to check one answer in JavaScript, as the yardstick for the native one. */
export const nodeCrypto: Bench = {
  name: "node-crypto",
  run: ({ isQuick, say }) => {
    say("nonces checked with node:crypto");
    const { chip, jobFrame, responseFrame } = capturedNonce();
    const count = isQuick ? 5000 : 50_000;
    const job = Buffer.from(parseHex(jobFrame) ?? []);
    const answer = Buffer.from(parseHex(responseFrame) ?? []);
    const scriptNs = Math.min(...Array.from({ length: 5 }, () => scriptCost(job, answer, count)));
    const native = fastest(5, "nonce", "share", String(count), chip, jobFrame, responseFrame);
    return [
      {
        name: "node-crypto.ratio",
        figure: (scriptNs * native.count) / native.ns,
        unit: "times the native cost",
        note: "CPU time to check one nonce: CRC, header, SHA-256d, target, duplicate",
      },
    ];
  },
};

/** CPU nanoseconds for one check. Throws when a check does not find the captured nonce good. */
function scriptCost(job: Buffer, answer: Buffer, count: number): number {
  const table = crc5Table();
  const seen = new Set<string>();
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    // Another generation of the same work each time, as in the native bench.
    if (!isGoodNonce(job, answer, i, table, seen))
      throw new Error("the captured nonce is not good");
  }
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1000) / count;
}

function isGoodNonce(
  job: Buffer,
  answer: Buffer,
  generation: number,
  table: Uint8Array,
  seen: Set<string>,
): boolean {
  let crc = CRC5_START;
  for (const byte of answer.subarray(PREAMBLE_BYTES)) crc = table[(crc << 3) ^ byte] ?? 0;
  if (crc !== 0) return false;
  const header = Buffer.alloc(80);
  // Fields of a job frame: nbits 10, ntime 14, merkle root 18 and previous hash 50 by words backwards, version 82.
  header.writeUInt32LE((job.readUInt32LE(82) | (answer.readUInt16BE(8) << 13)) >>> 0, 0);
  for (let word = 0; word < 8; word++) {
    job.copy(header, 4 + 4 * word, 50 + 4 * (7 - word), 54 + 4 * (7 - word));
    job.copy(header, 36 + 4 * word, 18 + 4 * (7 - word), 22 + 4 * (7 - word));
  }
  job.copy(header, 68, 14, 18);
  job.copy(header, 72, 10, 14);
  answer.copy(header, 76, 2, 6);
  const hash = createHash("sha256").update(createHash("sha256").update(header).digest()).digest();
  if (hash.readUInt32LE(28) !== 0) return false;
  const key = `${String(generation)}:${answer.toString("hex", 2, 10)}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

/** CRC state and byte to the next state; the state counts in the upper bits of the index. */
function crc5Table(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, index) => {
    let bits = index;
    for (let bit = 0; bit < 8; bit++) {
      const isSet = (bits & 0x80) !== 0;
      bits = (bits << 1) & 0xff;
      if (isSet) bits ^= CRC5_POLYNOMIAL << (8 - CRC5_BITS);
    }
    return bits >> (8 - CRC5_BITS);
  });
}
