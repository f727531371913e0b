import { mkdir, open, readFile, rm, stat, statfs, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { writeFileDurably } from "../lib/durable-file.js";
import { MinerError } from "../lib/errors.js";

/** What the data directory keeps free for everything else. */
const SPARE_BYTES = 16 * 1024 * 1024;

/** What a file that is not whole yet is a part of. */
const Origin = z.object({ url: z.string(), etag: z.nullable(z.string()) });
export type Origin = z.infer<typeof Origin>;

export interface StoreOptions {
  readonly dir: string;
  readonly maxBytes: number;
  /** Of the file system; others for tests. */
  readonly freeBytes?: (dir: string) => Promise<number>;
}

/** The one bundle that is fetched or uploaded, and what is there of it. */
export class BundleStore {
  readonly #options: StoreOptions;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  get path(): string {
    return join(this.#options.dir, "bundle.part");
  }

  async bytes(): Promise<number> {
    return stat(this.path).then(
      ({ size }) => size,
      () => 0,
    );
  }

  /** Null: nobody knows, so that nothing can be continued. */
  async origin(): Promise<Origin | null> {
    try {
      return Origin.parse(JSON.parse(await readFile(this.#originFile, "utf8")));
    } catch {
      return null;
    }
  }

  /** Empties it for another bundle. Rejects with UPDATE_NO_SPACE */
  async begin(origin: Origin): Promise<void> {
    await this.clear();
    await asSpace(this.#options.dir, async () => {
      await mkdir(this.#options.dir, { recursive: true });
      await writeFileDurably(this.#originFile, JSON.stringify(origin));
    });
  }

  async clear(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(this.#originFile, { force: true });
  }

  /** Rejects with UPDATE_TOO_LARGE, UPDATE_NO_SPACE when so many more do not fit in. */
  async assertRoom(moreBytes: number): Promise<void> {
    const { dir, maxBytes, freeBytes = freeOf } = this.#options;
    const bytes = (await this.bytes()) + moreBytes;
    if (bytes > maxBytes)
      throw new MinerError("UPDATE_TOO_LARGE", { what: "bundle", bytes, maxBytes });
    await mkdir(dir, { recursive: true });
    const free = await freeBytes(dir);
    const needs = moreBytes + SPARE_BYTES;
    if (free < needs)
      throw new MinerError("UPDATE_NO_SPACE", { dir, freeBytes: free, neededBytes: needs });
  }

  /** Adds what comes, each piece after `pace`. Rejects with UPDATE_TOO_LARGE, UPDATE_NO_SPACE, and with what the pieces do */
  async append(
    pieces: AsyncIterable<Uint8Array>,
    pace: (bytes: number) => Promise<void>,
    onBytes: (bytes: number) => void = () => undefined,
  ): Promise<number> {
    const { dir, maxBytes } = this.#options;
    await asSpace(dir, () => mkdir(dir, { recursive: true }));
    const file = await asSpace(dir, () => open(this.path, "a", 0o600));
    try {
      let { size } = await file.stat();
      for await (const piece of pieces) {
        size += piece.length;
        if (size > maxBytes)
          throw new MinerError("UPDATE_TOO_LARGE", { what: "bundle", bytes: size, maxBytes });
        await asSpace(dir, () => writeWhole(file, piece));
        onBytes(size);
        await pace(piece.length);
      }
      await asSpace(dir, () => file.sync());
      return size;
    } finally {
      await file.close();
    }
  }

  get #originFile(): string {
    return join(this.#options.dir, "bundle.origin.json");
  }
}

async function writeWhole(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let done = 0; done < piece.length;)
    done += (await file.write(piece, done, piece.length - done)).bytesWritten;
}

async function freeOf(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

/** What the file system says of its space. */
async function asSpace<Result>(dir: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    throw new MinerError("UPDATE_NO_SPACE", { dir, reason: String(cause) }, { cause });
  }
}
