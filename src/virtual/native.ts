import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MinerError } from "../lib/errors.js";
import type { NonceSearch } from "./chip/nonce-finder.js";

/** The far side of a serial line that a host opens at `slavePath`. */
export interface PtyMaster {
  readonly slavePath: string;
  /** Bytes taken; fewer than given, down to none, while the host does not read. */
  write(bytes: Uint8Array): number;
  /** What the host's termios says now, rates set with BOTHER included. */
  speeds(): { readonly inputBaud: number; readonly outputBaud: number };
  /** A paused master makes the host's writes wait. */
  pauseReading(): void;
  resumeReading(): void;
  /** Undoes a TIOCEXCL left behind by a host that is gone. */
  clearExclusive(): void;
  /** Closes both ends: the host sees a hang-up. */
  close(): void;
}

/** The native half of the virtual machine. */
export interface VirtualAddon {
  readonly PtyMaster: new (
    onBytes: (bytes: Uint8Array, hostOutputBaud: number) => void,
  ) => PtyMaster;
  readonly makeFifo: (path: string) => void;
  readonly searchNonces: NonceSearch;
}

const ADDON_PATH = "build/Release/virtual.node";

/** @throws MinerError VIRTUAL_ADDON_MISSING */
export function loadVirtualAddon(): VirtualAddon {
  const root = packageRoot(dirname(fileURLToPath(import.meta.url)));
  const path = join(root, ADDON_PATH);
  if (!existsSync(path)) throw new MinerError("VIRTUAL_ADDON_MISSING", { path });
  return createRequire(import.meta.url)(path) as VirtualAddon;
}

/** Walks up: the sources and the bundle do not lie at the same depth. */
function packageRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) || folder === dirname(folder)) return folder;
  }
}
