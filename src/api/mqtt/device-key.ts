import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../../lib/clock.js";
import type { MinerError } from "../../lib/errors.js";
import { KeptState } from "../../lib/kept-state.js";
import type { StateFormat } from "../../lib/state-text.js";

const FILE = "device-key.json";
const ID_DIGITS = 16;

const FORMAT: StateFormat<KeyObject> = {
  migrations: [null],
  parse: (plain) => {
    const key = createPrivateKey((plain as { pem: string }).pem);
    if (key.asymmetricKeyType !== "ed25519") throw new Error("no Ed25519 key");
    return key;
  },
  plain: (key) => ({ pem: key.export({ type: "pkcs8", format: "pem" }) }),
};

export interface DeviceKeyOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly onTrouble: (error: MinerError) => void;
}

/** What the machine signs with: made on its first start, readable by its owner alone, and never sent anywhere. */
export class DeviceKey {
  /** SubjectPublicKeyInfo, PEM: what `openssl pkeyutl -verify -pubin` takes. */
  readonly publicPem: string;
  /** Beginning of the SHA-256 of the public key in DER. */
  readonly id: string;
  readonly #key: KeyObject;

  private constructor(key: KeyObject) {
    const publicKey = createPublicKey(key);
    this.#key = key;
    this.publicPem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const der = publicKey.export({ type: "spki", format: "der" });
    this.id = createHash("sha256").update(der).digest("hex").slice(0, ID_DIGITS);
  }

  /** Never fails: a key that cannot be read is kept aside and told, and another takes its place. */
  static async open({ dataDir, clock, onTrouble }: DeviceKeyOptions): Promise<DeviceKey> {
    const path = join(dataDir, FILE);
    const kept = await KeptState.open({ path, format: FORMAT, clock, onTrouble });
    const key = kept.found ?? newKey();
    if (kept.found === undefined) await kept.save(key);
    return new DeviceKey(key);
  }

  /** Another one each time, for a machine that keeps nothing. */
  static passing(): DeviceKey {
    return new DeviceKey(newKey());
  }

  /** Of exactly these bytes, base64. */
  sign(text: string): string {
    return sign(null, Buffer.from(text, "utf8"), this.#key).toString("base64");
  }
}

function newKey(): KeyObject {
  return generateKeyPairSync("ed25519").privateKey;
}
