import { BRING_UPS } from "../../../src/asic/bring-up/bring-ups.js";
import { planFrequency } from "../../../src/asic/frequency.js";
import { FAMILIES } from "../../../src/asic/families.js";
import { nonceOffsetWord } from "../../../src/asic/nonce-offset.js";
import { RESET_BAUD } from "../../../src/asic/uart.js";
import type { BringUpName } from "../../../src/boards/names.js";
import { writeFrame } from "./frames.js";
import { sentBy, type Sent } from "./sent.js";
import { expand, type SequenceVector, type VectorSent } from "./sequence-vectors.js";
import { vectorCases } from "./vectors.js";

/** A place where we do something else than the source, and why. */
interface Difference {
  readonly reason: string;
  /** Makes our list, or theirs, as it would be without the difference. */
  readonly ours?: (sent: Sent[]) => Sent[];
  readonly theirs?: (sent: VectorSent[]) => VectorSent[];
}

/** The two halves of the pulse. */
const PULSE = /^(low|high) /;
const RESET_RATE = `host ${String(RESET_BAUD)}`;
const PLL_WRITE = "55aa51090008";

const ADDRESS_CHECK: Difference = {
  reason:
    "we read every chip id again after addressing, so that a broken chain is noticed and named",
  ours: (sent) => sent.filter(({ what }) => what !== "check addresses"),
};
const LINK_CHECK: Difference = {
  reason: "we read the last chip's id after the change of rate, so that a deaf line is noticed",
  ours: (sent) => sent.filter(({ what }) => !what.startsWith("check 55aa42")),
};
const AFTER_RESET: Difference = {
  reason: "the captures start after the reset pulse with the host at 115,200; we make that start",
  ours: (sent) => sent.filter(({ what }) => !PULSE.test(what) && what !== RESET_RATE),
};
const NO_PULSE: Difference = {
  reason: "gekko leaves the reset pulse to another part of its driver",
  ours: (sent) => sent.filter(({ what }) => !PULSE.test(what)),
};
const EXACT_BAUD: Difference = {
  reason: "the chips make 1,041,667 baud; the host is set to that and not to 1,000,000",
  ours: (sent) => swap(sent, "host 1041667", "host 1000000"),
};
const RAMP_PAUSE: Difference = {
  reason:
    "the stock configuration asks for 100 ms a step; the driver's 400 and 2300 ms come from trimming the supply",
  theirs: (sent) =>
    sent.map((line) => (line.what.startsWith(PLL_WRITE) ? { ...line, delayMs: undefined } : line)),
};
const S19K_SWEEP: Difference = {
  reason: "S19k Pro: the hash counting number that stock firmware writes on its own hashboard",
  theirs: (sent) =>
    sent.map((line) =>
      line.what === writeFrame("all", 0x10, 0x151c)
        ? { ...line, what: writeFrame("all", 0x10, 0x115a) }
        : line,
    ),
};
/** Register, word of the S21 Pro, word of the S21 XP. */
const S21_XP_VALUES = [
  [0x3c, 0x8000_800c, 0x8000_8010],
  [0x58, 0x0001_f111, 0x0001_3111],
  [0x10, 0x1eb5, 0x1a44],
] as const;
const S21_XP_WORDS: Difference = {
  reason:
    "S21 XP: clock delay, domain drive and hash counting number that single captured writes of one give",
  theirs: (sent) =>
    sent.map((line) => ({
      ...line,
      what: S21_XP_VALUES.reduce<string>(
        (what, [register, value, by]) => withWord(what, register, value, by),
        line.what,
      ),
    })),
};
const S21_ADDRESSES: Difference = {
  reason: "S21: the whole address space is given out, as the other stock machines do",
  ours: (sent) => sent.filter(({ what }) => !/^55aa4005(d[8-9a-f]|[ef].)/.test(what)),
};
const S21_PACE: Difference = {
  reason: "S21: 10 ms between writes and no 500 ms after each chip, as the other stock machines do",
  theirs: (sent) => sent.map(({ what }) => ({ what, delayMs: undefined })),
};

const CHECKS = [ADDRESS_CHECK, LINK_CHECK];

/** One of our sequences and what it is held against. */
export interface Sequence {
  readonly name: BringUpName;
  /** Case of init_sequences.json that it must equal. */
  readonly vector: string;
  readonly chips: number;
  readonly domains: number;
  readonly addressStep: number;
  readonly freqMHz: number;
  readonly ticketDifficulty: number;
  readonly ticketMask: number;
  /** What must be written; from hash_counting.json. */
  readonly hcn: number;
  readonly stockHcn?: number;
  readonly rampFromMHz: number;
  readonly differences: readonly Difference[];
}

const FULL = { ticketDifficulty: 256, ticketMask: 0xff, rampFromMHz: 56.25 };
const ONE_CHIP = { chips: 1, domains: 1, addressStep: 256, ...FULL };

