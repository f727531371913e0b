import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChipModel } from "../../src/hal/chain-port.js";
import { openWireDecoder } from "../../src/hal/wire-decoder.js";
import { parseCaptureLine } from "../../src/wire/capture.js";

/** What was on one wire, times in microseconds of CLOCK_MONOTONIC. */
export interface WireTrace {
  /** First bytes to the chips. */
  readonly startUs: number;
  readonly works: readonly { readonly atUs: number; readonly prevhash: string }[];
  readonly nonces: readonly { readonly atUs: number; readonly key: string }[];
}

/** A nonce as wire and submit line have it in common: the number and the rolled version bits. */
export function nonceKey(nonce: number, rolledBits: number): string {
  return `${nonce.toString(16)}:${rolledBits.toString(16)}`;
}

/** Reads the controller's tap of one chain. Throws when the tap does not say when it began. */
export function readTrace(tapFolder: string, chain: number, chip: ChipModel): WireTrace {
  const lines = readFileSync(join(tapFolder, `chain${String(chain)}.txt`), "utf8").split("\n");
  const startUs = Number(/start_us=(\d+)/.exec(lines.slice(0, 2).join("\n"))?.[1] ?? NaN);
  if (!Number.isFinite(startUs)) throw new Error("the tap does not say when it began");
  const decoder = openWireDecoder(chip);
  const works: { atUs: number; prevhash: string }[] = [];
  const nonces: { atUs: number; key: string }[] = [];
  lines.forEach((line, index) => {
    const burst = parseCaptureLine(line, index + 1);
    if (burst === undefined) return;
    const { dir, bytes, timeS } = burst;
    const frames = dir === ">" ? decoder.hostBytes(bytes, timeS) : decoder.chipBytes(bytes, timeS);
    for (const frame of frames) {
      const atUs = startUs + Math.round(frame.t * 1e6);
      if (frame.kind === "job") works.push({ atUs, prevhash: frame.prevhash });
      if (frame.kind === "nonce")
        nonces.push({ atUs, key: keyOf(frame.nonceHex, frame.versionField) });
    }
  });
  return { startUs, works, nonces };
}

function keyOf(nonceHex: string, versionField: number | null): string {
  const nonce = Buffer.from(nonceHex, "hex").readUInt32LE();
  return nonceKey(nonce, (versionField ?? 0) << 13);
}
