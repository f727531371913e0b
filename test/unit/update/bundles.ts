import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { tarEnd, tarEntry } from "../../../src/lib/tar.js";

/** A signer as minisign is, written from its description: an oracle beside the tool. */
export class Signer {
  readonly #secret: KeyObject;
  readonly #id: Buffer;
  readonly publicText: string;

  constructor(id = "0102030405060708") {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    this.#secret = privateKey;
    this.#id = Buffer.from(id, "hex");
    const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
    this.publicText = Buffer.concat([Buffer.from("Ed"), this.#id, raw]).toString("base64");
  }

  /** As minisign shows it. */
  get id(): string {
    return Buffer.from(this.#id).reverse().toString("hex").toUpperCase();
  }

  sign(message: string | Buffer, trusted = "headframe"): string {
    const digest = createHash("blake2b512").update(message).digest();
    const signature = sign(null, digest, this.#secret);
    const comment = sign(null, Buffer.concat([signature, Buffer.from(trusted)]), this.#secret);
    const first = Buffer.concat([Buffer.from("ED"), this.#id, signature]).toString("base64");
    const lines = ["untrusted comment: made by a test", first, `trusted comment: ${trusted}`];
    return [...lines, comment.toString("base64"), ""].join("\n");
  }
}

export interface Recipe {
  readonly signer: Signer;
  readonly version?: string;
  readonly floor?: string;
  readonly boards?: readonly string[];
  readonly image?: Buffer;
  /** In place of what belongs there. */
  readonly manifest?: string;
  readonly signature?: string;
  readonly payload?: Buffer;
  readonly extra?: string;
}

export const BOARD = "virtual";
export const IMAGE = Buffer.from("an image of a root file system\n".repeat(20));

export function bundle({ signer, image = IMAGE, ...recipe }: Recipe): Buffer {
  const { version = "2.0.0", floor = "1.0.0", boards = [BOARD], payload = image } = recipe;
  const sha256 = createHash("sha256").update(image).digest("hex");
  const payloads = [{ name: "rootfs", bytes: image.length, sha256 }];
  const plain = { format: 1, version, floor, boards, payloads };
  const manifest = recipe.manifest ?? JSON.stringify(plain);
  const files: readonly (readonly [string, Buffer])[] = [
    ["manifest.json", Buffer.from(manifest)],
    ["manifest.json.minisig", Buffer.from(recipe.signature ?? signer.sign(manifest))],
    ["rootfs", payload],
    ...(recipe.extra === undefined ? [] : ([[recipe.extra, Buffer.from("x")]] as const)),
  ];
  return Buffer.concat([...files.map(([name, bytes]) => tarEntry({ name, bytes }, 0)), tarEnd()]);
}
