import { accessSync, constants, readdirSync, readFileSync, writeFileSync } from "node:fs";

/** The text of a small file of the kernel without the blank at its end; undefined when it cannot be read. */
export function readKernelText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    // Whether the kernel has such a file is what is asked.
    return undefined;
  }
}

/** The same as a whole number; undefined also when it is none. */
export function readKernelNumber(path: string): number | undefined {
  const text = readKernelText(path);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Writes a file of the kernel whole, in one call. Throws what the kernel says. */
export type WriteKernelFile = (path: string, text: string) => void;

export const writeKernelFile: WriteKernelFile = (path, text) => {
  writeFileSync(path, text);
};

/** Whether who runs this program may write a file of the kernel. */
export function mayWriteKernelFile(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Names in a folder of the kernel, sorted; none when there is no such folder. */
export function kernelNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    // As above.
    return [];
  }
}

/** Why a call of the operating system failed, for the facts of an error. */
export function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  return code ?? message;
}
