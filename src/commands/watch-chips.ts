import type { ChainSnapshot } from "../telemetry/snapshot.js";
import { type Line, line, span, type Span } from "./watch-text.js";

/** What a chip looks like beside the others of its chain. */
export type ChipLook =
  | { readonly kind: "unknown" | "good" | "dead" | "errors" }
  /** Share of the mean, in tenths rounded down. */
  | { readonly kind: "weak"; readonly tenths: number };

/** Names every character of the map. */
export const CHIP_LEGEND =
  "chips by nonces: # as the others, 0-8 tenths of the mean, ! errors, x dead, . too early to say";

// Below this mean a chip without a nonce is bad luck: e^-16 is one in ten million.
const SURE_MEAN = 16;

// Four standard deviations of a count: a sound chip of a hundred looks weak once in three hundred looks.
const SIGNIFICANT_DEVIATIONS = 4;

// A chip that finds less than this is worth a look; sound ones differ by a few per cent.
const WEAK_SHARE = 0.9;

const ERROR_SHARE = 0.05;
const MIN_ERRORS = 5;

const ROW_STEP = 10;
const LABEL_WIDTH = 5;
const MAX_ROW = 100;

/** Judges every chip of a chain by its nonces since the chain began to hash. */
export function chipLooks({ chipNonces, chipHardwareErrors }: ChainSnapshot): readonly ChipLook[] {
  const mean = chipNonces.reduce((sum, nonces) => sum + nonces, 0) / Math.max(1, chipNonces.length);
  return chipNonces.map((nonces, chip) => {
    const errors = chipHardwareErrors[chip] ?? 0;
    if (errors >= MIN_ERRORS && errors > ERROR_SHARE * (nonces + errors)) return { kind: "errors" };
    if (mean < SURE_MEAN) return { kind: "unknown" };
    if (nonces === 0) return { kind: "dead" };
    const isBelowChance = nonces < mean - SIGNIFICANT_DEVIATIONS * Math.sqrt(mean);
    return isBelowChance && nonces < WEAK_SHARE * mean
      ? { kind: "weak", tenths: Math.floor((10 * nonces) / mean) }
      : { kind: "good" };
  });
}

/** The chips of a chain, a character each; the number before a row is that of its first chip. */
export function chipMap(chain: ChainSnapshot, width: number): readonly Line[] {
  const looks = chipLooks(chain);
  const fitting = Math.floor((width - LABEL_WIDTH) / ROW_STEP) * ROW_STEP;
  const size = Math.min(MAX_ROW, Math.max(ROW_STEP, fitting));
  const lines: Line[] = [];
  for (let first = 0; first < looks.length; first += size) {
    const label = span(`${String(first).padStart(LABEL_WIDTH - 1)} `, "dim");
    lines.push(line(label, ...looks.slice(first, first + size).map(chipSpan)));
  }
  return lines;
}

function chipSpan(look: ChipLook): Span {
  switch (look.kind) {
    case "unknown":
      return span(".", "dim");
    case "good":
      return span("#", "good");
    case "dead":
      return span("x", "bad");
    case "errors":
      return span("!", "bad");
    case "weak":
      return span(String(look.tenths), "warning");
  }
}
