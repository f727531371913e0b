import type { RejectReason } from "../pool-client.js";

// Words of real pools; the order decides between two that match.
const BY_TEXT: readonly (readonly [RegExp, RejectReason])[] = [
  [/stale|job\b.*not found|invalid job ?id|unknown[- ]work|unknown[- ]job/i, "stale"],
  [/duplicate/i, "duplicate"],
  [
    /above target|low difficulty|low-diff|difficulty too low|high-hash|h-not-zero/i,
    "low-difficulty",
  ],
  [/ntime|time-too-/i, "ntime"],
  [/version/i, "version"],
  [/unauthori[sz]ed|worker mismatch/i, "unauthorized"],
  [/not subscribed|failed subscription/i, "not-subscribed"],
  [/unsupported|not supported|method not found|unknown method|unhandled/i, "unsupported"],
];

const BY_CODE: ReadonlyMap<number, RejectReason> = new Map([
  [21, "stale"],
  [22, "duplicate"],
  [23, "low-difficulty"],
  [24, "unauthorized"],
  [25, "not-subscribed"],
]);

/** The reason behind a pool's error. The text decides; pools do not agree on the codes. */
export function classifyReject(text: string | undefined, code: number | undefined): RejectReason {
  const byText = BY_TEXT.find(([pattern]) => pattern.test(text ?? ""));
  return byText?.[1] ?? BY_CODE.get(code ?? 0) ?? "other";
}
