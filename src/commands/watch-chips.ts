import type { ChainSnapshot } from "../telemetry/snapshot.js";
import { type Line, line, span, type Span } from "./watch-text.js";

/** What a chip looks like beside the others of its chain. */
export type ChipLook =
  | { readonly kind: "unknown" | "good" | "dead" | "errors" }
  /** Share of the mean, in tenths rounded down. */
  | { readonly kind: "weak"; readonly tenths: number };

/** Names every character of the map. */
export const CHIP_LEGEND =
  "# as the others  0-8 tenths of the mean  ! errors  x dead  . too early to say";

// Deviations of a count. A sound chip looks weak in one of thirty thousand looks; a mean of as many deviations is 16
// nonces, and none of those is found in one of ten million.
const SIGNIFICANT_DEVIATIONS = 4;

// A chip that makes less than this is worth a look; sound ones differ by a few per cent.
const WEAK_SHARE = 0.9;

const ERROR_SHARE = 0.05;
const MIN_ERRORS = 5;

const ROW_STEP = 10;
const MAX_ROW = 100;

/** Judges every chip of a chain by its hash rate of the last 15 minutes beside the mean of all. */
export function chipLooks(chain: ChainSnapshot): readonly ChipLook[] {
  const { chipHashrate15m, chipNonces, chipHardwareErrors } = chain;
  const meanThs = mean(chipHashrate15m.ths);
  // Of a chip that makes the mean.
  const deviationThs = Math.sqrt(mean(chipHashrate15m.uncertaintyThs.map((ths) => ths ** 2)));
  return chipHashrate15m.ths.map((ths, chip) => {
    const errors = chipHardwareErrors[chip] ?? 0;
    const answers = errors + (chipNonces[chip] ?? 0);
    if (errors >= MIN_ERRORS && errors > ERROR_SHARE * answers) return { kind: "errors" };
    if (meanThs < SIGNIFICANT_DEVIATIONS * deviationThs) return { kind: "unknown" };
    if (ths === 0) return { kind: "dead" };
    const isBelowChance = ths < meanThs - SIGNIFICANT_DEVIATIONS * deviationThs;
    return isBelowChance && ths < WEAK_SHARE * meanThs
      ? { kind: "weak", tenths: Math.floor((10 * ths) / meanThs) }
      : { kind: "good" };
  });
}

/** The chips of a chain, a character each; before a row stand the chain and the number of the row's first chip. */
export function chipMap(chain: ChainSnapshot, width: number): readonly Line[] {
  const looks = chipLooks(chain);
  const size = rowSize(looks.length, width - rowLabel(chain, 0).length);
  const lines: Line[] = [];
  for (let first = 0; first < looks.length; first += size) {
    const label = span(rowLabel(chain, first), "dim");
    lines.push(line(label, ...looks.slice(first, first + size).map(chipSpan)));
  }
  return lines;
}

/** The chips that are not as the others, in words; undefined when there are none. */
export function chipTroubles(chain: ChainSnapshot): string | undefined {
  const looks = chipLooks(chain);
  const kinds = ["dead", "errors", "weak"] as const;
  const troubles = kinds.flatMap((kind) => {
    const chips = looks.flatMap((look, chip) => (look.kind === kind ? [chip] : []));
    return chips.length === 0 ? [] : [`${kind} ${chips.join(" ")}`];
  });
  return troubles.length === 0 ? undefined : `chain ${chain.slot}: ${troubles.join(", ")}`;
}

/** All in one row where they fit; else a number that is easily counted on. */
function rowSize(chips: number, fitting: number): number {
  if (chips <= Math.min(fitting, MAX_ROW)) return Math.max(1, chips);
  return Math.min(MAX_ROW, Math.max(ROW_STEP, Math.floor(fitting / ROW_STEP) * ROW_STEP));
}

function rowLabel({ slot }: ChainSnapshot, first: number): string {
  return `${slot}/${String(first).padEnd(3)} `;
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

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
