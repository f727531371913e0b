import type { Socket } from "node:net";
import type { Clock } from "../../../lib/clock.js";
import type { FaultDescription, FaultParameters } from "../../fault-parameters.js";
import type { JobShape } from "../job-maker.js";
import type { JobTemplate } from "../job-template.js";
import type { Verdict } from "../reject-reason.js";

/** A message of the pool before it becomes a line. */
export interface PoolMessage {
  /** That of the notification, or of the request that is answered. */
  readonly method: string;
  readonly isAnswer: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The connection of a miner, below the messages. */
export interface PeerLink {
  /** Sends a line that no `send` hook sees. */
  sendText(line: string): void;
  /** Sends bytes that no hook at all sees. */
  sendBytes(bytes: Uint8Array): void;
  /** Neither reads nor writes any more, for good; the connection stays open. */
  freeze(): void;
  stopReading(): void;
  close(): void;
  /** Closes with a reset instead of a proper end. */
  reset(): void;
}

/** One miner as a fault sees it. */
export interface Peer {
  /** Counts the connections of the pool from 1. */
  readonly number: number;
  readonly link: PeerLink;
  readonly isAuthorized: boolean;
  /** Clock time of the last submit, or of the connection before the first, ms. */
  readonly lastSubmitAtMs: number;
  notify(method: string, params: readonly unknown[]): void;
  announce(job: JobTemplate): void;
  /** Sends the newest job again as it was. */
  repeatJob(): void;
  /** From now on only bits of `mask` may roll; the miner is told. */
  narrowVersionMask(mask: number): void;
  /** Takes no version bits any more; the miner is not told. */
  stopVersionRolling(): void;
  /** Tells a difficulty that holds for the jobs after it, and sends no job. */
  setDifficultyInsideJob(difficulty: number): void;
  /** Another extranonce1, with extranonce2 of `extranonce2Size` bytes, whether the miner asked for it or not. */
  moveExtranonce(extranonce2Size: number): void;
  /** Forgets that the miner authorized. */
  revoke(): void;
}

/** The pool as a fault sees it. */
export interface FaultHost {
  readonly clock: Clock;
  /** The miners that are connected. */
  peers(): readonly Peer[];
  makeJob(clean: boolean): JobTemplate;
  /** A new job, or block, for every miner. */
  newJob(): void;
  newBlock(): void;
  setDifficulty(difficulty: number): void;
  /** The difficulty sent last. */
  difficulty(): number;
  /** What a share of that difficulty must reach. */
  target(difficulty: number): bigint;
  /** Calls `action` again and again until the fault is cleared. */
  every(ms: number, action: () => void): void;
  /** Calls `action` once, unless the fault is cleared before. */
  after(ms: number, action: () => void): void;
  /** Refuses new connections, or takes them again on the same port. */
  setListening(isListening: boolean): Promise<void>;
  /** Shows another certificate to new connections; undefined for the pool's own. */
  useCertificate(name: string | undefined): void;
  /** Tells that the fault is felt from now on; only faults that wait for something call it. */
  bites(): void;
}

/**
 * What a fault does while it is set. Hooks with `next` stand in a row, in the order in which the faults were
 * set: each passes on what it was given, something else, nothing, or the same later.
 */
export interface FaultHooks {
  /** A TCP connection came in, before TLS; false when the pool shall have nothing to do with it. */
  readonly connect?: (socket: Socket) => boolean;
  /** A connection is ready for lines. */
  readonly open?: (peer: Peer) => void;
  /** A line of a miner. */
  readonly receive?: (line: string, peer: Peer, next: (line: string) => void) => void;
  /** A message to a miner. */
  readonly send?: (message: PoolMessage, peer: Peer, next: (message: PoolMessage) => void) => void;
  /** Bytes to a miner. */
  readonly write?: (bytes: Uint8Array, peer: Peer, next: (bytes: Uint8Array) => void) => void;
  /** Decides about a user name in place of the pool. */
  readonly authorize?: (user: string) => boolean;
  /** What the miner is told of a share, and what is booked; "ignored" is neither answered nor booked. */
  readonly judge?: (verdict: Verdict, peer: Peer) => Verdict | "ignored";
  /** True when miners get no jobs. */
  readonly holdsJobs?: boolean;
  /** What jobs look like that are made now. */
  readonly shape?: JobShape;
  /** The fault is taken away. */
  readonly end?: () => void | Promise<void>;
}

export interface PoolFaultSpec extends FaultDescription {
  /** True when the fault is felt only some time after it was set; it calls `bites` then. */
  readonly bitesLater?: true;
  readonly begin: (parameters: FaultParameters, pool: FaultHost) => FaultHooks;
}

export type PoolFaultTable = Readonly<Record<string, PoolFaultSpec>>;

/** A parameter that `checkParameters` found to be a number. */
export function numberOf(parameters: FaultParameters, name: string): number {
  return Number(parameters[name]);
}

/** The same for text. */
export function textOf(parameters: FaultParameters, name: string): string {
  return String(parameters[name]);
}
