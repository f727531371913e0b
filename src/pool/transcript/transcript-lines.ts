import { printable } from "../printable.js";

/** A line of a transcript that says something. */
export interface TranscriptLine {
  /** Counted from 1 over the whole file. */
  readonly line: number;
  /** Seconds, as the recorder wrote them. */
  readonly t: number;
  /** `>` miner to pool, `<` pool to miner. */
  readonly dir: ">" | "<";
  /** What was sent, an object of JSON. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The same as text. */
  readonly text: string;
}

/** A line that could not be read. */
export interface UnreadableLine {
  readonly line: number;
  /** Its beginning, safe to show. */
  readonly text: string;
  readonly expected: string;
}

const LINE = /^(\d+(?:\.\d+)?)\s+([<>])\s+(.*)$/s;
const NEWLINE = 0x0a;

/** Much longer text is not worth repeating in a report. */
const MAX_QUOTED_CHARS = 80;

// Decided: real lines reach about 40 kB; the program itself closes a connection at 1 MiB.
const MAX_LINE_BYTES = 2 * 1024 * 1024;

/**
 * The lines of a transcript as its bytes come, in any pieces: `SECONDS > JSON` or `SECONDS < JSON`. Blank
 * lines and those that begin with `#` are left out. Holds one line at a time.
 */
export async function* readTranscript(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<TranscriptLine | UnreadableLine> {
  let line = 0;
  for await (const bytes of cutLines(chunks)) {
    line += 1;
    const read = parseTranscriptLine(bytes, line);
    if (read !== undefined) yield read;
  }
}

function parseTranscriptLine(
  bytes: Uint8Array | undefined,
  line: number,
): TranscriptLine | UnreadableLine | undefined {
  if (bytes === undefined) return { line, text: "", expected: "at most 2 MiB" };
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8").trim();
  if (whole === "" || whole.startsWith("#")) return undefined;
  const quoted = printable(whole).slice(0, MAX_QUOTED_CHARS);
  const [, seconds, dir, text = ""] = LINE.exec(whole) ?? [];
  if (seconds === undefined)
    return { line, text: quoted, expected: "SECONDS > JSON or SECONDS < JSON" };
  const fields = parseObject(text);
  return fields === undefined
    ? { line, text: quoted, expected: "a JSON object after the direction" }
    : { line, t: Number(seconds), dir: dir === ">" ? ">" : "<", fields, text };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined; // Reported by the caller with its line number.
  }
}

/** Lines without their end; undefined stands for one beyond the limit, which is skipped. */
async function* cutLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array | undefined> {
  let parts: Uint8Array[] = [];
  let size = 0;
  const take = (): Uint8Array | undefined => {
    const line = size > MAX_LINE_BYTES ? undefined : Buffer.concat(parts);
    parts = [];
    size = 0;
    return line;
  };
  const keep = (bytes: Uint8Array): void => {
    size += bytes.length;
    if (size > MAX_LINE_BYTES) parts = [];
    else parts.push(bytes);
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      keep(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (size > 0) yield take();
}