export const SEQUENCES: readonly Sequence[] = [
  {
    name: "bm1366-s19xp",
    vector: "bm1366-s19xp",
    ...FULL,
    ...{ chips: 110, domains: 11, addressStep: 2, freqMHz: 475, hcn: 0x151c, stockHcn: 0x151c },
    differences: [...CHECKS, AFTER_RESET, EXACT_BAUD, RAMP_PAUSE],
  },
  {
    name: "bm1366-s19kpro",
    vector: "bm1366-s19xp",
    ...FULL,
    ...{ chips: 77, domains: 11, addressStep: 2, freqMHz: 540, hcn: 0x115a, stockHcn: 0x115a },
    differences: [...CHECKS, AFTER_RESET, EXACT_BAUD, RAMP_PAUSE, S19K_SWEEP],
  },
  {
    name: "bm1362-s19jpro",
    vector: "bm1362-s19jpro",
    ...FULL,
    ...{ chips: 126, domains: 42, addressStep: 2, freqMHz: 525, hcn: 0x1381, stockHcn: 0x1381 },
    differences: [...CHECKS, AFTER_RESET],
  },
  {
    name: "bm1370-s21pro",
    vector: "bm1370-s21pro",
    ...FULL,
    ...{ chips: 65, domains: 13, addressStep: 2, freqMHz: 600, hcn: 0x1eb5, stockHcn: 0x1eb5 },
    differences: [...CHECKS, AFTER_RESET],
  },
  {
    name: "bm1370-s21xp",
    vector: "bm1370-s21pro",
    ...FULL,
    ...{ chips: 91, domains: 13, addressStep: 2, freqMHz: 485, hcn: 0x1a44, stockHcn: 0x1a44 },
    differences: [...CHECKS, AFTER_RESET, S21_XP_WORDS],
  },
  {
    name: "bm1368-s21",
    vector: "bm1368-esp",
    ...FULL,
    ...{ chips: 108, domains: 12, addressStep: 2, freqMHz: 490, hcn: 0x15a4, stockHcn: 0x15a4 },
    differences: [...CHECKS, EXACT_BAUD, S21_ADDRESSES, S21_PACE],
  },
  {
    name: "bm1366-esp",
    vector: "bm1366-esp",
    ...ONE_CHIP,
    ...{ freqMHz: 485, hcn: 864_804 },
    differences: [...CHECKS, EXACT_BAUD],
  },
  {
    name: "bm1368-esp",
    vector: "bm1368-esp",
    ...ONE_CHIP,
    ...{ freqMHz: 490, hcn: 855_980 },
    differences: [...CHECKS, EXACT_BAUD],
  },
  {
    name: "bm1370-esp",
    vector: "bm1370-esp",
    ...ONE_CHIP,
    ...{ freqMHz: 525, hcn: 798_647 },
    differences: [...CHECKS, EXACT_BAUD],
  },
  {
    name: "bm1362-gekko",
    vector: "bm1362-gekko",
    ...ONE_CHIP,
    ...{ ticketDifficulty: 64, ticketMask: 0xfc, freqMHz: 400, rampFromMHz: 400 },
    ...{ hcn: 0x12c9, stockHcn: 0x12c9 },
    differences: [...CHECKS, NO_PULSE],
  },
];

/** What our sequence does, step by step. */
export function oursOf({ name, stockHcn, ...sequence }: Sequence): Sent[] {
  const sent = sentBy(
    name,
    { ...sequence, chipsPerDomain: sequence.chips / sequence.domains },
    {
      freqMHz: sequence.freqMHz,
      ticketDifficulty: sequence.ticketDifficulty,
      ...(stockHcn === undefined ? {} : { stockHashCountingNumber: stockHcn }),
    },
  );
  return splitReset(sent);
}

/** Words of the frequency ramp, first to last. */
export function rampWords({ name, rampFromMHz, freqMHz }: Sequence): number[] {
  const { model, solver } = BRING_UPS[name];
  const steps = Math.ceil((freqMHz - rampFromMHz) / 6.25);
  return Array.from({ length: steps + 1 }, (_, step) =>
    Math.min(rampFromMHz + step * 6.25, freqMHz),
  ).map((clock) => planFrequency(FAMILIES[model], solver, clock).pllWord);
}

/** What the source does, apart from the explained differences. */
export function theirsOf(sequence: Sequence): VectorSent[] {
  const vector = vectorCases<SequenceVector>("init_sequences").find(
    ({ id }) => id === sequence.vector,
  );
  if (vector === undefined) throw new Error(`no vector ${sequence.vector}`);
  return withoutDifferences("theirs", expand(vector, factsOf(sequence)), sequence);
}

function factsOf(sequence: Sequence): Parameters<typeof expand>[1] {
  const { chips, domains, addressStep, ticketMask, hcn } = sequence;
  return {
    ...{ chips, domains, addressStep, ticketMask, ramp: rampWords(sequence) },
    chipsPerDomain: chips / domains,
    hashCountingNumber: hcn,
    nonceOffsets: Array.from({ length: chips }, (_, chip) => nonceOffsetWord(chip, chips)),
  };
}

/** Our lines, or theirs, as they would be without the explained differences. */
export function withoutDifferences<Line>(
  side: "ours" | "theirs",
  lines: Line[],
  { differences }: Sequence,
): Line[] {
  return differences.reduce((before, difference) => {
    const change = difference[side] as ((lines: Line[]) => Line[]) | undefined;
    return change === undefined ? before : change(before);
  }, lines);
}

/** The vectors count the two halves of the reset pulse as steps. */
function splitReset(sent: Sent[]): Sent[] {
  return sent.flatMap((line) => {
    const pulse = /^reset (\d+) (\d+)$/.exec(line.what);
    if (pulse === null) return [line];
    return [
      { what: `low ${String(pulse[1])}`, delayMs: 0 },
      { what: `high ${String(pulse[2])}`, delayMs: 0 },
    ];
  });
}

function swap(sent: Sent[], what: string, by: string): Sent[] {
  return sent.map((line) => (line.what === what ? { ...line, what: by } : line));
}

/** A write to a register with another value, for one chip or all; every other line as it is. */
function withWord(what: string, register: number, value: number, by: number): string {
  const [, header, address] = /^55aa([45]1)09(..)/.exec(what) ?? [];
  if (header === undefined || address === undefined) return what;
  const target = header === "51" ? "all" : Number.parseInt(address, 16);
  return what === writeFrame(target, register, value) ? writeFrame(target, register, by) : what;
}
