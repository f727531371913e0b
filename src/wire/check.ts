import { headerHash, serializeHeader } from "../bitcoin/header.js";
import type { Network } from "../bitcoin/network.js";
import { difficultyOfHash, targetFromLe, ticketTarget } from "../bitcoin/target.js";
import type { ChipModel } from "../hal/chain-port.js";
import type { JobFrame, NativeWireDecoder, NonceFrame } from "../hal/native-wire.js";
import { hex32, toHex } from "../lib/bytes.js";
import type { Burst } from "./capture.js";
import { ChainMap } from "./chain-map.js";
import { decodeFrames } from "./decode.js";

/** Why a nonce is judged as it is; null when it answers the job its id names. */
export type CheckReason = "earlierJob" | "belowTicket" | "unknownJob" | null;

/** One nonce as `wire check --json` prints it. */
export interface NonceCheck {
  /** Seconds. */
  readonly t: number;
  readonly jobByte: number;
  /** Four bytes in wire order. */
  readonly nonceHex: string;
  /** `0x` and eight digits; null, like header and difficulty, when no job is known. */
  readonly version: string | null;
  /** 80 bytes hex. */
  readonly header: string | null;
  readonly difficulty: number | null;
  readonly core: number;
  readonly chipAddress: number | null;
  /** The hash meets the ticket mask that the host has set. */
  readonly ok: boolean;
  readonly reason: CheckReason;
}

export interface CheckTotals {
  readonly total: true;
  readonly nonces: number;
  readonly ok: number;
  readonly hwErrors: number;
  readonly unknownJob: number;
  readonly crcErrors: number;
  readonly garbageBytes: number;
}

const TICKET_MASK_REGISTER = 0x14;

/** Answers to a job arrive for some milliseconds after its slot is used again. */
const KEPT_GENERATIONS = 4;

// Documented: fact sheet BM13xx, section 6.4; the field holds header bits 28:13.
const VERSION_FIELD_SHIFT = 13;

interface Candidate {
  readonly version: number;
  readonly header: Uint8Array;
  readonly hashLe: Uint8Array;
}

/** Pairs nonces with jobs of the same wire, rebuilds their headers and hashes them. */
class NonceChecker {
  readonly #network: Network;
  readonly #chain: ChainMap;
  /** Newest first. */
  readonly #jobs = new Map<number, JobFrame[]>();
  // The register is 0 after reset: difficulty 1.
  #ticketDifficulty = 1;

  constructor(chip: ChipModel, network: Network) {
    this.#network = network;
    this.#chain = new ChainMap(chip);
  }

  get chain(): ChainMap {
    return this.#chain;
  }

  addJob(job: JobFrame): void {
    const older = this.#jobs.get(job.jobByte) ?? [];
    this.#jobs.set(job.jobByte, [job, ...older].slice(0, KEPT_GENERATIONS));
  }

  setTicketMask(registerValue: number): void {
    this.#ticketDifficulty = ticketDifficultyOf(registerValue);
  }

  check(nonce: NonceFrame): NonceCheck {
    const candidates = (this.#jobs.get(nonce.jobByte) ?? []).map((job) => rebuild(job, nonce));
    const target = ticketTarget(this.#ticketDifficulty, this.#network);
    const metBy = candidates.findIndex(({ hashLe }) => targetFromLe(hashLe) <= target);
    const best = candidates[Math.max(metBy, 0)];
    return {
      t: nonce.t,
      jobByte: nonce.jobByte,
      nonceHex: nonce.nonceHex,
      version: best === undefined ? null : `0x${hex32(best.version)}`,
      header: best === undefined ? null : toHex(best.header),
      difficulty: best === undefined ? null : difficultyOfHash(best.hashLe, this.#network),
      core: nonce.core,
      chipAddress: this.#chain.chipAddressOf(nonce),
      ok: metBy >= 0,
      reason: reasonOf(candidates.length, metBy),
    };
  }
}

/** A line for each nonce of a capture, and the totals. */
export async function* checkNonces(
  bursts: AsyncIterable<Burst>,
  decoder: NativeWireDecoder,
  chip: ChipModel,
  network: Network,
): AsyncGenerator<NonceCheck | CheckTotals> {
  const checker = new NonceChecker(chip, network);
  const counts = { nonces: 0, ok: 0, hwErrors: 0, unknownJob: 0 };
  for await (const frame of decodeFrames(bursts, decoder)) {
    checker.chain.observe(frame);
    if (frame.kind === "job") checker.addJob(frame);
    else if (frame.kind === "writeRegister" && frame.register === TICKET_MASK_REGISTER)
      checker.setTicketMask(frame.value);
    else if (frame.kind === "nonce") {
      const check = checker.check(frame);
      counts.nonces += 1;
      if (check.ok) counts.ok += 1;
      else if (check.reason === "unknownJob") counts.unknownJob += 1;
      else counts.hwErrors += 1;
      yield check;
    }
  }
  const { crcErrors, garbageBytes } = decoder.counters();
  yield { total: true, ...counts, crcErrors, garbageBytes };
}

/** A check or the totals as a line for readers. */
export function formatCheck(line: NonceCheck | CheckTotals): string {
  if ("total" in line) {
    const { nonces, ok, hwErrors, unknownJob, crcErrors, garbageBytes } = line;
    return (
      `${nonces} nonces: ${ok} ok, ${hwErrors} hardware errors, ${unknownJob} of unknown jobs; ` +
      `${crcErrors} CRC errors, ${garbageBytes} garbage bytes`
    );
  }
  const difficulty = line.difficulty === null ? "-" : line.difficulty.toFixed(2);
  return [
    line.t.toFixed(6),
    line.ok ? "ok " : "BAD",
    `job=0x${line.jobByte.toString(16).padStart(2, "0")}`,
    `nonce=${line.nonceHex}`,
    `version=${line.version ?? "-"}`,
    `difficulty=${difficulty}`,
    `core=${line.core}`,
    `chip=${line.chipAddress ?? "-"}`,
    ...(line.reason === null ? [] : [line.reason]),
  ].join(" ");
}

function rebuild(job: JobFrame, nonce: NonceFrame): Candidate {
  const version = (job.version | ((nonce.versionField ?? 0) << VERSION_FIELD_SHIFT)) >>> 0;
  const header = serializeHeader({
    version,
    prevhash: Buffer.from(job.prevhash, "hex"),
    merkleRoot: Buffer.from(job.merkleRoot, "hex"),
    ntime: job.ntime,
    nbits: job.nbits,
    nonce: Buffer.from(nonce.nonceHex, "hex").readUInt32LE(),
  });
  return { version, header, hashLe: headerHash(header) };
}

function reasonOf(candidates: number, metBy: number): CheckReason {
  if (candidates === 0) return "unknownJob";
  if (metBy < 0) return "belowTicket";
  return metBy === 0 ? null : "earlierJob";
}

/**
 * The difficulty that a ticket mask asks for. Each byte of the mask is bit-reversed in the
 * register. Documented: fact sheet BM13xx, section 8.
 */
function ticketDifficultyOf(registerValue: number): number {
  let zeroBits = 0;
  while (zeroBits < 32 && ((registerValue >>> (zeroBits ^ 7)) & 1) === 1) zeroBits += 1;
  return 2 ** zeroBits;
}
