import { createHash } from "node:crypto";
import { constants, copyFile, link, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { syncPath } from "./durable-file.js";

/**
 * Gives a file that must not be lost a second name, beside it; it stays where it is until another takes its place. The
 * same content always gets the same name, however often it is found. Undefined when it could not be kept.
 */
export async function keepAside(
  file: string,
  why: "damaged" | "newer",
  bytes: Uint8Array | undefined,
): Promise<string | undefined> {
  const content = createHash("sha256").update(bytes ?? "");
  const name = `${file}.${why}-${content.digest("hex").slice(0, 8)}`;
  try {
    // Neither replaces what has the name already.
    await link(file, name).catch(() => copyFile(file, name, constants.COPYFILE_EXCL));
    await syncPath(name);
    await syncPath(dirname(file));
    return name;
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === "EEXIST";
    return isTaken && bytes !== undefined && (await holds(name, bytes)) ? name : undefined;
  }
}

async function holds(file: string, bytes: Uint8Array): Promise<boolean> {
  const found = await readFile(file).catch(() => undefined); // as good as another content
  return found?.equals(bytes) === true;
}
