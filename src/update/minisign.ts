import { createHash, createPublicKey, verify, type KeyObject } from "node:crypto";
import { MinerError } from "../lib/errors.js";

/**
 * Documented: the format of minisign, jedisct1.github.io/minisign, "Signature format" and "Public key format"; held to the
 * tool itself in test/unit/update. Only the form in use since its version 0.10: BLAKE2b-512 of the file is signed.
 */
const KEY_ALGORITHM = "Ed";
const HASHED_ALGORITHM = "ED";
const KEY_BYTES = 42;
const SIGNATURE_BYTES = 74;
const ID_BYTES = 8;
const TRUSTED = "trusted comment: ";
/** Documented: RFC 8410, SubjectPublicKeyInfo of Ed25519 before the 32 bytes of the key. */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

export interface PublicKey {
  /** As minisign prints it: upper-case hex. */
  readonly id: string;
  /** The one line of base64. */
  readonly text: string;
  readonly key: KeyObject;
}

interface Signature {
  readonly keyId: string;
  readonly signature: Buffer;
  readonly trustedComment: string;
  readonly commentSignature: Buffer;
}

/**
 * A public key, alone or below its comment.
 * @throws KEY_INVALID
 */
export function parsePublicKey(given: string): PublicKey {
  const lines = given.trim().split(/\r?\n/);
  const text = lines.at(-1)?.trim() ?? "";
  const bytes = exactBase64(text);
  const isKey = bytes?.length === KEY_BYTES && bytes.toString("latin1", 0, 2) === KEY_ALGORITHM;
  if (!isKey || lines.length > 2)
    throw new MinerError("KEY_INVALID", { given: given.slice(0, 80) });
  const der = Buffer.concat([SPKI_PREFIX, bytes.subarray(2 + ID_BYTES)]);
  return {
    ...{ id: idOf(bytes), text },
    key: createPublicKey({ key: der, format: "der", type: "spki" }),
  };
}

/**
 * The key among those given that made a signature.
 * @throws UPDATE_BUNDLE_INVALID, UPDATE_KEY_UNKNOWN, UPDATE_SIGNATURE_WRONG
 */
export function assertSigned(
  message: Uint8Array,
  signatureText: string,
  keys: readonly PublicKey[],
): { readonly key: PublicKey; readonly trustedComment: string } {
  const { keyId, signature, trustedComment, commentSignature } = parseSignature(signatureText);
  const key = keys.find(({ id }) => id === keyId);
  if (key === undefined)
    throw new MinerError("UPDATE_KEY_UNKNOWN", {
      keyId,
      trusted: keys.map(({ id }) => id).join(", ") || "none",
    });
  const digest = createHash("blake2b512").update(message).digest();
  const comment = Buffer.concat([signature, Buffer.from(trustedComment, "utf8")]);
  if (!verify(null, digest, key.key, signature))
    throw new MinerError("UPDATE_SIGNATURE_WRONG", { keyId, of: "manifest" });
  if (!verify(null, comment, key.key, commentSignature))
    throw new MinerError("UPDATE_SIGNATURE_WRONG", { keyId, of: "trusted comment" });
  return { key, trustedComment };
}

function parseSignature(text: string): Signature {
  const [untrusted = "", first = "", trusted = "", second = "", ...rest] = text.split("\n");
  const bytes = exactBase64(first);
  const commentSignature = exactBase64(second);
  const isWhole =
    untrusted.startsWith("untrusted comment: ") &&
    bytes?.length === SIGNATURE_BYTES &&
    trusted.startsWith(TRUSTED) &&
    commentSignature?.length === 64 &&
    rest.join("") === "";
  if (!isWhole)
    throw new MinerError("UPDATE_BUNDLE_INVALID", { reason: "no signature of minisign" });
  const algorithm = bytes.toString("latin1", 0, 2);
  if (algorithm !== HASHED_ALGORITHM)
    throw new MinerError("UPDATE_BUNDLE_INVALID", {
      reason: "signature of another form",
      algorithm,
    });
  return {
    keyId: idOf(bytes),
    signature: bytes.subarray(2 + ID_BYTES),
    trustedComment: trusted.slice(TRUSTED.length),
    commentSignature,
  };
}

/** The id is a number, little-endian. */
function idOf(bytes: Buffer): string {
  return bytes.readBigUInt64LE(2).toString(16).toUpperCase().padStart(16, "0");
}

/** Undefined where the text is not the very one that these bytes have. */
function exactBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
