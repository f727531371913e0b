import { copyFile, link, open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** For a file that was not there before: its owner alone reads what the program knows. */
const NEW_FILE_MODE = 0o600;

/** Where the generation before is kept. */
export function previousOf(path: string): string {
  return `${path}.previous`;
}

/**
 * Replaces a file so that, whenever power fails, either the old or the new content is there whole: written beside
 * (`.new`), synced, renamed over, and the folder synced. Keeps the file's mode, and follows a symbolic link.
 * `keepsPrevious` keeps the old content as `.previous`. Rejects with what the operating system says; the old content is
 * then untouched. One call at a time for a file. Content in pieces is written piece by piece.
 *
 * Not write-file-atomic (7.0.0, read): it does not sync the folder, so that a rename can be lost with the power, and its
 * temporary files have a new name in each process and stay behind when it is killed.
 */
export async function writeFileDurably(
  path: string,
  content: string | Iterable<Buffer>,
  keepsPrevious = false,
): Promise<void> {
  const mode = await modeOf(path);
  const target = mode === undefined ? path : await realpath(path);
  const fresh = `${target}.new`;
  try {
    await writeSynced(fresh, content, mode ?? NEW_FILE_MODE);
    if (keepsPrevious && mode !== undefined) await keepPrevious(target, previousOf(path));
    await rename(fresh, target);
  } catch (error) {
    // What cannot be taken away is written over the next time.
    await rm(fresh, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncPath(dirname(target));
}

/** Makes what the kernel holds of a file or folder durable. */
export async function syncPath(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The file gets a second name, so that there is no instant without one under its own. */
async function keepPrevious(file: string, previous: string): Promise<void> {
  const linked = `${previous}.new`;
  await rm(linked, { force: true });
  try {
    await link(file, linked);
  } catch {
    // A file system without links.
    await copyFile(file, linked);
    await syncPath(linked);
  }
  await rename(linked, previous);
}

/** Permission bits; undefined when there is no file. */
async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o7777;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function writeSynced(
  path: string,
  content: string | Iterable<Buffer>,
  mode: number,
): Promise<void> {
  const file = await open(path, "w", mode);
  try {
    // One that was left behind has the mode it had, and a new one lacks what the process masks.
    await file.chmod(mode);
    await writeFile(file, content, "utf8");
    await file.sync();
  } finally {
    await file.close();
  }
}
