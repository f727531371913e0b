import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { MinerError } from "../lib/errors.js";
import { KeptState, type KeptStateOptions } from "../lib/kept-state.js";
import type { StateFormat } from "../lib/state-text.js";
import { parsePublicKey, type PublicKey } from "./minisign.js";

const KeysText = z.object({
  added: z.array(z.object({ text: z.string(), name: z.string() })),
  /** Ids of the maker's keys that the owner took out. */
  removed: z.array(z.string()),
});
type KeysText = z.infer<typeof KeysText>;

const FORMAT: StateFormat<KeysText> = {
  migrations: [null],
  parse: (plain) => KeysText.parse(plain),
  plain: (keys) => keys,
};

export interface TrustedKey {
  readonly id: string;
  readonly by: "maker" | "owner";
  readonly name: string;
  readonly text: string;
}

/** Whose bundles are taken: the maker's, that the image brings and the owner may take out, and the owner's own. */
export class TrustedKeys {
  readonly #file: KeptState<KeysText>;
  readonly #maker: readonly TrustedKey[];
  #kept: KeysText;

  private constructor(file: KeptState<KeysText>, maker: readonly TrustedKey[]) {
    this.#file = file;
    this.#maker = maker;
    this.#kept = file.found ?? { added: [], removed: [] };
    // What the owner took out is not known any more: nobody is trusted before the owner says so again.
    if (file.isIncomplete && file.found === undefined)
      this.#kept = { added: [], removed: maker.map(({ id }) => id) };
  }

  /** Never fails: a key of the maker that cannot be read is none. */
  static async open(
    options: Omit<KeptStateOptions<unknown>, "format">,
    makerKeysDir: string,
  ): Promise<TrustedKeys> {
    const file = await KeptState.open({ ...options, format: FORMAT });
    return new TrustedKeys(file, await makerKeys(makerKeysDir));
  }

  list(): readonly TrustedKey[] {
    const { added, removed } = this.#kept;
    const maker = this.#maker.filter(({ id }) => !removed.includes(id));
    const own = added.map(({ text, name }) => keyOf(text, name, "owner"));
    return [...maker, ...own.filter(({ id }) => maker.every((each) => each.id !== id))];
  }

  parsed(): readonly PublicKey[] {
    return this.list().map(({ text }) => parsePublicKey(text));
  }

  /** A key of the maker that was taken out comes back. Rejects with KEY_INVALID */
  async add(text: string, name: string): Promise<TrustedKey & { readonly isKept: boolean }> {
    const key = keyOf(text, name, "owner");
    const { added, removed } = this.#kept;
    const others = added.filter((each) => keyOf(each.text, each.name, "owner").id !== key.id);
    const isMaker = this.#maker.some(({ id, text: known }) => id === key.id && known === key.text);
    const isKept = await this.#keep({
      added: isMaker ? others : [...others, { text: key.text, name }],
      removed: isMaker ? removed.filter((id) => id !== key.id) : removed,
    });
    return { ...key, ...(isMaker && { by: "maker" as const }), isKept };
  }

  /** Rejects with KEY_UNKNOWN, KEY_IS_LAST */
  async remove(id: string, mayBeLast: boolean): Promise<{ readonly isKept: boolean }> {
    const now = this.list();
    const key = now.find((each) => each.id === id);
    if (key === undefined)
      throw new MinerError("KEY_UNKNOWN", { id, known: now.map((each) => each.id).join(", ") });
    if (now.length === 1 && !mayBeLast) throw new MinerError("KEY_IS_LAST", { id });
    const { added, removed } = this.#kept;
    const isOther = ({ text, name }: KeysText["added"][number]): boolean =>
      keyOf(text, name, "owner").id !== id;
    const isMaker = this.#maker.some((each) => each.id === id);
    return {
      isKept: await this.#keep({
        added: added.filter(isOther),
        removed: isMaker && !removed.includes(id) ? [...removed, id] : removed,
      }),
    };
  }

  async stop(): Promise<void> {
    await this.#file.stop();
  }

  #keep(keys: KeysText): Promise<boolean> {
    this.#kept = keys;
    return this.#file.save(keys);
  }
}

function keyOf(text: string, name: string, by: TrustedKey["by"]): TrustedKey {
  const key = parsePublicKey(text);
  return { id: key.id, by, name, text: key.text };
}

async function makerKeys(dir: string): Promise<readonly TrustedKey[]> {
  const names = await readdir(dir).catch(() => []); // an image without keys of a maker
  const found = await Promise.all(
    names
      .filter((name) => name.endsWith(".pub"))
      .sort()
      .map(async (name) => {
        try {
          return [keyOf(await readFile(join(dir, name), "utf8"), name, "maker")];
        } catch {
          return [];
        }
      }),
  );
  return found.flat();
}
