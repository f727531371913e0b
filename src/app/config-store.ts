import { createHash } from "node:crypto";
import type { DrivenMachine } from "../boards/machine-spec.js";
import { MinerError } from "../lib/errors.js";
import { writeFileDurably } from "../lib/durable-file.js";
import type { JsonObject } from "../lib/merge-patch.js";
import { type Config, parseConfig, readConfig } from "./config.js";

/** Fields of the configuration file and what is to stand in them; undefined takes a field away. */
type ConfigChange = object;

/**
 * The configuration file of the running controller. A change is checked as a whole before it is written, and goes
 * into the file as it is on disk: fields that the change does not name stay as their owner wrote them, and the file
 * as it was is kept as `.previous`. It carries no checksum, as its owner writes it too.
 */
export class ConfigStore {
  readonly #path: string;
  /** Changes follow one another. */
  #changing: Promise<unknown> = Promise.resolve();
  #config: Config;
  #revision: string;

  /** Throws as loadConfig does. `known`: see parseConfig. */
  constructor(path: string, known?: DrivenMachine) {
    const text = readConfig(path);
    this.#path = path;
    this.#config = parseConfig(text, path, known);
    this.#revision = revisionOf(text);
  }

  get config(): Config {
    return this.#config;
  }

  /** Changes with the content of the file. */
  get revision(): string {
    return this.#revision;
  }

  /**
   * What stands in the file, as its owner wrote it.
   * @throws CONFIG_UNREADABLE, CONFIG_CHANGED after an edit by hand
   */
  file(): JsonObject {
    return JSON.parse(this.#unedited()) as JsonObject;
  }

  /**
   * The configuration that a change would make. Nothing is written.
   * @throws as change rejects, but CONFIG_UNWRITABLE
   */
  check(change: ConfigChange): Config {
    return this.#parse(this.#changedText(this.#unedited(), change));
  }

  /**
   * Replaces fields, in the file and in `config`.
   * Rejects with CONFIG_CHANGED when `revision` is not the present one or the file was edited since it was read;
   *   CONFIG_INVALID and the like when the result would be refused at start; CONFIG_UNWRITABLE. Nothing has changed then.
   */
  change(change: ConfigChange, revision: string): Promise<Config> {
    const changed = this.#changing.then(() => this.#change(change, revision));
    this.#changing = changed.catch(() => undefined); // told to who asked
    return changed;
  }

  async #change(change: ConfigChange, revision: string): Promise<Config> {
    const text = this.#unedited(revision);
    const changed = this.#changedText(text, change);
    const config = this.#parse(changed);
    try {
      await writeFileDurably(this.#path, changed, true);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MinerError("CONFIG_UNWRITABLE", { file: this.#path, reason }, { cause });
    }
    this.#config = config;
    this.#revision = revisionOf(changed);
    return config;
  }

  #parse(text: string): Config {
    return parseConfig(text, this.#path, this.#config.machineSpec);
  }

  /** The text of the file, if it is the one that `config` was made of and the caller knows. */
  #unedited(revision = this.#revision): string {
    const text = readConfig(this.#path);
    if (revision === this.#revision && revisionOf(text) === this.#revision) return text;
    const facts = { file: this.#path, revision: this.#revision, given: revision };
    throw new MinerError("CONFIG_CHANGED", facts);
  }

  #changedText(text: string, change: ConfigChange): string {
    const file = JSON.parse(text) as JsonObject;
    return `${JSON.stringify({ ...file, ...change }, undefined, 2)}\n`;
  }
}

function revisionOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
