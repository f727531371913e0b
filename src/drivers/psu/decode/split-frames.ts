import { type FrameRefusal, type FrameVersion, NOT_READY, parseFrame, PREAMBLE } from "../frame.js";

/** A run of bytes that belong together. The pieces of a recording are its bytes in order, none left out. */
export type Piece = PieceBytes &
  (
    | {
        readonly is: "frame";
        readonly version: FrameVersion;
        readonly command: number;
        readonly payload: Uint8Array;
      }
    | { readonly is: "badFrame"; readonly refusal: FrameRefusal }
    /** F5 instead of a reply. */
    | { readonly is: "notReady" }
    /** FF: nobody drives the bus. */
    | { readonly is: "idle" }
    | { readonly is: "garbage" }
  );

interface PieceBytes {
  /** Where it begins. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const BUS_IDLE = 0xff;

/** Never throws. `likely` is tried first: a frame that fits both versions is one of it. */
export function splitFrames(bytes: Uint8Array, likely: FrameVersion = 1): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < bytes.length; at += pieces.at(-1)?.bytes.length ?? 1)
    pieces.push(pieceAt(bytes, at, likely));
  return pieces;
}

function pieceAt(all: Uint8Array, offset: number, likely: FrameVersion): Piece {
  const first = all[offset];
  if (first === NOT_READY || first === BUS_IDLE) {
    const end = all.findIndex((byte, at) => at > offset && byte !== first);
    const bytes = all.slice(offset, end < 0 ? undefined : end);
    return { is: first === NOT_READY ? "notReady" : "idle", offset, bytes };
  }
  if (isPreamble(all, offset)) return frameAt(all, offset, likely);
  let end = offset + 1;
  while (end < all.length && !isPreamble(all, end) && !isRun(all, end)) end += 1;
  return { is: "garbage", offset, bytes: all.slice(offset, end) };
}

function frameAt(all: Uint8Array, offset: number, likely: FrameVersion): Piece {
  const told = offset + (all[offset + 2] ?? 0) + 2;
  const next = nextPreamble(all, offset + PREAMBLE.length);
  const bytes = all.slice(offset, told > offset + PREAMBLE.length ? told : next);
  for (const version of [likely, likely === 1 ? 2 : 1] as const) {
    const parsed = parseFrame(version, bytes);
    if (parsed.ok) {
      const { command, payload } = parsed;
      return { is: "frame", offset, bytes, version, command, payload };
    }
  }
  // A length that is wrong must not swallow the frame behind it.
  const kept = all.slice(offset, Math.min(offset + bytes.length, next));
  const parsed = parseFrame(likely, kept);
  return { is: "badFrame", offset, bytes: kept, refusal: parsed.ok ? "length" : parsed.refusal };
}

function nextPreamble(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at += 1) if (isPreamble(bytes, at)) return at;
  return bytes.length;
}

function isPreamble(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === PREAMBLE[0] && bytes[at + 1] === PREAMBLE[1];
}

/** A single one of these bytes may be a part of what is damaged. */
function isRun(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at];
  return (byte === NOT_READY || byte === BUS_IDLE) && bytes[at + 1] === byte;
}
