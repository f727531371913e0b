import { hexNumber, toHex } from "../../../lib/bytes.js";
import { CALIBRATION_BYTES, parseCalibrationBlock } from "../calibration-block.js";
import type { FrameRefusal } from "../frame.js";
import { describeCalibration } from "./describe-calibration.js";
import { describeFrame, type Role } from "./describe-frame.js";
import type { Description } from "./description.js";
import type { Stretch } from "./read-recording.js";
import { type Piece, splitFrames } from "./split-frames.js";
import type { SupplyModel } from "./supply-model.js";

/** A run of bytes of a recording with its meaning. */
export interface DecodedPiece extends Description {
  readonly kind: Piece["is"] | "calibration" | "badCalibration";
  /** Seconds, where the recording has times. */
  readonly t?: number;
  readonly dir?: ">" | "<";
  readonly hex: string;
  readonly version?: 1 | 2;
  readonly command?: string;
  readonly role?: Role;
}

const REFUSALS: Readonly<Record<FrameRefusal, string>> = {
  refused: "F5 instead of a reply: the supply is busy or refuses",
  idle: "nobody drives the bus",
  short: "the frame is cut off",
  preamble: "no preamble",
  length: "the length byte is wrong",
  checksum: "the sum is wrong",
  checksumSwapped: "the bytes of the sum are swapped: hashboard controllers do that",
  command: "the reply is to another command",
};

/** Everything in a recording, in order; nothing is left out. Never throws. */
export function decodeRecording(
  stretches: readonly Stretch[],
  model: SupplyModel,
): readonly DecodedPiece[] {
  const [only] = stretches;
  if (stretches.length === 1 && only !== undefined && isBlock(only.bytes)) {
    const described = describeCalibration(only.bytes, model.likelyVersion, model);
    const kind = described.values === undefined ? "badCalibration" : "calibration";
    return [{ ...placeOf(only, 0), kind, hex: toHex(only.bytes), ...described }];
  }
  return stretches.flatMap((stretch) =>
    splitFrames(stretch.bytes, model.likelyVersion).map((piece) => ({
      ...placeOf(stretch, piece.offset),
      ...decodePiece(piece, stretch.dir, model),
    })),
  );
}

/** As long as a block, and either a good one or nothing else. */
function isBlock(bytes: Uint8Array): boolean {
  if (bytes.length !== CALIBRATION_BYTES) return false;
  if (parseCalibrationBlock(bytes).ok) return true;
  return !splitFrames(bytes).some(({ is }) => is === "frame" || is === "notReady" || is === "idle");
}

function placeOf({ times, dir }: Stretch, offset: number): { t?: number; dir?: ">" | "<" } {
  const timeS = times.findLast((time) => time.offset <= offset)?.timeS;
  return { ...(timeS !== undefined && { t: timeS }), ...(dir !== undefined && { dir }) };
}

function decodePiece(piece: Piece, dir: Stretch["dir"], model: SupplyModel): DecodedPiece {
  const { is: kind } = piece;
  const hex = toHex(piece.bytes);
  switch (piece.is) {
    case "frame": {
      const { version, command } = piece;
      const described = describeFrame({ ...piece, dir }, model);
      return { kind, hex, version, command: hexNumber(command), ...described };
    }
    case "badFrame":
      return { kind, hex, meaning: "damaged frame", remarks: [REFUSALS[piece.refusal]] };
    case "notReady":
      return { kind, hex, meaning: "not ready, or refused" };
    case "idle":
      return { kind, hex, meaning: "nobody drives the bus" };
    case "garbage":
      return { kind, hex, meaning: "no frame" };
  }
}
