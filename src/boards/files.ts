import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseDocument } from "yaml";
import en from "zod/v4/locales/en.js";
import * as z from "zod/mini";
import { isMinerError, MinerError } from "../lib/errors.js";
import { projectRoot } from "../lib/project-root.js";
import { schemaFaults } from "../lib/schema-faults.js";
import { FILE_KINDS, type FileKind } from "./schema/index.js";

const EXTENSION = ".yaml";

/** A fault of a hardware data file: where, what is there, what must be. */
export interface BoardFault {
  readonly file: string;
  /** Path inside the file, like `freqMHz.nominal`; empty for the whole file. */
  readonly path: string;
  readonly value: string;
  readonly expectation: string;
}

/** The boards/ folder that belongs to the program. */
export function defaultBoardsDir(): string {
  return join(projectRoot(), "boards");
}

/** Names of the files of a kind, sorted. */
export function fileNames(dir: string, kind: FileKind): string[] {
  const folder = join(dir, kind);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(EXTENSION))
    .map((name) => basename(name, EXTENSION))
    .sort();
}

export function filePath(dir: string, kind: FileKind, name: string): string {
  return join(dir, kind, `${name}${EXTENSION}`);
}

/**
 * One file, parsed and checked against its schema.
 * @throws BOARDS_UNKNOWN when there is none, BOARDS_INVALID with the first fault.
 */
export function readBoardFile<Kind extends FileKind>(
  dir: string,
  kind: Kind,
  name: string,
): z.infer<(typeof FILE_KINDS)[Kind]> {
  if (!fileNames(dir, kind).includes(name))
    throw new MinerError("BOARDS_UNKNOWN", {
      kind,
      name,
      known: fileNames(dir, kind).join(", "),
    });
  const file = filePath(dir, kind, name);
  const parsed = parseBoardText(readFileSync(file, "utf8"), kind, file);
  const [fault] = parsed.faults;
  if (fault !== undefined) throw boardsInvalid(fault);
  return parsed.value as z.infer<(typeof FILE_KINDS)[Kind]>;
}

/**
 * The file of a name, whatever it describes. A machine comes before a hashboard of the same name.
 * @throws BOARDS_UNKNOWN, BOARDS_INVALID
 */
export function findBoardFile(dir: string, name: string): { kind: FileKind; value: object } {
  const kinds = Object.keys(FILE_KINDS) as FileKind[];
  const kind = kinds.find((candidate) => fileNames(dir, candidate).includes(name));
  if (kind === undefined) {
    const known = kinds.flatMap((candidate) => fileNames(dir, candidate)).join(", ");
    throw new MinerError("BOARDS_UNKNOWN", { name, known });
  }
  return { kind, value: readBoardFile(dir, kind, name) };
}

/** Checks a text against YAML 1.2 (no duplicate keys) and the schema of its kind. */
export function parseBoardText(
  text: string,
  kind: FileKind,
  file: string,
): { value: unknown; faults: BoardFault[] } {
  const { data, faults } = plainData(text, file);
  if (faults.length > 0) return { value: undefined, faults };
  const result = z.safeParse(FILE_KINDS[kind], data, { error: en().localeError });
  if (result.success) return { value: result.data, faults: [] };
  return {
    value: undefined,
    faults: schemaFaults(result.error.issues, data).map(({ path, value, expected }) => ({
      file,
      path: path.map(String).join("."),
      value: shown(value),
      expectation: expected,
    })),
  };
}

/**
 * What a text says, and what is wrong with it as YAML. JSON is YAML too, and images have it as JSON.stringify writes it,
 * because a slow processor reads that in a tenth of the time.
 */
function plainData(text: string, file: string): { data: unknown; faults: BoardFault[] } {
  if (text.startsWith("{")) {
    const data = jsonOf(text);
    // Written by anything else it may name a key twice, which JSON.parse does not tell.
    if (JSON.stringify(data) === text.trimEnd()) return { data, faults: [] };
  }
  const document = parseDocument(text, { uniqueKeys: true, strict: true });
  const faults = [...document.errors, ...document.warnings].map(({ message, linePos }) => ({
    file,
    path: linePos === undefined ? "" : `line ${linePos[0].line}`,
    value: message.split("\n")[0] ?? message,
    expectation: "YAML 1.2 without duplicate keys",
  }));
  return { data: faults.length > 0 ? undefined : document.toJS(), faults };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function boardsInvalid(fault: BoardFault): MinerError {
  return new MinerError("BOARDS_INVALID", { ...fault });
}

/** The fault that a thrown error carries, for reports of many files. */
export function faultOf(error: unknown): BoardFault | undefined {
  if (!isMinerError(error, "BOARDS_INVALID")) return undefined;
  const { file = "", path = "", value = "", expectation = "" } = error.context;
  return {
    file: String(file),
    path: String(path),
    value: String(value),
    expectation: String(expectation),
  };
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
