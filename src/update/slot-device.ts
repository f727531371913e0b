import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { open, readFile, realpath, stat, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import { isMinerError, MinerError } from "../lib/errors.js";
import { readExactly, type Entry } from "./bundle-file.js";
import { CHUNK_BYTES, hashOf } from "./check-bundle.js";
import type { Payload } from "./manifest.js";
import type { Pace } from "./pace.js";

/** Documented: Linux, Documentation/ABI/stable/sysfs-block: /sys/class/block/<disk>/size counts these. */
const SECTOR_BYTES = 512;
/** So little may wait in the kernel: other files are synced in between. */
const SYNC_BYTES = 1024 * 1024;

/** Opens a device or file; others for tests. */
export type OpenFile = (path: string, flags: number) => Promise<FileHandle>;

/** How much a slot holds. Rejects with UPDATE_SLOT_UNWRITABLE */
export async function slotBytes(path: string): Promise<number> {
  return toldAs(path, async () => {
    const found: Stats = await stat(path);
    if (!found.isBlockDevice()) return found.size;
    const name = basename(await realpath(path));
    const sectors = await readFile(`/sys/class/block/${name}/size`, "utf8");
    return Number(sectors) * SECTOR_BYTES;
  });
}

/**
 * Writes a payload to the beginning of a slot and reads it back. What is written is hashed as it is read from the bundle, so
 * that a bundle which changes under way is noticed.
 * Rejects with UPDATE_SLOT_UNWRITABLE, UPDATE_SLOT_DIFFERS, UPDATE_PAYLOAD_WRONG, and the reason of the pace's signal
 */
export async function writeSlot(
  { file, entry, payload }: { file: FileHandle; entry: Entry; payload: Payload },
  path: string,
  pace: Pace,
  onBytes: (what: "writing" | "verifying", done: number, all: number) => void,
  openFile: OpenFile = open,
): Promise<void> {
  const written = await withSlot(path, constants.O_RDWR, openFile, (slot) =>
    copy(file, entry, slot, pace, (done) => {
      onBytes("writing", done, entry.bytes);
    }),
  );
  if (written !== payload.sha256)
    throw new MinerError("UPDATE_PAYLOAD_WRONG", { payload: payload.name, sha256: written });
  // The kernel forgets what it holds of a block device with its last close: this reads the device itself.
  const found = await withSlot(path, constants.O_RDONLY, openFile, (slot) =>
    hashOf(slot, 0, entry.bytes, pace, (done) => {
      onBytes("verifying", done, entry.bytes);
    }),
  ).catch((error: unknown) => {
    if (!isMinerError(error, "UPDATE_BUNDLE_INVALID")) throw error;
    return "it ends too early";
  });
  if (found !== payload.sha256) throw new MinerError("UPDATE_SLOT_DIFFERS", { slot: path, found });
}

async function copy(
  from: FileHandle,
  { at, bytes }: Entry,
  to: FileHandle,
  pace: Pace,
  onBytes: (done: number) => void,
): Promise<string> {
  const hash = createHash("sha256");
  let unsynced = 0;
  for (let done = 0; done < bytes;) {
    const chunk = await readExactly(from, at + done, Math.min(CHUNK_BYTES, bytes - done));
    hash.update(chunk);
    await writeAll(to, chunk, done);
    done += chunk.length;
    unsynced += chunk.length;
    if (unsynced >= SYNC_BYTES) {
      await to.datasync();
      unsynced = 0;
    }
    onBytes(done);
    await pace.take(chunk.length);
  }
  await to.sync();
  return hash.digest("hex");
}

async function writeAll(to: FileHandle, chunk: Buffer, at: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await to.write(chunk, done, chunk.length - done, at + done);
    done += bytesWritten;
  }
}

function withSlot<Result>(
  path: string,
  flags: number,
  openFile: OpenFile,
  act: (slot: FileHandle) => Promise<Result>,
): Promise<Result> {
  return toldAs(path, async () => {
    const slot = await openFile(path, flags);
    try {
      return await act(slot);
    } finally {
      await slot.close();
    }
  });
}

/** What the operating system says about a slot. */
async function toldAs<Result>(slot: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    if (isMinerError(cause) || (cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw new MinerError("UPDATE_SLOT_UNWRITABLE", { slot, reason: String(cause) }, { cause });
  }
}
