import { setAddressFrame, writeFrame } from "./frames.js";

export interface VectorStep {
  op: string;
  ms?: number;
  baud?: number;
  scope?: "broadcast" | "chip";
  register?: string;
  value?: string;
  address?: string;
  frame?: string;
  repeat?: number;
  count?: string | number;
  body?: VectorStep[];
  delay_ms_after?: number;
  delay_ms_after_each?: number | string;
  note?: string;
}

export interface SequenceVector {
  id: string;
  chip: string;
  steps: VectorStep[];
}

/** What a sequence of the vectors leaves open. */
export interface SequenceFacts {
  readonly chips: number;
  readonly domains: number;
  readonly chipsPerDomain: number;
  readonly addressStep: number;
  /** Words of the ramp, first to last. */
  readonly ramp: readonly number[];
  readonly ticketMask: number;
  readonly hashCountingNumber: number;
  readonly nonceOffsets: readonly number[];
}

export interface VectorSent {
  readonly what: string;
  /** Undefined where the source gives no pause. */
  readonly delayMs: number | undefined;
}

/** A sequence of init_sequences.json, written out to the frames of one chain. */
export function expand(vector: SequenceVector, facts: SequenceFacts): VectorSent[] {
  return vector.steps.flatMap((step) => expandStep(step, facts));
}

function expandStep(step: VectorStep, facts: SequenceFacts): VectorSent[] {
  const delayMs = step.delay_ms_after;
  const repeated = (what: string): VectorSent[] =>
    Array.from({ length: step.repeat ?? 1 }, () => ({ what, delayMs }));
  const one = (what: string): VectorSent[] => [{ what, delayMs }];
  switch (step.op) {
    case "reset_low":
      return one(`low ${String(step.ms)}`);
    case "reset_high":
      return one(`high ${String(step.ms)}`);
    case "host_baud":
      return one(`host ${String(step.baud)}`);
    case "expect_chip_ids":
      return [];
    case "send":
      return repeated(String(step.frame));
    case "delay":
      return one(`delay ${String(step.ms)}`);
    case "send_first_job":
      return one("first work");
    case "ticket_mask":
      return one(writeFrame("all", 0x14, facts.ticketMask));
    case "hash_counting_number":
      return one(writeFrame("all", 0x10, facts.hashCountingNumber));
    case "pll_ramp":
      return facts.ramp.map((word) => ({
        what: writeFrame("all", 0x08, word),
        delayMs: firstNumber(step.delay_ms_after_each),
      }));
    case "pll_write":
      return [
        { what: writeFrame("all", 0x70, 0x0f0f0f00), delayMs: 10 },
        ...facts.ramp.map((word) => ({ what: writeFrame("all", 0x08, word), delayMs: 10 })),
      ];
    case "for_each_chip":
      return expandChips(step, facts);
    case "for_each_domain":
      return expandDomains(step, facts);
    case "write": {
      const register = Number(step.register);
      if (step.scope === "broadcast") return withHostBaud(step, repeated(String(step.frame)));
      return one(writeFrame(Number(step.address), register, Number(step.value)));
    }
    default:
      throw new Error(`unknown step ${step.op}`);
  }
}

/** The host's change of rate stands in a note of the write before it; the pause lies between the two. */
function withHostBaud(step: VectorStep, writes: VectorSent[]): VectorSent[] {
  const note = /host to ([\d,.]+)( Mbaud)?/.exec(step.note ?? "");
  if (note?.[1] === undefined) return writes;
  const number = Number(note[1].replace(/[,.]$/, "").replaceAll(",", ""));
  const baud = note[2] === undefined ? number : number * 1e6;
  const last = writes.at(-1);
  return [
    ...writes.map(({ what }) => ({ what, delayMs: undefined })),
    { what: `host ${String(baud)}`, delayMs: last?.delayMs },
  ];
}

/** 400 for "400 up to 380 MHz, 2300 above"; undefined for "not recorded". */
function firstNumber(text: number | string | undefined): number | undefined {
  const number = Number.parseInt(String(text), 10);
  return Number.isNaN(number) ? undefined : number;
}

function expandChips(step: VectorStep, facts: SequenceFacts): VectorSent[] {
  const commands = Number.parseInt(String(step.count), 10);
  const count = Number.isNaN(commands) ? facts.chips : commands;
  return Array.from({ length: count }, (_, chip) => chip).flatMap((chip) =>
    (step.body ?? []).map((inner) => {
      const address = chip * facts.addressStep;
      const delayMs = inner.delay_ms_after;
      if (inner.op === "set_address") return { what: setAddressFrame(address), delayMs };
      const offset = facts.nonceOffsets[chip];
      const value = inner.register === "0x0c" ? Number(offset) : Number(inner.value);
      return { what: writeFrame(address, Number(inner.register), value), delayMs };
    }),
  );
}

function expandDomains(step: VectorStep, facts: SequenceFacts): VectorSent[] {
  return Array.from({ length: facts.domains }, (_, index) => facts.domains - 1 - index).flatMap(
    (domain) =>
      (step.body ?? []).map((inner) => {
        const first = domain * facts.chipsPerDomain;
        const chip = inner.address?.startsWith("first") ? first : first + facts.chipsPerDomain - 1;
        const isRelay = inner.register === "0x2c";
        // The vectors give the far end's value and the rule for the others in a note.
        const gap = facts.chipsPerDomain * (facts.domains - domain) + 14;
        const value = isRelay ? gap * 0x10000 + 3 : Number(inner.value);
        return {
          what: writeFrame(chip * facts.addressStep, Number(inner.register), value),
          delayMs: inner.delay_ms_after,
        };
      }),
  );
}
