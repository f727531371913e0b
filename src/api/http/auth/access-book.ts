import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import * as z from "zod/mini";
import type { Clock } from "../../../lib/clock.js";
import { MinerError } from "../../../lib/errors.js";
import { KeptState } from "../../../lib/kept-state.js";
import type { StateFormat } from "../../../lib/state-text.js";
import { hashOf, isPassword, PasswordHash, type ScryptWork } from "./password.js";
import { HTTP_SCOPES, type HttpScope } from "./scopes.js";

const FILE = "http-access.json";
const MAX_TOKENS = 32;
const MAX_WAITING = 8;
const BUSY_S = 5;
const ID_BYTES = 4;
const SECRET_BYTES = 32;
/** So that a token is known for one wherever it turns up. */
const TOKEN_TEXT = /^hf_([0-9a-f]{8})_([\w-]{43})$/;

const Token = z.object({
  id: z.string(),
  name: z.string(),
  scope: z.enum(HTTP_SCOPES),
  createdUnixMs: z.number(),
  /** SHA-256 of a random secret: nothing that could be guessed. */
  hash: z.string(),
});
type Token = z.infer<typeof Token>;

const Access = z.object({
  password: z.nullable(PasswordHash),
  /** Of the password, for the pages of stock machines. Never there while they are off. */
  digest: z.optional(z.string()),
  tokens: z.array(Token),
});
type Access = z.infer<typeof Access>;

const FORMAT: StateFormat<Access> = {
  migrations: [null],
  parse: (plain) => Access.parse(plain),
  plain: (access) => access,
};

/** A token as it may be shown. */
export interface ListedToken extends Omit<Token, "hash"> {
  /** Since the start of the program; null: not yet. */
  readonly lastUsedUnixMs: number | null;
}

export interface AccessBookOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly onTrouble: (error: MinerError) => void;
  /** The usual when left out. */
  readonly work?: ScryptWork | undefined;
  /** What is to be kept of the password beside its hash; what an earlier run kept is erased when left out. */
  readonly digestOf?: ((password: string) => string) | undefined;
}

/** Who may come in: the hash of the password and those of the tokens, readable by the owner of the data directory alone. */
export class AccessBook {
  readonly #options: AccessBookOptions;
  readonly #kept: KeptState<Access>;
  readonly #lastUsed = new Map<string, number>();
  #access: Access;
  /** Proofs follow one another: each takes memory and a thread. */
  #proving: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  private constructor(options: AccessBookOptions, kept: KeptState<Access>) {
    this.#options = options;
    this.#kept = kept;
    this.#access = kept.found ?? { password: null, tokens: [] };
  }

  /** Never fails: what cannot be read is kept aside and told, and nobody may come in until a password is set again. */
  static async open(options: AccessBookOptions): Promise<AccessBook> {
    const { dataDir, clock, onTrouble } = options;
    const path = join(dataDir, FILE);
    const kept = await KeptState.open({ path, format: FORMAT, clock, onTrouble });
    const book = new AccessBook(options, kept);
    if (options.digestOf === undefined) await book.#eraseDigest();
    return book;
  }

  get hasPassword(): boolean {
    return this.#access.password !== null;
  }

  /** Undefined: nobody has shown the password since it is kept. */
  get digest(): string | undefined {
    return this.#access.digest;
  }

  get tokens(): readonly ListedToken[] {
    return this.#access.tokens.map(({ id, name, scope, createdUnixMs }) => ({
      ...{ id, name, scope, createdUnixMs },
      lastUsedUnixMs: this.#lastUsed.get(id) ?? null,
    }));
  }

  /** Rejects with HTTP_BUSY when too many are asked for at a time. */
  async isPassword(password: string): Promise<boolean> {
    const { password: kept } = this.#access;
    if (this.#waiting >= MAX_WAITING)
      throw new MinerError("HTTP_BUSY", { most: MAX_WAITING, retryAfterS: BUSY_S });
    this.#waiting += 1;
    const proven = this.#proving.then(async () => {
      const isRight = kept !== null && (await isPassword(password, kept));
      // Another one was set meanwhile.
      if (isRight && this.#access.password === kept) await this.#keepDigest(password);
      return isRight;
    });
    this.#proving = proven.catch(() => undefined); // told to who asked
    try {
      return await proven;
    } finally {
      this.#waiting -= 1;
    }
  }

  async setPassword(password: string): Promise<void> {
    const hash = await hashOf(password, this.#options.work);
    const digest = this.#options.digestOf?.(password);
    const { tokens } = this.#access;
    await this.#save({ password: hash, tokens, ...(digest !== undefined && { digest }) });
  }

  /**
   * Adds a token; its text is told this once.
   * Rejects with HTTP_TOKENS_FULL
   */
  async addToken(name: string, scope: HttpScope): Promise<{ token: string; listed: ListedToken }> {
    const { tokens } = this.#access;
    if (tokens.length >= MAX_TOKENS) throw new MinerError("HTTP_TOKENS_FULL", { most: MAX_TOKENS });
    const id = randomBytes(ID_BYTES).toString("hex");
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    const createdUnixMs = this.#options.clock.unixMs();
    const token = { id, name, scope, createdUnixMs };
    const kept = [...tokens, { ...token, hash: digest(secret) }];
    await this.#save({ ...this.#access, tokens: kept });
    return { token: `hf_${id}_${secret}`, listed: { ...token, lastUsedUnixMs: null } };
  }

  /** False: there was none. */
  async removeToken(id: string): Promise<boolean> {
    const { tokens } = this.#access;
    const left = tokens.filter((token) => token.id !== id);
    if (left.length === tokens.length) return false;
    await this.#save({ ...this.#access, tokens: left });
    return true;
  }

  findToken(text: string): ListedToken | undefined {
    const [, id, secret] = TOKEN_TEXT.exec(text) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const hash = digest(secret);
    // Hashes of random secrets: how long the comparison takes tells nothing that could be used.
    if (!this.#access.tokens.some((token) => token.id === id && token.hash === hash))
      return undefined;
    this.#lastUsed.set(id, this.#options.clock.unixMs());
    return this.tokens.find((token) => token.id === id);
  }

  stop(): Promise<void> {
    return this.#kept.stop();
  }

  async #keepDigest(password: string): Promise<void> {
    const digest = this.#options.digestOf?.(password);
    if (digest !== undefined && digest !== this.#access.digest)
      await this.#save({ ...this.#access, digest });
  }

  async #eraseDigest(): Promise<void> {
    const { digest, ...rest } = this.#access;
    if (digest === undefined) return;
    await this.#save(rest);
    // The generation before is kept too.
    await this.#save(rest);
  }

  async #save(access: Access): Promise<void> {
    this.#access = access;
    await this.#kept.save(access);
  }
}

function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
