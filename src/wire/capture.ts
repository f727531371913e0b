import { parseHex, toHex } from "../lib/bytes.js";
import { MinerError } from "../lib/errors.js";

/** Bytes that were on a wire together. A burst may hold several frames or a part of one. */
export interface Burst {
  /** Seconds since the recording began. */
  readonly timeS: number;
  /** `>` host to chips, `<` chips to host. */
  readonly dir: ">" | "<";
  readonly bytes: Uint8Array;
}

const BURST = /^(\d+(?:\.\d+)?)\s+([<>])\s+([0-9a-f]+)$/;
const EXPECTED = "SECONDS > HEX or SECONDS < HEX, hex lower case, two digits a byte";

/** Much longer text is not worth repeating in an error. */
const MAX_QUOTED_CHARS = 80;

/**
 * Reads one line of a capture; undefined for a line without a burst. `#` starts a comment.
 * Throws CAPTURE_INVALID with line, text and expectation.
 */
export function parseCaptureLine(text: string, line: number): Burst | undefined {
  const [content = ""] = text.split("#", 1);
  const trimmed = content.trim();
  if (trimmed === "") return undefined;
  const [, seconds, dir, hex = ""] = BURST.exec(trimmed) ?? [];
  const bytes = parseHex(hex);
  if (seconds === undefined || bytes === undefined)
    throw new MinerError("CAPTURE_INVALID", {
      line,
      text: trimmed.slice(0, MAX_QUOTED_CHARS),
      expected: EXPECTED,
    });
  return { timeS: Number(seconds), dir: dir === ">" ? ">" : "<", bytes };
}

/**
 * The bursts of a capture as its bytes come, in any pieces. Throws CAPTURE_INVALID at the first
 * bad line.
 */
export async function* readCapture(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Burst> {
  let line = 0;
  for await (const text of readLines(chunks)) {
    line += 1;
    const burst = parseCaptureLine(text, line);
    if (burst !== undefined) yield burst;
  }
}

async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

/** The line of a burst, without line end; time with microseconds. */
export function formatBurst(burst: Burst): string {
  return `${burst.timeS.toFixed(6)} ${burst.dir} ${toHex(burst.bytes)}`;
}

/** The first line of a capture: what was recorded, as `name=value` pairs. */
export function formatCaptureHeader(facts: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(facts).map(([name, value]) => `${name}=${String(value)}`);
  return `# ${pairs.join(" ")}`;
}
