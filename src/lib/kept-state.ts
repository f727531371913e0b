import type { Clock } from "./clock.js";
import { MinerError, type ErrorCode } from "./errors.js";
import { StateFile, type LoadedState, type UnreadableFile } from "./state-file.js";
import type { StateFormat } from "./state-text.js";

/** How long after a save that failed it is tried again: space comes back when somebody makes some. */
const RETRY_MS = 10_000;

export interface KeptStateOptions<State> {
  /** Its folder must exist. */
  readonly path: string;
  readonly format: StateFormat<State>;
  readonly clock: Clock;
  readonly codes?: {
    /** {file, reason, keptAs, continuedFrom: "previous" or "nothing"}; STATE_UNREADABLE when left out. */
    readonly unreadable: ErrorCode;
    /** {file, reason}; STATE_NOT_SAVED when left out. */
    readonly notSaved: ErrorCode;
  };
  /**
   * While opening: the first of `codes`, or STATE_NEWER with the same facts for a file of a later program. Later: the
   * second when saving begins to fail, once until it works again.
   */
  readonly onTrouble: (error: MinerError) => void;
}

/** A small state that outlives the process and a loss of power, and says what it could not read or write. */
export class KeptState<State> {
  /** What the disk held; undefined when it held none. */
  readonly found: State | undefined;
  /** Something was there that is not known any more. */
  readonly isIncomplete: boolean;
  readonly #options: KeptStateOptions<State>;
  readonly #file: StateFile<State>;
  #unsaved: State | undefined;
  #isFailing = false;
  #cancelRetry: () => void = () => undefined;

  private constructor(
    options: KeptStateOptions<State>,
    file: StateFile<State>,
    loaded: LoadedState<State>,
  ) {
    this.#options = options;
    this.#file = file;
    this.found = loaded.is === "loaded" ? loaded.state : undefined;
    this.isIncomplete = loaded.trouble.length > 0;
  }

  /** A restart would know all. */
  get isSaved(): boolean {
    return this.#unsaved === undefined;
  }

  /** Never fails. */
  static async open<State>(options: KeptStateOptions<State>): Promise<KeptState<State>> {
    const file = new StateFile(options.path, options.format);
    const loaded = await file.load();
    const continuedFrom = loaded.is === "loaded" ? "previous" : "nothing";
    for (const trouble of loaded.trouble)
      options.onTrouble(unreadable(trouble, continuedFrom, options.codes?.unreadable));
    return new KeptState(options, file, loaded);
  }

  /**
   * Resolves with whether a restart would know of it. What could not be saved is tried again until it can be or
   * something newer is.
   */
  async save(state: State): Promise<boolean> {
    this.#cancelRetry();
    this.#unsaved = state;
    try {
      await this.#file.save(state);
    } catch (cause) {
      this.#tellFailure(cause);
      if (this.#unsaved === state) this.#saveLater(state);
      return false;
    }
    this.#isFailing = false;
    if (this.#unsaved === state) this.#unsaved = undefined;
    return true;
  }

  /** Tries for the last time what could not be saved yet. */
  async stop(): Promise<void> {
    if (this.#unsaved !== undefined) await this.save(this.#unsaved);
    this.#cancelRetry();
  }

  #saveLater(state: State): void {
    this.#cancelRetry();
    this.#cancelRetry = this.#options.clock.after(RETRY_MS, () => {
      void this.save(state);
    });
  }

  #tellFailure(cause: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const { path, codes, onTrouble } = this.#options;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const code = codes?.notSaved ?? "STATE_NOT_SAVED";
    onTrouble(new MinerError(code, { file: path, reason }, { cause }));
  }
}

function unreadable(
  { file, why, reason, keptAs }: UnreadableFile,
  continuedFrom: string,
  code: ErrorCode = "STATE_UNREADABLE",
): MinerError {
  const facts = { file, reason, keptAs: keptAs ?? null, continuedFrom };
  return new MinerError(why === "newer" ? "STATE_NEWER" : code, facts);
}
