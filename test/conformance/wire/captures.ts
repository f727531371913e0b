import { networkByName } from "../../../src/bitcoin/network.js";
import type { ChipModel } from "../../../src/hal/chain-port.js";
import type { ResponseLength } from "../../../src/hal/native-wire.js";
import { loadAddon } from "../../../src/hal/native.js";
import { openWireDecoder } from "../../../src/hal/wire-decoder.js";
import { toHex } from "../../../src/lib/bytes.js";
import { formatBurst, formatCaptureHeader, readCapture } from "../../../src/wire/capture.js";
import { checkNonces, type CheckTotals, type NonceCheck } from "../../../src/wire/check.js";
import { decodeRecords, type FrameRecord } from "../../../src/wire/decode.js";
import { bytesOfHex } from "../codec/vectors.js";

/** One burst: direction and hex. */
export type Line = readonly [dir: ">" | "<", hex: string];

/** Capture text with a burst every millisecond. */
export function captureText(lines: readonly Line[], chip: ChipModel = "BM1366"): string {
  const bursts = lines.map(([dir, hex], index) =>
    formatBurst({ timeS: index / 1000, dir, bytes: bytesOfHex(hex) }),
  );
  return [formatCaptureHeader({ chip, chips: 1 }), ...bursts, ""].join("\n");
}

/** The text as a file stream gives it, cut at places that mean nothing. */
async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 1000) {
    await Promise.resolve();
    yield bytes.subarray(at, at + 1000);
  }
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export function decodeText(
  text: string,
  chip: ChipModel = "BM1366",
  responseLength: ResponseLength = 0,
): Promise<FrameRecord[]> {
  const decoder = openWireDecoder(chip, responseLength);
  return collect(decodeRecords(readCapture(chunksOf(text)), decoder, chip));
}

export interface Checked {
  readonly checks: readonly NonceCheck[];
  readonly totals: CheckTotals;
}

export async function checkText(
  text: string,
  chip: ChipModel = "BM1366",
  network: "mainnet" | "virtual" = "mainnet",
): Promise<Checked> {
  const lines = await collect(
    checkNonces(readCapture(chunksOf(text)), openWireDecoder(chip), chip, networkByName(network)),
  );
  const checks = lines.filter((line): line is NonceCheck => !("total" in line));
  const totals = lines.at(-1);
  if (totals === undefined || !("total" in totals)) throw new Error("no totals line");
  return { checks, totals };
}

/** An answer of 11 bytes with these nonce, id byte and version field, CRC5 made to fit. */
export function nonceFrame(nonceHex: string, jobIdByte: number, versionField: number): string {
  const body = Buffer.concat([
    bytesOfHex(nonceHex),
    Buffer.from([0, jobIdByte, versionField >>> 8, versionField & 0xff, 0x80]),
  ]);
  const crc = loadAddon().crc5(body, body.length * 8 - 5);
  body[body.length - 1] = 0x80 | crc;
  return `aa55${toHex(body)}`;
}

/** A write of a register to every chip, or to one. */
export function writeFrame(register: number, value: number, address?: number): string {
  return toHex(
    loadAddon().encodeCommand({
      kind: "writeRegister",
      broadcast: address === undefined,
      address: address ?? 0,
      register,
      value,
    }),
  );
}

export function setAddressFrame(address: number): string {
  return toHex(loadAddon().encodeCommand({ kind: "setAddress", broadcast: false, address }));
}
