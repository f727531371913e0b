import { createHash } from "node:crypto";

/** A plain JSON value of one version as one of the next. Pure; throws when it is none of its version. */
export type Migration = (plain: unknown) => unknown;

/** What a state file holds. */
export interface StateFormat<State> {
  /**
   * The one at index N leads from version N to N + 1, so the version that is written is their number. Version 0 is a
   * file without checksum; null where such a file was never written.
   */
  readonly migrations: readonly [Migration | null, ...Migration[]];
  /** The state that a plain JSON value of the newest version stands for. Throws when it stands for none. */
  readonly parse: (plain: unknown) => State;
  readonly plain: (state: State) => unknown;
}

/** The migration from files without checksum, which named their version, 1, among their fields. */
export function asFirstVersion(plain: unknown): unknown {
  const { version, ...state } = plain as Readonly<Record<string, unknown>>;
  if (version !== 1) throw new Error(`version ${String(version)} without checksum`);
  return state;
}

/** A whole file that a later program wrote. */
export class NewerVersionError extends Error {
  readonly version: number;

  constructor(version: number, known: number) {
    super(`version ${version} is newer than ${known}, which this program writes`);
    this.version = version;
  }
}

/** The checksum stands over the exact text of the state, so nothing has to be written in the same way twice. */
const SHAPE = /^\{"version":([1-9]\d{0,5}),"sha256":"([0-9a-f]{64})","state":(.*)\}\n?$/s;

/** One JSON document with its version and its checksum. */
export function stateText<State>(format: StateFormat<State>, state: State): string {
  const version = format.migrations.length;
  const text = JSON.stringify(format.plain(state));
  return `{"version":${version},"sha256":"${sha256Of(version, text)}","state":${text}}\n`;
}

/**
 * The state that a text holds.
 * @throws NewerVersionError; an error with the reason when it holds none
 */
export function parseStateText<State>(format: StateFormat<State>, text: string): State {
  const [version, plain] = versionOf(text);
  const known = format.migrations.length;
  if (version > known) throw new NewerVersionError(version, known);
  return format.parse(
    format.migrations.slice(version).reduce((older, migrate) => {
      if (migrate === null) throw new Error("no checksum");
      return migrate(older);
    }, plain),
  );
}

function versionOf(text: string): readonly [version: number, plain: unknown] {
  const [, version, sha256, state] = SHAPE.exec(text) ?? [];
  if (version !== undefined && state !== undefined) {
    if (sha256Of(Number(version), state) !== sha256) throw new Error("wrong checksum");
    return [Number(version), JSON.parse(state)];
  }
  const plain: unknown = JSON.parse(text);
  // One with a checksum whose frame is damaged is none without a checksum: no single wrong bit hides both names.
  if (typeof plain !== "object" || plain === null || "sha256" in plain || "state" in plain)
    throw new Error("damaged frame");
  return [0, plain];
}

function sha256Of(version: number, text: string): string {
  return createHash("sha256").update(`${version}\n${text}`).digest("hex");
}
