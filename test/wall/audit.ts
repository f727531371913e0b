import { toHex } from "../../src/lib/bytes.js";
import type { RejectReason } from "../../src/virtual/pool/reject-reason.js";
import { judgeShare, type SentJob } from "../../src/virtual/pool/share-judge.js";
import type { Witness, WitnessedShare } from "../../src/virtual/pool/witness.js";

/** Any bits that a pool may have allowed at any time. */
const WIDEST_MASK = 0x1fff_e000;

interface JobOfConnection {
  readonly connection: number;
  readonly job: SentJob;
}

/** Everything that one pool sent and got, so that it can be proven whose share a share was. */
export class Audit implements Witness {
  /** What the miner calls itself at this pool, and nowhere else. */
  readonly worker: string;
  readonly name: string;
  readonly shares: WitnessedShare[] = [];
  readonly jobs: JobOfConnection[] = [];

  constructor(name: string, worker: string) {
    this.name = name;
    this.worker = worker;
  }

  onJob(connection: number, job: SentJob): void {
    this.jobs.push({ connection, job });
  }

  onShare(share: WitnessedShare): void {
    this.shares.push(share);
  }

  /** The first accepted share after a moment; it counts when the miner was told so. */
  firstAcceptedAfter(atMs: number): WitnessedShare | undefined {
    return this.shares.find((share) => share.atMs > atMs && share.told === "accepted");
  }

  acceptedBetween(fromMs: number, toMs: number): readonly WitnessedShare[] {
    return this.shares.filter(
      ({ atMs, told }) => atMs > fromMs && atMs <= toMs && told === "accepted",
    );
  }
}

/** Of hits by chance, how many of its own standard deviations more than expected are no chance any more. */
const SIGMAS = 5;
const HASHES = 2 ** 256;

/** Our faults by what the pools' own rules say, whatever the miner was told. */
export type OwnFaults = Readonly<Partial<Record<RejectReason, number>>>;

/**
 * What must never be in what the pools saw: a share of another pool's, connection's or worker's work, a header
 * twice, a share that no pool would take. `allowed` are those that the fault itself brings about.
 */
export function findings(audits: readonly Audit[], allowed: OwnFaults = {}): readonly string[] {
  const found: string[] = [];
  const headers = new Map<string, string>();
  const faults: Partial<Record<RejectReason, number>> = {};
  const strays: string[] = [];
  let byChance = 0;
  for (const audit of audits)
    for (const share of audit.shares) {
      const { verdict, submission, connection } = share;
      const where = `${audit.name} connection ${connection} at ${(share.atMs / 1000).toFixed(1)} s`;
      if (submission !== undefined && submission.worker !== audit.worker)
        found.push(`${where}: worker ${submission.worker}`);
      if (share.share !== undefined) {
        const header = toHex(share.share.header);
        const before = headers.get(header);
        if (before !== undefined) found.push(`${where}: header of ${before} again`);
        headers.set(header, where);
      }
      if (verdict === "accepted" || verdict === "stale" || verdict === "unauthorized") continue;
      faults[verdict] = (faults[verdict] ?? 0) + 1;
      const elsewhere = lookElsewhere(share, audit, audits);
      byChance += elsewhere.byChance;
      if (elsewhere.owner !== undefined) strays.push(`${where}: share of ${elsewhere.owner}`);
    }
  // Targets here are easy: of some hundred shares one fits work that it was not made for.
  if (strays.length > byChance + SIGMAS * Math.sqrt(byChance)) found.push(...strays);
  for (const [reason, count] of Object.entries(faults))
    if (count > (allowed[reason as RejectReason] ?? 0))
      found.push(`${count} shares refused: ${reason}`);
  return found;
}

/** Where a refused share could have been sent to. */
interface Elsewhere {
  /** The pool or the connection whose work it fits, if not that of where it was sent. */
  readonly owner: string | undefined;
  /** How many works of others a share of nobody would fit. */
  readonly byChance: number;
}

function lookElsewhere(
  { submission, connection }: WitnessedShare,
  at: Audit,
  audits: readonly Audit[],
): Elsewhere {
  let owner: string | undefined;
  let byChance = 0;
  if (submission === undefined) return { owner, byChance };
  for (const audit of audits)
    for (const { connection: sentTo, job } of audit.jobs) {
      if (job.template.id !== submission.jobId || (audit === at && sentTo === connection)) continue;
      const judgement = judgeShare(submission, job, {
        unixS: Infinity,
        versionMask: submission.versionBits === undefined ? undefined : WIDEST_MASK,
      });
      if (judgement.share !== undefined) byChance += Math.min(1, Number(job.target) / HASHES);
      if (judgement.ok) owner ??= audit === at ? `connection ${sentTo}` : `pool ${audit.name}`;
    }
  return { owner, byChance };
}
