import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, Signer } from "../unit/update/bundles.js";
import type { ImageRig } from "./image-rig.js";

/** As scripts/build-image, but for the pains that compression takes. */
const AS_BUILT = ["-comp", "lz4", "-b", "128K"];
const QUIET = ["-quiet", "-no-progress", "-noappend", "-no-xattrs", "-all-root"];

/** The maker of further versions, with a key of its own. */
export class Maker {
  readonly #signer = new Signer();
  readonly #rig: ImageRig;
  readonly #slot: string;

  /** `slot`: file of the root file system that versions are made of. */
  constructor(rig: ImageRig, slot: string) {
    this.#rig = rig;
    this.#slot = slot;
  }

  get publicKey(): string {
    return this.#signer.publicText;
  }

  /** Offers a version, the first one's root with another label and perhaps something else that is different. The address. */
  offer(version: string, change: (root: string) => void = () => undefined): string {
    return this.offerImage(version, this.#remade(version, change));
  }

  /** Offers any bytes as a version. The address. */
  offerImage(version: string, image: Buffer): string {
    const { machine } = this.#rig.config;
    const recipe = { signer: this.#signer, version, floor: "0.0.0", boards: [String(machine)] };
    return this.#rig.offer(version, bundle({ ...recipe, image }));
  }

  #remade(version: string, change: (root: string) => void): Buffer {
    const folder = mkdtempSync(join(tmpdir(), "headframe-root-"));
    try {
      const [root, file] = [join(folder, "root"), join(folder, "slot.squashfs")];
      const into = ["-quiet", "-no-progress", "-dest", root, this.#slot];
      execFileSync("unsquashfs", into, { stdio: "ignore" });
      writeFileSync(join(root, "etc/headframe/version"), `${version}\n`);
      change(root);
      execFileSync("mksquashfs", [root, file, ...AS_BUILT, ...QUIET], { stdio: "ignore" });
      return readFileSync(file);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}
