import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** For a file that was not there before: its owner alone reads what the program knows. */
const NEW_FILE_MODE = 0o600;

/**
 * Replaces a file so that, whenever power fails, either the old or the new content is there whole. Keeps the
 * file's mode, and follows a symbolic link. Libraries for this leave the folder unsynced, and with it the new name.
 * Throws what the operating system says; the old content is then untouched.
 */
export function writeFileDurably(path: string, content: string | Uint8Array): void {
  const old = statSync(path, { throwIfNoEntry: false });
  const target = old === undefined ? path : realpathSync(path);
  const temporary = `${target}.tmp`;
  const bytes = Buffer.from(content);
  try {
    const file = openSync(temporary, "w", old?.mode ?? NEW_FILE_MODE);
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  const folder = openSync(dirname(target), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
