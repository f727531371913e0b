import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { MinerError } from "../lib/errors.js";
import { BundleFile, MANIFEST, readExactly, SIGNATURE, type Entry } from "./bundle-file.js";
import { parseManifest, type Manifest, type Payload } from "./manifest.js";
import { assertSigned, type PublicKey } from "./minisign.js";
import type { Pace } from "./pace.js";
import { compareVersions } from "./version-order.js";

/** Small enough that hashing it does not hold up the main thread of a board. */
export const CHUNK_BYTES = 64 * 1024;

/** What a bundle is held to. */
export interface BundleRules {
  readonly keys: readonly PublicKey[];
  readonly board: string;
  readonly runningVersion: string;
  readonly floor: string;
  /** An older version, or the same again, is meant. */
  readonly mayBeOlder: boolean;
  readonly slotBytes: number;
  readonly maxBytes: number;
}

export interface CheckedBundle {
  readonly manifest: Manifest;
  readonly keyId: string;
  readonly payload: Payload;
  readonly entry: Entry;
}

/**
 * All that can be known of a bundle before anything is written: who signed it, whom it is for, that it is whole.
 * Rejects with UPDATE_TOO_LARGE, UPDATE_BUNDLE_INVALID, UPDATE_KEY_UNKNOWN, UPDATE_SIGNATURE_WRONG, UPDATE_WRONG_BOARD,
 *   UPDATE_BELOW_FLOOR, UPDATE_NOT_NEWER, UPDATE_PAYLOAD_WRONG
 */
export async function checkBundle(
  file: FileHandle,
  rules: BundleRules,
  pace: Pace,
  onBytes: (done: number, all: number) => void = () => undefined,
): Promise<CheckedBundle> {
  const { size } = await file.stat();
  assertFits("bundle", size, rules.maxBytes);
  const bundle = await BundleFile.read(file);
  const { manifest, keyId } = await signedManifest(bundle, rules.keys);
  assertMeant(manifest, rules);
  const { payload, entry } = payloadOf(bundle, manifest);
  assertFits("payload", payload.bytes, rules.slotBytes);
  const sha256 = await hashOf(file, entry.at, entry.bytes, pace, onBytes);
  if (sha256 !== payload.sha256)
    throw new MinerError("UPDATE_PAYLOAD_WRONG", { payload: payload.name, sha256 });
  return { manifest, keyId, payload, entry };
}

async function signedManifest(
  bundle: BundleFile,
  keys: readonly PublicKey[],
): Promise<{ readonly manifest: Manifest; readonly keyId: string }> {
  const text = await bundle.text(MANIFEST);
  const { key } = assertSigned(Buffer.from(text, "utf8"), await bundle.text(SIGNATURE), keys);
  return { manifest: parseManifest(text), keyId: key.id };
}

function assertMeant({ boards, version }: Manifest, rules: BundleRules): void {
  const { board, floor, runningVersion, mayBeOlder } = rules;
  if (!boards.includes(board))
    throw new MinerError("UPDATE_WRONG_BOARD", { board, expected: boards.join(", ") });
  if (compareVersions(version, floor) < 0)
    throw new MinerError("UPDATE_BELOW_FLOOR", { version, floor });
  if (!mayBeOlder && compareVersions(version, runningVersion) <= 0)
    throw new MinerError("UPDATE_NOT_NEWER", { version, runningVersion });
}

function payloadOf(
  bundle: BundleFile,
  { payloads }: Manifest,
): { readonly payload: Payload; readonly entry: Entry } {
  const [payload] = payloads;
  const [entry, ...others] = bundle.payloads;
  const isSame =
    payload !== undefined && entry?.name === payload.name && entry.bytes === payload.bytes;
  if (!isSame || others.length > 0)
    throw new MinerError("UPDATE_PAYLOAD_WRONG", {
      found: bundle.payloads.map(({ name, bytes }) => `${name} ${String(bytes)}`).join(", "),
      expected: payloads.map(({ name, bytes }) => `${name} ${String(bytes)}`).join(", "),
    });
  return { payload, entry };
}

function assertFits(what: string, bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw new MinerError("UPDATE_TOO_LARGE", { what, bytes, maxBytes });
}

/** SHA-256 of a part of a file, as hex. Rejects with UPDATE_BUNDLE_INVALID where it ends too early. */
export async function hashOf(
  file: FileHandle,
  at: number,
  bytes: number,
  pace: Pace,
  onBytes: (done: number, all: number) => void,
): Promise<string> {
  const hash = createHash("sha256");
  for (let done = 0; done < bytes;) {
    const chunk = await readExactly(file, at + done, Math.min(CHUNK_BYTES, bytes - done));
    hash.update(chunk);
    done += chunk.length;
    onBytes(done, bytes);
    await pace.take(chunk.length);
  }
  return hash.digest("hex");
}
