import { Result, type Receipt } from "../mqtt/payloads.js";
import type { Answers } from "./fleet-order.js";
import { checkReceipt } from "./receipt-check.js";

export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly last: number;
}

/** What an order to a fleet came to. Plain JSON. */
export interface FleetOutcome {
  readonly id: string;
  /** Online before the order. */
  readonly known: number;
  /** Of them, those that obeyed. */
  readonly acknowledged: number;
  readonly refused: readonly {
    readonly id: string;
    readonly code: string;
    readonly err: string | null;
    readonly msg: string | null;
  }[];
  /** Ids of those that did not answer. */
  readonly missing: readonly string[];
  /** Answered without having been known as online. */
  readonly others: number;
  readonly askedAgain: number;
  /** From the order to each answer; null without any. */
  readonly answerMs: Spread | null;
  /** From the order to each supply's enable line, by the clocks of the miners. */
  readonly powerOffMs: Spread | null;
  readonly receipts: {
    readonly verified: number;
    /** The miner gave none, or has told no key to check it with. */
    readonly without: number;
    readonly bad: readonly { readonly id: string; readonly reason: string }[];
  };
  readonly watts: { readonly before: WattSum; readonly after: WattSum };
}

/** Of so many miners: the others do not measure, or had not yet. */
interface WattSum {
  readonly sum: number;
  readonly of: number;
}

/** Judges the answers and checks what is signed. */
export function fleetOutcome(
  id: string,
  { members, answers, sentUnixMs, askedAgain }: Answers,
  keyOf: (miner: string) => string | undefined,
): FleetOutcome {
  const known = new Set(members.map((member) => member.id));
  const results = [...answers].map(([miner, { payload, afterMs }]) => {
    const result = resultOf(payload);
    const asked = { device: miner, id };
    return { miner, afterMs, result, checked: checkReceipt(result ?? {}, asked, keyOf(miner)) };
  });
  const obeyed = results.filter(({ result }) => result?.ok === true);
  const receipts = obeyed.flatMap(({ checked }) =>
    checked.is === "good" ? [checked.receipt] : [],
  );
  return {
    ...{ id, known: known.size, askedAgain },
    acknowledged: obeyed.filter(({ miner }) => known.has(miner)).length,
    refused: results
      .filter(({ result }) => result?.ok !== true)
      .map(({ miner, result }) => ({
        ...{ id: miner, code: result?.code ?? "unreadable" },
        ...{ err: result?.err ?? null, msg: result?.msg ?? null },
      })),
    missing: [...known].filter((miner) => !answers.has(miner)).sort(),
    others: results.filter(({ miner }) => !known.has(miner)).length,
    answerMs: spreadOf(obeyed.map(({ afterMs }) => afterMs)),
    powerOffMs: spreadOf(receipts.map(({ off }) => off - sentUnixMs)),
    receipts: {
      verified: receipts.length,
      without: obeyed.filter(({ checked }) => checked.is === "none").length,
      bad: obeyed.flatMap(({ miner, checked }) =>
        checked.is === "bad" ? [{ id: miner, reason: checked.reason }] : [],
      ),
    },
    watts: {
      before: wattSum(receipts, ({ w_before }) => w_before),
      after: wattSum(receipts, ({ w_after }) => w_after),
    },
  };
}

/** All that were online have obeyed, and nobody signed what is not true. */
export function isComplete({ known, acknowledged, receipts }: FleetOutcome): boolean {
  return acknowledged === known && receipts.bad.length === 0;
}

function resultOf(payload: Buffer): Result | undefined {
  try {
    return Result.safeParse(JSON.parse(payload.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

function wattSum(receipts: readonly Receipt[], pick: (receipt: Receipt) => number | null): WattSum {
  const watts = receipts.flatMap((receipt) => pick(receipt) ?? []);
  return { sum: watts.reduce((total, each) => total + each, 0), of: watts.length };
}

/** The smallest value that so many percent do not exceed. */
function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (percent: number): number =>
    Math.round(sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0);
  return { p50: at(50), p95: at(95), p99: at(99), last: at(100) };
}
