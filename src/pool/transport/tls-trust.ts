import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { SecureContext, createSecureContext } from "node:tls";
import { MinerError } from "../../lib/errors.js";
import type { TlsSettings } from "../pool-settings.js";
import type { LinkSecurity } from "./link.js";

// Decided: what TLS 1.2 replaced is broken, and no pool needs it.
const MIN_VERSION = "TLSv1.2";

const PIN = /^[0-9a-f]{64}$/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs;

/** Whom a TLS connection trusts. */
export class TlsTrust {
  readonly security: LinkSecurity;
  /** SHA-256 of certificates, 64 hex digits in lower case. */
  readonly pins: ReadonlySet<string>;
  readonly #caFile: string | undefined;
  #caText: string | undefined;
  #context: SecureContext | undefined;

  /** @throws POOL_TLS_INVALID naming the field: a malformed pin, a file that holds no certificates */
  constructor({ verify, caFile, pins }: TlsSettings) {
    this.pins = new Set(pins.map(normalPin));
    this.security = this.pins.size > 0 ? "pinned" : verify ? "verified" : "unverified";
    this.#caFile = caFile;
    this.#caText = caFile === undefined ? undefined : readAuthorities(caFile);
  }

  /**
   * For the next connection: made anew when the file of authorities has changed to another good one. With authorities
   * of its own a pool has no others: none of them can then vouch for a false one, and adding Node's would cost the
   * main thread the parsing of all of them for each pool. `make` is Node's: only who connects has TLS in memory.
   */
  context(make: typeof createSecureContext): SecureContext {
    const text = this.#caFile === undefined ? undefined : readOrKeep(this.#caFile, this.#caText);
    if (text !== this.#caText) {
      this.#caText = text;
      this.#context = undefined;
    }
    this.#context ??= make({ minVersion: MIN_VERSION, ...(text !== undefined && { ca: text }) });
    return this.#context;
  }
}

function normalPin(pin: string): string {
  const hex = pin.replaceAll(":", "").toLowerCase();
  if (!PIN.test(hex))
    throw new MinerError("POOL_TLS_INVALID", { field: "pins", expected: "64 hex digits" });
  return hex;
}

/** The certificates of a file as text; not parsed again when it holds what it held, `known`, before. */
function readAuthorities(path: string, known?: string): string {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new MinerError("POOL_TLS_INVALID", { field: "caFile", path, reason }, { cause });
  };
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    refuse((error as NodeJS.ErrnoException).code ?? "cannot be read", error);
  }
  if (text === known) return text;
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) refuse("holds no certificate in PEM form");
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch (error) {
    refuse("holds a certificate that does not parse", error);
  }
  return text;
}

/** A file that is being replaced, or has become bad, does not cut off a running miner. */
function readOrKeep(path: string, text: string | undefined): string | undefined {
  try {
    return readAuthorities(path, text);
  } catch {
    return text;
  }
}
