import { MAINNET } from "../../../../src/bitcoin/network.js";
import {
  checkTranscript,
  type TranscriptItem,
  type TranscriptTotals,
  type UnusableLine,
} from "../../../../src/pool/transcript/check-transcript.js";
import type { SubmitCheck } from "../../../../src/pool/transcript/submit-check.js";
import type { UnreadableLine } from "../../../../src/pool/transcript/transcript-lines.js";

export interface CheckedTranscript {
  readonly submits: readonly SubmitCheck[];
  readonly unreadable: readonly UnreadableLine[];
  readonly unusable: readonly UnusableLine[];
  readonly totals: TranscriptTotals;
}

/** Checks a transcript that comes in small pieces. */
export async function checkText(text: string, network = MAINNET): Promise<CheckedTranscript> {
  const items: TranscriptItem[] = [];
  for await (const item of checkTranscript(piecesOf(text), network)) items.push(item);
  const last = items.pop();
  if (last === undefined || !("total" in last)) throw new Error("no totals at the end");
  return {
    submits: items.filter((item): item is SubmitCheck => "verdict" in item),
    unreadable: items.filter((item): item is UnreadableLine => "expected" in item),
    unusable: items.filter((item): item is UnusableLine => "unusable" in item),
    totals: last,
  };
}

/** Cut at places that mean nothing. */
async function* piecesOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 997) {
    await Promise.resolve();
    yield bytes.subarray(at, at + 997);
  }
}
