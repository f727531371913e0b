import type { TypedEmitter } from "../lib/events.js";

/** Chip families by printed name. */
export const CHIP_MODELS = ["BM1362", "BM1366", "BM1368", "BM1370"] as const;
export type ChipModel = (typeof CHIP_MODELS)[number];

/** One chip by its address on the chain, or every chip. */
export type ChipTarget = number | "all";

export interface RegisterAnswer {
  /** Address byte of the answer, 0..255. */
  readonly chipAddress: number;
  readonly register: number;
  /** Unsigned 32 bits. */
  readonly value: number;
  /** Monotonic microseconds of the native clock when the last byte was read. */
  readonly atUs: number;
}

/** What the chain thread found out about one nonce. */
export const NONCE_VERDICTS = [
  "share",
  "belowTarget",
  "duplicate",
  "unknownWork",
  "stale",
  "hardwareError",
] as const;
export type NonceVerdict = (typeof NONCE_VERDICTS)[number];

/** One nonce with the work it answers. Work fields are meaningless for verdict `unknownWork`. */
export interface NonceRecord {
  readonly verdict: NonceVerdict;
  /** Key of the job template the work was made from. */
  readonly jobKey: number;
  /** Whose job it is. */
  readonly poolKey: number;
  readonly sessionKey: number;
  readonly chipIndex: number;
  readonly core: number;
  /** The four nonce bytes in wire order read as a little-endian number: what mining.submit prints. */
  readonly nonce: number;
  /** Whole header version, rolled bits included. */
  readonly version: number;
  readonly ntime: number;
  readonly extranonce2: Uint8Array;
  /** Hash as it comes out of SHA-256d: a little-endian number, 32 bytes. */
  readonly hashLe: Uint8Array;
  /** Monotonic microseconds of the native clock when the last byte was read. */
  readonly atUs: number;
}

/**
 * What native turns into work for the chips of one chain. One per pool job; everything else (coinbase, merkle root,
 * extranonce2, ntime, version base) is done on the chain thread.
 */
export interface JobTemplate {
  /** Chosen by the caller, returned with each nonce; unique while nonces of the job may still come. */
  readonly jobKey: number;
  /** Whose job it is. Jobs of several pools may take turns: the work of one leaves that of the others alone. */
  readonly poolKey: number;
  /** Jobs of one pool session (one extranonce1) share it; a new one makes the pool's older work stale. */
  readonly sessionKey: number;
  readonly version: number;
  /** Bits the chip may roll: device mask and pool mask, without bits set in `version`. */
  readonly versionMask: number;
  /** Header order, 32 bytes. */
  readonly prevhash: Uint8Array;
  readonly nbits: number;
  readonly ntime: number;
  /** Coinbase up to extranonce2 (coinb1 and extranonce1). */
  readonly coinbasePrefix: Uint8Array;
  /** 0..32 bytes. */
  readonly extranonce2Size: number;
  readonly coinbaseSuffix: Uint8Array;
  /** 32 bytes each, SHA-256 order. */
  readonly merkleBranches: readonly Uint8Array[];
  /** A hash at or below is a share. 32 bytes, little-endian number. */
  readonly shareTargetLe: Uint8Array;
  /** Work of the pool's earlier jobs is stale from now on; implies `urgent`. */
  readonly clean: boolean;
  /** Work of this job goes out at once; else when the work before has had its time, if there is any. */
  readonly urgent: boolean;
}

export interface ChainCounters {
  readonly jobsReceived: number;
  readonly worksSent: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly framesReceived: number;
  readonly crcErrors: number;
  readonly garbageBytes: number;
  readonly nonces: Readonly<Record<NonceVerdict, number>>;
  readonly recordsDropped: number;
  readonly tapDropped: number;
  readonly uartOverruns: number;
  readonly uartFramingErrors: number;
  readonly hangUps: number;
  readonly writeStalls: number;
  /** Times that the extranonce2 range was used up and the chain had to wait. */
  readonly workStarved: number;
  /** Longest time between two works while a job was there, microseconds. */
  readonly worstWorkGapUs: number;
  /** The chain thread runs under SCHED_FIFO. */
  readonly isRealTime: boolean;
}

/** A piece of either direction of the wire. */
export interface WireBurst {
  /** Monotonic microseconds of the native clock. */
  readonly atUs: number;
  readonly fromChips: boolean;
  readonly bytes: Uint8Array;
}

export interface ChainPortEvents {
  nonces: [records: readonly NonceRecord[]];
  /** Register answers nobody waits for (chips send some on their own). */
  strayRegister: [answer: RegisterAnswer];
  linkDown: [];
  linkUp: [];
  deadMan: [];
  /** Only when the port was opened with a tap. */
  wire: [bursts: readonly WireBurst[]];
}

/** A chain as the rest of the program sees it: one native thread, one wire. */
export interface ChainPort {
  readonly name: string;
  readonly events: TypedEmitter<ChainPortEvents>;

  /** Each of these resolves when the frame's last byte has left the UART and `delayAfterMs` has passed. */
  chainInactive(delayAfterMs?: number): Promise<void>;
  setAddress(address: number, delayAfterMs?: number): Promise<void>;
  writeRegister(
    target: ChipTarget,
    register: number,
    value: number,
    delayAfterMs?: number,
  ): Promise<void>;

  /**
   * Asks for a register and collects answers until `silenceMs` passed without one (target "all"; much less behind the
   * last of `expected` answers), or until the chip answered. Throws CHAIN_REGISTER_TIMEOUT when a single chip stays silent for `silenceMs`; "all" may return none.
   */
  readRegister(
    target: ChipTarget,
    register: number,
    silenceMs: number,
    expected?: number,
  ): Promise<RegisterAnswer[]>;

  /**
   * Waits until the transmitter is empty, waits `settleMs`, switches the host's tty and flushes what was received.
   * Throws LINK_BAUD_REFUSED when the driver gives a rate more than 1 % off.
   */
  setBaud(baud: number, settleMs?: number): Promise<void>;

  /** 9 until the chips got a 0xA4 write, 11 afterwards; the caller says when. */
  setResponseLength(length: 9 | 11): Promise<void>;

  /** Pulls (true) or releases (false) the reset line of the chain. A reset chain answers at 115200 in 9 bytes. */
  setReset(asserted: boolean): Promise<void>;

  /** How work is made on this chain; before the first `setJob`, again when frequency or mask change. */
  configureWork(options: WorkOptions): void;
  /** A new job; work is made from it at the job interval, the first at once when the template says so. */
  setJob(template: JobTemplate): void;
  /** Resolves with the next work that leaves the UART. */
  nextWorkSent(): Promise<void>;
  /** No more work; running work stays answerable unless `forget`. */
  stopWork(forget?: boolean): void;

  counters(): ChainCounters;
  /** Per chip and core, by the family's nonce layout. */
  coreCounters(): CoreCounters;
  close(): Promise<void>;
}

export interface WorkOptions {
  /** Milliseconds between two works of one chain. */
  readonly jobIntervalMs: number;
  /** A nonce whose hash is above is a hardware error. 32 bytes, little-endian number. */
  readonly ticketTargetLe: Uint8Array;
}

export interface CoreCounters {
  readonly chips: number;
  readonly cores: number;
  /** chips x cores, chip-major: nonces that meet the ticket target. */
  readonly valid: Uint32Array;
  /** chips x cores, chip-major: nonces that do not. */
  readonly hardwareErrors: Uint32Array;
}
