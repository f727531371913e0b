import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import type { Clock } from "../../lib/clock.js";
import { MinerError, type ErrorCode, type ErrorContext } from "../../lib/errors.js";

const LOOK_MS = 10_000;
/**
 * Less than this counts as full. Decided: a round of everything that is kept, twice over, as a replaced file is there
 * twice for a moment.
 */
const MIN_FREE_BYTES = 1024 * 1024;
/** A write that failed is believed for so long: saving is tried again every ten seconds. */
const FAILED_MS = 60_000;

export interface DiskSpace {
  readonly freeBytes: number;
  /** Undefined where the file system has no fixed number of files. */
  readonly freeFiles: number | undefined;
}

export interface DiskWatchOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  /** DISK_FULL {dir, freeBytes, freeFiles}, DISK_READ_ONLY {dir, reason}: when it begins, and when it is over. */
  readonly onChange: (what: "trouble" | "well", error: MinerError) => void;
  readonly look?: (dir: string) => Promise<DiskSpace>;
  /** Rejects when nothing can be written. */
  readonly probe?: (dir: string) => Promise<void>;
}

/** Whether what has to be kept can be kept. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #told = new Set<ErrorCode>();
  #isFull: boolean | undefined;
  #failedAtMs = -Infinity;
  #isReadOnly: boolean | undefined;
  #cancel: () => void = () => undefined;
  #isStopped = false;

  private constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  /** Looks at once and then every ten seconds. Never fails. */
  static async start(options: DiskWatchOptions): Promise<DiskWatch> {
    const watch = new DiskWatch(options);
    await watch.#lookAgain();
    return watch;
  }

  /** Undefined when nobody can say. */
  get isFull(): boolean | undefined {
    return this.#isFull;
  }

  /** Undefined when nobody can say. */
  get isReadOnly(): boolean | undefined {
    return this.#isReadOnly;
  }

  /** Why a write failed: it may say so before the next look, and where a look sees nothing of a quota. */
  failed(cause: unknown): void {
    const { code } = (cause ?? {}) as Partial<NodeJS.ErrnoException>;
    if (code === "EROFS") this.#readOnly(code);
    if (code !== "ENOSPC" && code !== "EDQUOT") return;
    this.#failedAtMs = this.#options.clock.nowMs();
    this.#full(true, { reason: code });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #lookAgain(): Promise<void> {
    const { dataDir, look = spaceOf, probe = assertWritable, clock } = this.#options;
    try {
      const { freeBytes, freeFiles } = await look(dataDir);
      const isFull = freeBytes < MIN_FREE_BYTES || freeFiles === 0;
      const hasFailed = clock.nowMs() - this.#failedAtMs < FAILED_MS;
      if (isFull || !hasFailed) this.#full(isFull, { freeBytes, freeFiles: freeFiles ?? null });
    } catch {
      this.#isFull = undefined; // who asks hears that nobody knows
    }
    const reason = await probe(dataDir).then(
      () => undefined,
      (error: unknown) => String((error as Partial<NodeJS.ErrnoException>).code ?? error),
    );
    this.#readOnly(reason);
    if (this.#isStopped) return;
    this.#cancel = clock.after(LOOK_MS, () => {
      void this.#lookAgain();
    });
  }

  #full(isFull: boolean, facts: ErrorContext): void {
    this.#isFull = isFull;
    this.#tell(isFull, "DISK_FULL", facts);
  }

  #readOnly(reason: string | undefined): void {
    this.#isReadOnly = reason !== undefined;
    this.#tell(this.#isReadOnly, "DISK_READ_ONLY", { reason: reason ?? null });
  }

  #tell(isSo: boolean, code: ErrorCode, facts: ErrorContext): void {
    if (isSo === this.#told.has(code)) return;
    if (isSo) this.#told.add(code);
    else this.#told.delete(code);
    const { dataDir, onChange } = this.#options;
    onChange(isSo ? "trouble" : "well", new MinerError(code, { dir: dataDir, ...facts }));
  }
}

async function spaceOf(dir: string): Promise<DiskSpace> {
  const { bavail, bsize, files, ffree } = await statfs(dir);
  return { freeBytes: bavail * bsize, freeFiles: files === 0 ? undefined : ffree };
}

async function assertWritable(dir: string): Promise<void> {
  await access(dir, constants.W_OK);
}
