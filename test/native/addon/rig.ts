import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";
import { setImmediate } from "node:timers/promises";
import type { NativeChainOptions } from "../../../src/hal/native.js";
import { projectRoot } from "../../../src/lib/project-root.js";
import { loadVirtualAddon, type PtyMaster } from "../../../src/virtual/native.js";

export const CHAINS_ADDON = join(projectRoot(), "build", "Release", "chains.node");

/** The far side of a tty that keeps what the host sends. */
export class FarSide {
  readonly #pty: PtyMaster;
  #received = "";
  #onBytes: () => void = () => undefined;

  constructor() {
    const { PtyMaster } = loadVirtualAddon();
    this.#pty = new PtyMaster((bytes) => {
      this.#received += Buffer.from(bytes).toString("hex");
      this.#onBytes();
    });
  }

  get path(): string {
    return this.#pty.slavePath;
  }

  get baud(): number {
    return this.#pty.speeds().outputBaud;
  }

  /** All bytes so far, as hex, once there are at least `size` of them. */
  async received(size: number): Promise<string> {
    while (this.#received.length < 2 * size)
      await new Promise<void>((resolve) => {
        this.#onBytes = resolve;
      });
    return this.#received;
  }

  write(hex: string): void {
    this.#pty.write(Buffer.from(hex, "hex"));
  }

  close(): void {
    this.#pty.close();
  }
}

export function optionsOf(path: string): NativeChainOptions {
  return {
    name: "chain0",
    path,
    resetPath: "",
    chip: "BM1370",
    chips: 1,
    addressStep: 2,
    useNonceOffsets: false,
    chainIndex: 0,
    chainCount: 1,
    resetBaud: 115_200,
    jobLengthByte: 0x56,
    deadManMs: 0,
    priority: 0,
    tap: false,
  };
}

/** Collects all garbage and lets finalizers run. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  for (let round = 0; round < 3; round++) {
    gc();
    await setImmediate();
  }
}
