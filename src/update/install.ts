import { open } from "node:fs/promises";
import { MinerError } from "../lib/errors.js";
import type { UpdatePhase } from "../telemetry/update-snapshot.js";
import type { BundleStore } from "./bundle-store.js";
import { checkBundle, type CheckedBundle } from "./check-bundle.js";
import { download } from "./download.js";
import type { Manifest } from "./manifest.js";
import { Pace } from "./pace.js";
import { slotBytes, writeSlot } from "./slot-device.js";
import type { PublicKey } from "./minisign.js";
import type { UpdateParts } from "./update-parts.js";

/** What is to be installed, and where. */
export interface InstallTask {
  /** A file, or where to download it from; what was uploaded without either. */
  readonly source: { readonly url?: string; readonly file?: string };
  readonly mayBeOlder: boolean;
  readonly slotPath: string;
  readonly runningVersion: string;
  readonly floor: string;
  readonly keys: readonly PublicKey[];
}

export interface InstallSteps {
  readonly store: BundleStore;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: UpdatePhase, version?: string) => void;
  readonly onProgress: (done: number, all: number | null) => void;
  /** All is checked; from here on the slot holds nothing. */
  readonly onEmpty: (manifest: Manifest) => Promise<void>;
}

/**
 * Brings a bundle into a slot: fetched, checked to the last byte, written, read back. Nothing is written to the slot before the
 * check is over. Rejects with what `download`, `checkBundle` and `writeSlot` do, UPDATE_BUNDLE_INVALID without a file
 */
export async function install(
  task: InstallTask,
  { store, signal, onPhase, onProgress, onEmpty }: InstallSteps,
  parts: UpdateParts,
): Promise<CheckedBundle> {
  const { config, clock } = parts;
  const pace = new Pace(clock, config.rateMbPerS, signal);
  const { url, file: path = store.path } = task.source;
  if (url !== undefined) {
    onPhase("downloading");
    const onBytes = onProgress;
    const get = parts.fetch === undefined ? {} : { fetch: parts.fetch };
    await download({ url, store, pace, clock, signal, onBytes, ...get });
  }
  onPhase("checking");
  const file = await open(path, "r").catch((cause: unknown) => {
    throw new MinerError("UPDATE_BUNDLE_INVALID", { file: path, reason: String(cause) }, { cause });
  });
  try {
    const rules = {
      ...{ keys: task.keys, board: parts.board, runningVersion: task.runningVersion },
      ...{ floor: task.floor, mayBeOlder: task.mayBeOlder, maxBytes: config.maxBundleBytes },
      slotBytes: await slotBytes(task.slotPath),
    };
    const checked = await checkBundle(file, rules, pace, onProgress);
    const { manifest, payload, entry } = checked;
    await onEmpty(manifest);
    const onBytes = (phase: "writing" | "verifying", done: number, all: number): void => {
      onPhase(phase, manifest.version);
      onProgress(done, all);
    };
    onPhase("writing", manifest.version);
    await writeSlot({ file, entry, payload }, task.slotPath, pace, onBytes, parts.openSlot);
    return checked;
  } finally {
    await file.close();
  }
}
