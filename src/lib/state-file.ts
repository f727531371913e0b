import { readFile } from "node:fs/promises";
import { previousOf, writeFileDurably } from "./durable-file.js";
import { keepAside } from "./keep-aside.js";
import { NewerVersionError, parseStateText, stateText, type StateFormat } from "./state-text.js";

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
  readonly why: "damaged" | "newer" | "missing";
  readonly reason: string;
  /** Where it was kept; undefined when it could not be, or there was nothing to keep. */
  readonly keptAs: string | undefined;
}

/**
 * A small state in a file that is always whole: at any instant, power loss included, the file holds the last or the
 * last but one saved state, and the generation before is kept as `.previous`. A file that cannot be read gets a second
 * name before another takes its place, and until then it stands where it is: a start that is cut short changes nothing.
 */
export class StateFile<State> {
  readonly #path: string;
  readonly #format: StateFormat<State>;
  #saving: Promise<void> = Promise.resolve();
  #mustNotReplace = false;
  /** What stands in the file is worth to be the generation before. */
  #isGood = true;

  constructor(path: string, format: StateFormat<State>) {
    this.#path = path;
    this.#format = format;
  }

  /** Before the first save. Never throws: what is wrong stands in `trouble`. */
  async load(): Promise<LoadedState<State>> {
    const trouble: UnreadableFile[] = [];
    const file = await this.#read(this.#path);
    if (file.is === "read") return { is: "loaded", state: file.state, from: "file", trouble };
    if (file.is === "unreadable") {
      this.#isGood = false;
      trouble.push(file.file);
    }
    const previous = await this.#read(previousOf(this.#path));
    if (previous.is === "absent") return { is: "none", trouble };
    // No save leaves it so, and nobody knows what was in it.
    if (file.is === "absent")
      trouble.push({ file: this.#path, why: "missing", reason: "missing", keptAs: undefined });
    if (previous.is === "read")
      return { is: "loaded", state: previous.state, from: "previous", trouble };
    trouble.push(previous.file);
    return { is: "none", trouble };
  }

  /**
   * Saves follow one another. Rejects with the error of the file system; the file is then as it was. Rejects with
   * EEXIST when a file that could not be read could not be kept either.
   */
  save(state: State): Promise<void> {
    const text = stateText(this.#format, state);
    const saved = this.#saving.then(() => this.#write(text));
    this.#saving = saved.catch(() => undefined); // told to who asked
    return saved;
  }

  async #read(file: string): Promise<ReadFile<State>> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await readFile(file);
      const text = new TextDecoder("utf8", { fatal: true, ignoreBOM: true }).decode(bytes);
      return { is: "read", state: parseStateText(this.#format, text) };
    } catch (error) {
      if (ABSENT.includes(codeOf(error) ?? "")) return { is: "absent" };
      const why = error instanceof NewerVersionError ? "newer" : "damaged";
      const keptAs = await keepAside(file, why, bytes);
      this.#mustNotReplace ||= keptAs === undefined;
      const reason = error instanceof Error ? error.message : String(error);
      return { is: "unreadable", file: { file, why, reason, keptAs } };
    }
  }

  async #write(text: string): Promise<void> {
    if (this.#mustNotReplace)
      throw Object.assign(new Error("an unreadable file stands in the way"), { code: "EEXIST" });
    await writeFileDurably(this.#path, text, this.#isGood);
    this.#isGood = true;
  }
}

/** No file, or no folder of its own. */
const ABSENT = ["ENOENT", "ENOTDIR"];

type ReadFile<State> =
  | { readonly is: "read"; readonly state: State }
  | { readonly is: "absent" }
  | { readonly is: "unreadable"; readonly file: UnreadableFile };

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
