import * as z from "zod/mini";
import { isDeepStrictEqual } from "node:util";
import { MinerError } from "../lib/errors.js";
import { isObject, mergePatch, type JsonObject } from "../lib/merge-patch.js";
import type { Config } from "./config.js";
import { withoutSecrets, withSecrets } from "./config-secrets.js";
import type { ConfigStore } from "./config-store.js";

/** What holds as soon as it is written; everything else is read at the start of the controller. */
const POOL_FIELDS = ["pools", "groups", "failover"];
const SET_POINTS = ["freqMHz", "railMv", "powerW"];
/** What the program runs or opens as root: whoever is only asked over a network does not change it. */
const BY_HAND = ["deviceDir", "rebootWith"];
const AT_ONCE = [...POOL_FIELDS, ...SET_POINTS];

export const ConfigPatch = z.strictObject({
  patch: z.record(z.string(), z.unknown()),
  revision: z.optional(z.string()),
});

export interface ConfigView {
  /** To be sent back with a change. */
  readonly revision: string;
  /** The file as its owner wrote it; secrets hidden. */
  readonly config: JsonObject;
}

export interface FieldChange {
  /** As pools, cooling.targetC. */
  readonly path: string;
  /** Null: not in the file. */
  readonly before: unknown;
  readonly after: unknown;
  readonly takesEffect: "now" | "restart";
}

export interface ConfigPlan {
  readonly changes: readonly FieldChange[];
  /** By what takes effect now: pools, clock and voltage change while the machine hashes. */
  readonly interruptsHashing: false;
  /** Something waits for machine.restart, which interrupts hashing. */
  readonly needsRestart: boolean;
}

interface ConfigResult extends ConfigPlan {
  readonly revision: string;
}

export interface ConfigCommandParts {
  readonly store: ConfigStore;
  /** Takes over what the store has written about pools. */
  readonly applyPools: (config: Config) => void;
  /** Writes set-points and applies them, or leaves all as it was; null takes one out of the file. */
  readonly setPoints: (wish: Readonly<Record<string, unknown>>) => Promise<unknown>;
  /** Throws when the chips' PLL cannot make a clock. */
  readonly assertReachable: (freqMHz: number) => void;
}

/** The commands about the configuration as a whole. */
export class ConfigCommands {
  readonly #parts: ConfigCommandParts;

  constructor(parts: ConfigCommandParts) {
    this.#parts = parts;
  }

  /** @throws CONFIG_CHANGED after an edit by hand, CONFIG_UNREADABLE */
  get(): ConfigView {
    const { store } = this.#parts;
    return { revision: store.revision, config: withoutSecrets(store.file()) as JsonObject };
  }

  /**
   * What a patch would change. Nothing is written.
   * @throws what ConfigStore.check throws
   */
  check({ patch, revision }: z.infer<typeof ConfigPatch>): ConfigPlan {
    this.#assertRevision(revision);
    const { before, after } = this.#merged(patch);
    this.#checked(before, after);
    return planOf(before, after);
  }

  /**
   * Merges a patch into the file (RFC 7396), all or nothing, and applies what can be applied at once.
   * Rejects with what ConfigStore.change and MachineCommands.set reject with
   */
  async set({ patch, revision }: z.infer<typeof ConfigPatch>): Promise<ConfigResult> {
    const { store, applyPools, setPoints } = this.#parts;
    this.#assertRevision(revision);
    const { before, after } = this.#merged(patch);
    this.#checked(before, after);
    const changed = changedFields(before, after);
    const isSetPoint = (field: string): boolean => SET_POINTS.includes(field);
    const rest = changed.filter((field) => !isSetPoint(field));
    if (rest.length > 0) await store.change(pick(after, rest), revision ?? store.revision);
    const points = changed.filter(isSetPoint);
    if (points.length > 0) {
      try {
        await setPoints(Object.fromEntries(points.map((field) => [field, after[field] ?? null])));
      } catch (error) {
        if (rest.length > 0) await store.change(pick(before, rest), store.revision);
        throw error;
      }
    }
    if (rest.some((field) => POOL_FIELDS.includes(field))) applyPools(store.config);
    return { ...planOf(before, after), revision: store.revision };
  }

  #assertRevision(given: string | undefined): void {
    const { revision } = this.#parts.store;
    if (given !== undefined && given !== revision)
      throw new MinerError("CONFIG_CHANGED", { revision, given });
  }

  #merged(patch: JsonObject): { readonly before: JsonObject; readonly after: JsonObject } {
    const before = this.#parts.store.file();
    const after = mergePatch(before, patch) as JsonObject;
    return { before, after: withSecrets(after, before) as JsonObject };
  }

  #checked(before: JsonObject, after: JsonObject): void {
    const { store, assertReachable } = this.#parts;
    const changed = changedFields(before, after);
    const forbidden = changed.find((field) => BY_HAND.includes(field));
    if (forbidden !== undefined) {
      const expected = "what stands there: it is changed by hand only";
      throw new MinerError("CONFIG_INVALID", { path: forbidden, expected });
    }
    const { targetMHz } = store.check(pick(after, changed));
    if (changed.includes("freqMHz")) assertReachable(targetMHz);
  }
}

/** Fields as they are to stand in the file; undefined where they are to go. */
function pick(file: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(fields.map((field) => [field, file[field]]));
}

function changedFields(before: JsonObject, after: JsonObject): readonly string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].filter((field) => !isDeepStrictEqual(before[field], after[field]));
}

function planOf(before: JsonObject, after: JsonObject): ConfigPlan {
  const changes = differences(before, after, "");
  const needsRestart = changes.some(({ takesEffect }) => takesEffect === "restart");
  return { changes, interruptsHashing: false, needsRestart };
}

/** Field by field; lists as a whole. */
function differences(before: JsonObject, after: JsonObject, within: string): FieldChange[] {
  return changedFields(before, after).flatMap((field) => {
    const path = within === "" ? field : `${within}.${field}`;
    const [old, fresh] = [before[field], after[field]];
    if (isObject(old) && isObject(fresh)) return differences(old, fresh, path);
    const isAtOnce = AT_ONCE.includes(path.split(".")[0] ?? "");
    return [
      {
        path,
        before: withoutSecrets(old ?? null, field),
        after: withoutSecrets(fresh ?? null, field),
        takesEffect: isAtOnce ? ("now" as const) : ("restart" as const),
      },
    ];
  });
}
