import type { SeededRandom } from "./seeded-random.js";

export interface CoinbaseOptions {
  /** Block height, for BIP34. */
  readonly height: number;
  /** Unix seconds, written into the input script. */
  readonly unixS: number;
  /** Bytes of extranonce1 and extranonce2 together. */
  readonly extranonceSize: number;
  /** Outputs that pay somebody, at least 1. */
  readonly payouts: number;
  readonly random: SeededRandom;
}

/** What stands before and after the two extranonces. */
export interface CoinbaseParts {
  readonly coinb1: Uint8Array;
  readonly coinb2: Uint8Array;
}

// Documented: the subsidy since block 840,000, in satoshi.
const SUBSIDY_SAT = 312_500_000;
const MAX_FEES_SAT = 20_000_000;
const DUST_SAT = 1_000;

const OP_RETURN = 0x6a;
// Documented: BIP141, the four bytes before the commitment.
const WITNESS_COMMITMENT_TAG = Buffer.from("aa21a9ed", "hex");

/**
 * A coinbase transaction without witness data, in the form ckpool gives it: height, time and random
 * bytes, the extranonces, the tag of the pool, then the outputs. The filler before the extranonces
 * varies, so they do not always lie at the same place of a SHA-256 block.
 */
export function makeCoinbase(options: CoinbaseOptions): CoinbaseParts {
  const { random } = options;
  const time = Buffer.alloc(4);
  time.writeUInt32LE(options.unixS);
  const beforeExtranonces = Buffer.concat([
    push(minimalNumber(options.height)),
    push(time),
    push(random.bytes(random.integer(4, 12))),
    Buffer.from([options.extranonceSize]),
  ]);
  const tag = `/Headframe test pool${"!".repeat(random.integer(0, 12))}/`;
  const afterExtranonces = push(Buffer.from(tag, "latin1"));
  const scriptBytes = beforeExtranonces.length + options.extranonceSize + afterExtranonces.length;

  const coinb1 = Buffer.concat([
    Buffer.from("0200000001", "hex"),
    Buffer.alloc(32),
    Buffer.from("ffffffff", "hex"),
    compactSize(scriptBytes),
    beforeExtranonces,
  ]);
  const outputs = makeOutputs(options.payouts, random);
  const coinb2 = Buffer.concat([
    afterExtranonces,
    Buffer.from("ffffffff", "hex"),
    compactSize(outputs.length),
    ...outputs,
    Buffer.alloc(4),
  ]);
  return { coinb1, coinb2 };
}

function makeOutputs(payouts: number, random: SeededRandom): readonly Buffer[] {
  const minor = Array.from({ length: payouts - 1 }, () => random.integer(DUST_SAT, 2 * DUST_SAT));
  const total = SUBSIDY_SAT + random.integer(0, MAX_FEES_SAT);
  const main = total - minor.reduce((sum, value) => sum + value, 0);
  const outputs = [main, ...minor].map((value) => output(value, payoutScript(random)));
  if (random.integer(0, 1) === 1)
    outputs.push(output(0, opReturn(random.bytes(random.integer(20, 75)))));
  const commitment = Buffer.concat([WITNESS_COMMITMENT_TAG, random.bytes(32)]);
  return [...outputs, output(0, opReturn(commitment))];
}

/** A script of one of the four usual kinds: P2PKH, P2SH, P2WPKH, P2TR. */
function payoutScript(random: SeededRandom): Buffer {
  const [prefix = "", hashBytes = 0, suffix = ""] =
    (
      [
        ["76a914", 20, "88ac"],
        ["a914", 20, "87"],
        ["0014", 20, ""],
        ["5120", 32, ""],
      ] as const
    )[random.integer(0, 3)] ?? [];
  return Buffer.concat([
    Buffer.from(prefix, "hex"),
    random.bytes(hashBytes),
    Buffer.from(suffix, "hex"),
  ]);
}

function opReturn(payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([OP_RETURN]), push(payload)]);
}

function output(valueSat: number, script: Uint8Array): Buffer {
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(BigInt(valueSat));
  return Buffer.concat([value, compactSize(script.length), script]);
}

/** A direct push of up to 75 bytes. */
function push(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** Little-endian without needless bytes, positive, as BIP34 wants a height. */
function minimalNumber(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  if ((bytes.at(-1) ?? 0) >= 0x80) bytes.push(0);
  return Buffer.from(bytes);
}

function compactSize(value: number): Buffer {
  if (value < 0xfd) return Buffer.from([value]);
  const bytes = Buffer.from([0xfd, 0, 0]);
  bytes.writeUInt16LE(value, 1);
  return bytes;
}
