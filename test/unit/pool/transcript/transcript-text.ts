/** Any hash meets this difficulty, and none that chance gives meets difficulty 1. */
export const TRIVIAL = 1e-12;
const MASK = "1fffe000";

const USER = "account.worker";
const NTIME = 0x685468d7;

export interface JobOptions {
  readonly clean?: boolean;
  /** Digit that fills the previous hash. */
  readonly block?: string;
  readonly coinb1?: string;
  readonly version?: string;
}

export interface ShareOptions {
  readonly user?: string;
  readonly job?: unknown;
  readonly extranonce2?: string;
  /** Seconds after the ntime of all jobs. */
  readonly later?: number;
  readonly nonce?: string;
  /** Null for five parameters. */
  readonly bits?: string | null;
  readonly id?: unknown;
}

/** Writes the transcript of a conversation, a second a line. */
export class TranscriptText {
  readonly #lines: string[] = [];
  #second = 0;
  #id = 0;
  #nonce = 0;

  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  /** A line as it is. */
  raw(line: string): this {
    this.#lines.push(line);
    return this;
  }

  pause(seconds: number): this {
    this.#second += seconds;
    return this;
  }

  /** From the miner. */
  ask(method: string, params: readonly unknown[], id: unknown = ++this.#id): this {
    return this.#line(">", { id, method, params });
  }

  /** From the pool, without being asked. */
  tell(method: string, ...params: readonly unknown[]): this {
    return this.#line("<", { id: null, method, params });
  }

  /** An answer to the newest request, or to `id`. */
  answer(result: unknown, error: unknown = null, id: unknown = this.#id): this {
    return this.#line("<", { id, result, error });
  }

  /** The usual beginning, up to a job `1` of the difficulty; `mask` null is for no version rolling. */
  open({
    difficulty = TRIVIAL,
    mask = MASK,
    extranonce1 = "aabbccdd",
  }: { difficulty?: number; mask?: string | null; extranonce1?: string } = {}): this {
    this.#id = 0;
    if (mask !== null)
      this.ask("mining.configure", [["version-rolling"], { "version-rolling.mask": MASK }]).answer({
        "version-rolling": true,
        "version-rolling.mask": mask,
      });
    return this.subscribe(extranonce1)
      .ask("mining.authorize", [USER, "x"])
      .answer(true)
      .tell("mining.set_difficulty", difficulty)
      .job("1", { clean: true });
  }

  subscribe(extranonce1 = "aabbccdd", size = 4): this {
    return this.ask("mining.subscribe", ["miner/1.0"]).answer([[], extranonce1, size]);
  }

  job(id: unknown, { clean = false, block = "1", coinb1 = "01", version }: JobOptions = {}): this {
    const prevhash = block.repeat(64);
    const times = [version ?? "20000000", "17023a04", NTIME.toString(16)];
    return this.tell("mining.notify", id, prevhash, coinb1, "02", [], ...times, clean);
  }

  /** A submit; each has another nonce unless it is given. */
  share(options: ShareOptions = {}): this {
    const {
      user = USER,
      job = "1",
      extranonce2 = "00000001",
      later = 0,
      bits = "00002000",
    } = options;
    const ntime = (NTIME + later).toString(16);
    const nonce = options.nonce ?? (++this.#nonce).toString(16).padStart(8, "0");
    const params = [user, job, extranonce2, ntime, nonce, ...(bits === null ? [] : [bits])];
    return this.ask("mining.submit", params, options.id ?? ++this.#id);
  }

  accepted(id: unknown = this.#id): this {
    return this.answer(true, null, id);
  }

  refused(text = "Above target", id: unknown = this.#id): this {
    return this.answer(false, [23, text, null], id);
  }

  #line(dir: ">" | "<", message: object): this {
    this.#second += 1;
    return this.raw(`${this.#second}.000000 ${dir} ${JSON.stringify(message)}`);
  }
}
