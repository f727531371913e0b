import { MinerError } from "../../../lib/errors.js";

/** Bytes that went the same way, one after the other. */
export interface Stretch {
  /** `>` to the supply, `<` from it; where the recording says so. */
  readonly dir?: ">" | "<";
  readonly bytes: Uint8Array;
  /** Seconds since the recording began, for the byte at `offset` and those behind it; where the recording says so. */
  readonly times: readonly { readonly offset: number; readonly timeS: number }[];
}

const EXPECTED =
  "hex bytes, SECONDS > HEX and SECONDS < HEX, or binary; # starts a comment in text";
const LINE = /^(?:(?:(\d+(?:\.\d+)?)\s+)?([<>]))?(.*)$/;
const SEPARATORS = /[\s,:;]+/;
const TOKEN = /^(?:0x)?((?:[0-9a-f]{2})+)$/i;
/** Much longer text is not worth repeating in an error. */
const MAX_QUOTED_CHARS = 80;
/** Registers of a supply. A recording of the bus itself names one in front of each byte. */
const REGISTERS: readonly number[] = [0x11, 0x00];

/**
 * A recording of a supply's data line: binary, hex text, or a capture with directions, whose bursts may be frames, parts
 * of frames, or single bytes with their register.
 * @throws CAPTURE_INVALID at the first bad line, or when there is nothing in it
 */
export function readRecording(content: Uint8Array): Stretch[] {
  const stretches = isText(content) ? readText(content) : [{ bytes: content, times: [] }];
  const joined = joinAlike(withoutRegisters(stretches));
  if (joined.length === 0)
    throw new MinerError("CAPTURE_INVALID", { text: "", expected: EXPECTED });
  return joined;
}

function isText(content: Uint8Array): boolean {
  return content.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d));
}

function readText(content: Uint8Array): Stretch[] {
  const lines = new TextDecoder().decode(content).split("\n");
  return lines.flatMap((text, index) => {
    const [code = ""] = text.split("#", 1);
    const trimmed = code.trim();
    if (trimmed === "") return [];
    const [, seconds, dir, hex = ""] = LINE.exec(trimmed) ?? [];
    const tokens = hex.split(SEPARATORS).filter((token) => token !== "");
    const digits = tokens.map((token) => TOKEN.exec(token)?.[1]);
    if (digits.length === 0 || digits.includes(undefined))
      throw new MinerError("CAPTURE_INVALID", {
        line: index + 1,
        text: trimmed.slice(0, MAX_QUOTED_CHARS),
        expected: EXPECTED,
      });
    const bytes = new Uint8Array(Buffer.from(digits.join(""), "hex"));
    const times = seconds === undefined ? [] : [{ offset: 0, timeS: Number(seconds) }];
    return [dir === ">" || dir === "<" ? { bytes, dir, times } : { bytes, times }];
  });
}

/** On the bus itself each byte is a transfer: a register with a byte, or a register and then a byte that is read. */
function withoutRegisters(stretches: readonly Stretch[]): readonly Stretch[] {
  const sent = stretches.filter(({ dir }) => dir === ">");
  const isBus =
    sent.some(({ bytes }) => bytes.length === 2) &&
    sent.every(({ bytes: [register = -1, ...rest] }) => {
      return REGISTERS.includes(register) && rest.length <= 1;
    });
  if (!isBus) return stretches;
  return stretches
    .map((stretch) =>
      stretch.dir === ">" ? { ...stretch, bytes: stretch.bytes.slice(1) } : stretch,
    )
    .filter(({ bytes }) => bytes.length > 0);
}

function joinAlike(stretches: readonly Stretch[]): Stretch[] {
  const joined: Stretch[] = [];
  for (const stretch of stretches) {
    const last = joined.at(-1);
    if (last === undefined || last.dir !== stretch.dir) {
      joined.push(stretch);
      continue;
    }
    const later = stretch.times.map(({ offset, timeS }) => ({
      offset: offset + last.bytes.length,
      timeS,
    }));
    const bytes = Buffer.concat([last.bytes, stretch.bytes]);
    joined[joined.length - 1] = { ...last, bytes, times: [...last.times, ...later] };
  }
  return joined;
}
