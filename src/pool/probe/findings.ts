import type { MinerError } from "../../lib/errors.js";
import type { PoolJob } from "../pool-client.js";
import type { LinkSecurity } from "../transport/link.js";

/** Something that speaks against a pool. */
export interface Finding {
  /** `unusable`: nothing would be earned here. `warning`: less than could be, or at a risk. */
  readonly severity: "unusable" | "warning";
  readonly what:
    | "no-session"
    | "login-refused"
    | "no-answer"
    | "no-work"
    | "difficulty"
    | "search-space"
    | "version-rolling"
    | "tls-unverified"
    | "clock";
  /** One sentence. */
  readonly text: string;
}

/** What is known of a pool when it is judged. */
export interface ProbeFacts {
  /** Why there is no session with work. */
  readonly error: MinerError | undefined;
  readonly isConnected: boolean;
  readonly isAuthorized: boolean;
  readonly security: LinkSecurity | undefined;
  /** The newest one. */
  readonly job: PoolJob | undefined;
  readonly workAgeS: number | undefined;
  readonly hashrateThs: number | undefined;
  readonly timeoutMs: number;
}

// A unit of difficulty is 2^32 hashes.
const TERAHASHES_PER_DIFFICULTY = 2 ** 32 / 1e12;

// Decided: a share every 3 to 10 s is good; beyond a minute the pool's statistics are poor, beyond
// five the machine looks dead to the pool and loses much with each clean job.
const SLOW_SHARES_S = 60;
const TOO_SLOW_SHARES_S = 300;

// Documented: BIP320 gives 16 bits, and the chips roll them all.
const FULL_ROLLING_BITS = 16;

// Documented: a header may be two hours ahead; a clock that is ten minutes off is wrong.
const CLOCK_OFF_S = 600;

/** Mean seconds between shares of that difficulty. */
export function shareIntervalS(difficulty: number, hashrateThs: number): number {
  return (difficulty * TERAHASHES_PER_DIFFICULTY) / hashrateThs;
}

/** What speaks against a pool, the worst first. */
export function findingsOf(facts: ProbeFacts): readonly Finding[] {
  const { job } = facts;
  const findings = job === undefined ? [withoutWork(facts)] : jobFindings(job, facts);
  if (facts.security === "unverified")
    findings.push({
      severity: "warning",
      what: "tls-unverified",
      text: "The certificate is not checked: whoever sits on the way can take the hash power.",
    });
  return findings.sort((one, other) => rank(one) - rank(other));
}

function withoutWork({ error, isConnected, isAuthorized, timeoutMs }: ProbeFacts): Finding {
  const severity = "unusable";
  if (error?.code === "POOL_AUTH_REFUSED") {
    const words = error.context["poolText"];
    const said =
      typeof words === "string" ? `The pool says: ${words}` : "The pool does not say why";
    return { severity, what: "login-refused", text: `The login was refused. ${said}.` };
  }
  if (error !== undefined) return { severity, what: "no-session", text: error.message };
  const withinS = timeoutMs / 1000;
  if (!isConnected)
    return { severity, what: "no-session", text: `No connection within ${withinS} s.` };
  if (!isAuthorized)
    return { severity, what: "no-answer", text: `No answer to the login within ${withinS} s.` };
  return {
    severity,
    what: "no-work",
    text: `The login was taken, but no work came within ${withinS} s.`,
  };
}

function jobFindings(job: PoolJob, { hashrateThs, workAgeS = 0 }: ProbeFacts): Finding[] {
  const findings: Finding[] = [];
  const bits = bitCount(job.versionMask);
  if (bits < FULL_ROLLING_BITS)
    findings.push({
      severity: "warning",
      what: "version-rolling",
      text:
        bits === 0
          ? "No version rolling: chips of the BM13xx family reach a part of their hash rate only."
          : `Only ${bits} version bits may be rolled: chips may reach a part of their hash rate only.`,
    });
  if (Math.abs(workAgeS) > CLOCK_OFF_S)
    findings.push({
      severity: "warning",
      what: "clock",
      text: `The time in the work is ${Math.abs(workAgeS)} s ${workAgeS > 0 ? "behind" : "ahead of"} the clock here.`,
    });
  if (hashrateThs !== undefined) {
    findings.push(...difficultyFinding(job.difficulty, hashrateThs));
    findings.push(...searchSpaceFinding(bits, job.extranonce2Size, hashrateThs));
  }
  return findings;
}

function difficultyFinding(difficulty: number, hashrateThs: number): Finding[] {
  const intervalS = shareIntervalS(difficulty, hashrateThs);
  if (intervalS <= SLOW_SHARES_S) return [];
  const severity = intervalS > TOO_SLOW_SHARES_S ? "unusable" : "warning";
  const text = `At difficulty ${difficulty} a share takes ${Math.round(intervalS)} s at ${hashrateThs} TH/s.`;
  return [{ severity, what: "difficulty", text }];
}

/** The time in the header moves on once a second, so a job must hold the hashes of a second. */
function searchSpaceFinding(bits: number, extranonce2Size: number, hashrateThs: number): Finding[] {
  const spaceThs = (2 ** (32 + bits) * 256 ** extranonce2Size) / 1e12;
  if (spaceThs >= hashrateThs) return [];
  const text =
    `${extranonce2Size} bytes of extranonce2 and ${bits} version bits hold work for ` +
    `${spaceThs.toPrecision(3)} TH/s, not for ${hashrateThs}.`;
  return [{ severity: "unusable", what: "search-space", text }];
}

function rank({ severity }: Finding): number {
  return severity === "unusable" ? 0 : 1;
}

function bitCount(mask: number): number {
  let bits = 0;
  for (let rest = mask >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) bits += 1;
  return bits;
}
