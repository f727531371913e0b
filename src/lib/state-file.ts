import { constants, copyFile, link, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncPath, writeFileDurably } from "./durable-file.js";

/** How a state file was found. */
export type LoadedState<State> =
  /** `from`: the file, or the generation before where that was all that could be read. */
  | {
      readonly is: "loaded";
      readonly state: State;
      readonly from: "file" | "previous";
      readonly trouble: readonly UnreadableFile[];
    }
  | { readonly is: "none"; readonly trouble: readonly UnreadableFile[] };

/** A file that could not be used. */
export interface UnreadableFile {
  readonly file: string;
  readonly reason: string;
  /** Where it was kept; undefined when it could not be moved and stands where it was. */
  readonly keptAs: string | undefined;
}

export interface StateFileOptions<State> {
  readonly path: string;
  /** The state that a text holds. Throws when it holds none. */
  readonly parse: (text: string) => State;
  /** Unix milliseconds, for the name of what is set aside. */
  readonly unixMs: () => number;
}

/**
 * A small state in a file that is always whole: at any instant, power loss included, the file holds the last or the
 * last but one saved state, and the generation before is kept as `.previous`. A file that cannot be parsed is set
 * aside and never replaced.
 */
export class StateFile<State> {
  readonly #options: StateFileOptions<State>;
  #saving: Promise<void> = Promise.resolve();
  #mustNotReplace = false;

  constructor(options: StateFileOptions<State>) {
    this.#options = options;
  }

  /** Before the first save. Never throws: what is wrong stands in `trouble`. */
  async load(): Promise<LoadedState<State>> {
    const { path } = this.#options;
    const trouble: UnreadableFile[] = [];
    for (const [file, from] of [
      [path, "file"],
      [this.#previous, "previous"],
    ] as const) {
      const found = await this.#read(file);
      if (found === undefined) continue;
      if ("state" in found) return { is: "loaded", state: found.state, from, trouble };
      trouble.push(found);
    }
    return { is: "none", trouble };
  }

  /**
   * Saves `text`; saves follow one another. Rejects with the error of the file system; the file is then as it was.
   * Rejects with EEXIST when a file that could not be read could not be set aside either.
   */
  save(text: string): Promise<void> {
    const saved = this.#saving.then(() => this.#write(text));
    this.#saving = saved.catch(() => undefined); // told to who asked
    return saved;
  }

  get #previous(): string {
    return `${this.#options.path}.previous`;
  }

  async #read(file: string): Promise<{ readonly state: State } | UnreadableFile | undefined> {
    try {
      return { state: this.#options.parse(await readFile(file, "utf8")) };
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      const keptAs = await this.#setAside(file);
      this.#mustNotReplace ||= keptAs === undefined;
      return { file, reason: error instanceof Error ? error.message : String(error), keptAs };
    }
  }

  async #setAside(file: string): Promise<string | undefined> {
    const name = `${file}.unreadable-${String(this.#options.unixMs())}`;
    try {
      // A link never replaces what has the name already.
      await link(file, name).catch(() => copyFile(file, name, constants.COPYFILE_EXCL));
      await syncPath(name);
      await rm(file);
      await syncPath(dirname(file));
      return name;
    } catch {
      return undefined; // the caller says so, and nothing is written over the file
    }
  }

  async #write(text: string): Promise<void> {
    if (this.#mustNotReplace)
      throw Object.assign(new Error("an unreadable file stands in the way"), { code: "EEXIST" });
    await writeFileDurably(this.#options.path, text, (file) => this.#keepPrevious(file));
  }

  /** The file gets a second name, so that there is no instant without one under its own. */
  async #keepPrevious(file: string): Promise<void> {
    const linked = `${this.#previous}.new`;
    await rm(linked, { force: true });
    try {
      await link(file, linked);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return; // the first save
      // A file system without links.
      await copyFile(file, linked);
      await syncPath(linked);
    }
    await rename(linked, this.#previous);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
