import { createHash } from "node:crypto";

/** SHA-256 of SHA-256 of the parts one after another: 32 bytes as hashed. */
export function sha256d(...parts: readonly Uint8Array[]): Uint8Array {
  const first = createHash("sha256");
  for (const part of parts) first.update(part);
  return new Uint8Array(createHash("sha256").update(first.digest()).digest());
}
