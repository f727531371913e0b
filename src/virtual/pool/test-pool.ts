import type { Socket } from "node:net";
import { TypedEmitter } from "../../lib/events.js";
import { Connection } from "./connection.js";
import { FaultSet, type FaultRequest, type FaultState } from "./faults/fault-set.js";
import { HeaderMemory } from "./header-memory.js";
import { JobMaker } from "./job-maker.js";
import type { JobTemplate } from "./job-template.js";
import { Ledger, type TestPoolStats } from "./ledger.js";
import type { JobSentEvent, PoolEvents, ShareEvent, SubmitLineEvent } from "./pool-events.js";
import { PoolListener } from "./pool-listener.js";
import { ResumeMemory } from "./resume-memory.js";
import { JOB_LIFETIME_MS } from "./sent-jobs.js";
import { Session, type SessionHost } from "./session.js";
import { settingsOf, type Settings, type TestPoolOptions } from "./settings.js";
import { shareTarget } from "./share-target.js";
import { arrayTranscript, fileTranscript, type Transcript } from "./transcript.js";

/**
 * A Stratum V1 pool for demonstrations, tests and benches. It rebuilds and hashes every share with
 * code of its own, so that it can tell what the controller got wrong.
 */
export class TestPool {
  readonly #listener: PoolListener;
  readonly #settings: Settings;
  readonly #jobMaker: JobMaker;
  readonly #ledger: Ledger;
  readonly #events = new TypedEmitter<PoolEvents>();
  readonly #host: SessionHost;
  readonly #sessions = new Set<Session>();
  readonly #faults: FaultSet;
  readonly #startMs: number;
  readonly #timers = new Map<string, () => void>();
  #extranonce1: Uint8Array;
  #connectionCount = 0;

  private constructor(settings: Settings) {
    const { clock, random, firstExtranonce1, extranonce2Size } = settings;
    this.#settings = settings;
    this.#listener = new PoolListener({
      ...{ host: settings.host, port: settings.port, tls: settings.tls },
      accepts: (tcp) => this.#faults.connect(tcp),
      onConnection: (socket, tcp) => {
        this.#accept(socket, tcp);
      },
    });
    this.#startMs = clock.nowMs();
    this.#extranonce1 = firstExtranonce1;
    this.#ledger = new Ledger(settings.startDifficulty);
    this.#jobMaker = new JobMaker(
      {
        extranonceSize: firstExtranonce1.length + extranonce2Size,
        merkleBranches: settings.merkleBranches,
        payouts: settings.payouts,
        nbits: settings.nbits,
        startUnixS: this.#unixS(),
        lagBlocks: settings.lagBlocks,
      },
      random,
    );
    this.#faults = this.#makeFaults();
    this.#host = {
      settings,
      faults: this.#faults,
      subscriptions: new ResumeMemory(),
      ledger: this.#ledger,
      events: this.#events,
      headers: new HeaderMemory(JOB_LIFETIME_MS),
      nextExtranonce1: () => this.#nextExtranonce1(),
      makeJob: (clean) => this.#jobMaker.makeJob(this.#unixS(), clean, this.#faults.shape),
      onBlockFound: () => {
        this.newBlock();
      },
    };
    this.#every("job", settings.jobIntervalS, () => {
      this.newJob();
    });
    this.#every("block", settings.blockIntervalS, () => {
      this.newBlock();
    });
  }

  /**
   * Listens and serves until `stop`. Throws `RangeError` for options it cannot work with, and the
   * error of the operating system when the port is not free.
   */
  static async start(options: TestPoolOptions): Promise<TestPool> {
    const pool = new TestPool(settingsOf(options));
    try {
      await pool.#listener.open();
    } catch (error) {
      await pool.stop();
      throw error;
    }
    return pool;
  }

  /** The TCP port it listens on. */
  get port(): number {
    return this.#listener.port;
  }

  /** What a miner puts into its configuration. */
  get url(): string {
    const { host, tls } = this.#settings;
    return `stratum+${tls === undefined ? "tcp" : "ssl"}://${host}:${String(this.port)}`;
  }

  /** Gives the same job content again when passed as an option. */
  get seed(): string {
    return this.#settings.seed;
  }

  stats(): TestPoolStats {
    return this.#ledger.stats(this.#settings.clock.nowMs());
  }

  /**
   * Sets a fault; one of the same name is cleared first.
   * @throws MinerError VIRTUAL_FAULT_UNKNOWN, VIRTUAL_REQUEST_INVALID
   */
  async fault(request: FaultRequest): Promise<void> {
    await this.#faults.set(request);
  }

  /**
   * Takes a fault away, or all of them.
   * @throws MinerError VIRTUAL_FAULT_UNKNOWN
   */
  async clear(name?: string): Promise<void> {
    await this.#faults.clear(name);
  }

  /** The faults that are set. */
  faults(): readonly FaultState[] {
    return this.#faults.list();
  }

  /** Calls `listener` for every judged share; the returned function ends that. */
  onShare(listener: (event: ShareEvent) => void): () => void {
    return this.#events.on("share", listener);
  }

  /** Calls `listener` for every submit as it comes in; the returned function ends that. */
  onSubmitLine(listener: (event: SubmitLineEvent) => void): () => void {
    return this.#events.on("submitLine", listener);
  }

  /** Calls `listener` for every job as it goes out; the returned function ends that. */
  onJobSent(listener: (event: JobSentEvent) => void): () => void {
    return this.#events.on("jobSent", listener);
  }

  /** Another block: every miner gets a clean job on a new previous hash, older jobs are stale. */
  newBlock(): void {
    this.#jobMaker.advanceBlock();
    this.announce(this.#host.makeJob(true));
    const { followUpJobMs, clock } = this.#settings;
    if (followUpJobMs === undefined) return;
    this.#timers.get("followUp")?.();
    const cancel = clock.after(followUpJobMs, () => {
      this.newJob();
    });
    this.#timers.set("followUp", cancel);
  }

  /** A new job on the same block for every miner; older jobs stay good. */
  newJob(): void {
    this.announce(this.#host.makeJob(false));
  }

  /** Sends a job of the caller's making to every miner. */
  announce(template: JobTemplate): void {
    for (const session of [...this.#sessions]) session.announce(template);
  }

  /** Changes the difficulty of every connected miner, each with a new job; later ones start as before. */
  setDifficulty(difficulty: number): void {
    shareTarget(difficulty, this.#settings.difficulty1Target);
    for (const session of [...this.#sessions]) session.setDifficulty(difficulty);
  }

  /** A new extranonce1 and a clean job for every miner that subscribed to such changes. */
  changeExtranonce1(): void {
    for (const session of [...this.#sessions]) session.changeExtranonce1();
  }

  /** Sends a line as it is to every miner: `client.reconnect`, `client.show_message`, garbage. */
  broadcast(line: string): void {
    for (const session of this.#sessions) session.link.sendText(line);
  }

  /** Closes every connection and keeps listening. */
  dropConnections(): void {
    for (const session of [...this.#sessions]) session.close();
  }

  /** Closes everything; resolves when the port is free again. */
  async stop(): Promise<void> {
    for (const cancel of this.#timers.values()) cancel();
    const closed = this.#listener.close();
    await this.#faults.clear();
    // A fault that had the port closed opens it when it ends.
    const closedAgain = this.#listener.close();
    this.dropConnections();
    this.#listener.endConnections();
    await Promise.all([closed, closedAgain]);
  }

  #makeFaults(): FaultSet {
    return new FaultSet({
      clock: this.#settings.clock,
      peers: () => [...this.#sessions],
      makeJob: (clean) => this.#host.makeJob(clean),
      newJob: () => {
        this.newJob();
      },
      newBlock: () => {
        this.newBlock();
      },
      setDifficulty: (difficulty) => {
        this.setDifficulty(difficulty);
      },
      difficulty: () => this.stats().difficulty,
      target: (difficulty) => shareTarget(difficulty, this.#settings.difficulty1Target),
      setListening: (isListening) => {
        return isListening ? this.#listener.open() : this.#listener.close();
      },
      useCertificate: (name) => {
        this.#listener.useCertificate(name);
      },
    });
  }

  #accept(socket: Socket, tcp: Socket): void {
    const number = ++this.#connectionCount;
    this.#ledger.addConnection();
    const connection = new Connection({
      ...{ socket, tcp, clock: this.#settings.clock },
      transcript: this.#openTranscript(number),
      onLine: (line, atMs) => {
        this.#faults.receive(line, session, (passed) => {
          session.receive(passed, atMs);
        });
      },
      onWrite: (bytes, send) => {
        this.#faults.write(bytes, session, send);
      },
      onTooLong: () => {
        this.#ledger.addProtocolError();
      },
      onClosed: () => {
        this.#sessions.delete(session);
        this.#ledger.removeConnection();
        session.onClosed();
      },
    });
    const session = new Session(this.#host, connection, number);
    this.#sessions.add(session);
    this.#faults.open(session);
  }

  #openTranscript(number: number): Transcript | undefined {
    const { transcript } = this.#settings;
    if (transcript === undefined) return undefined;
    if (typeof transcript !== "string") return arrayTranscript(transcript, this.#startMs);
    const path = number === 1 ? transcript : `${transcript}.${String(number)}`;
    return fileTranscript(path, this.#startMs);
  }

  /** Counts up in the last bytes, and wraps. */
  #nextExtranonce1(): Uint8Array {
    const current = this.#extranonce1;
    const next = Uint8Array.from(current);
    for (let index = next.length - 1; index >= 0; index--) {
      const byte = ((next[index] ?? 0) + 1) & 0xff;
      next[index] = byte;
      if (byte !== 0) break;
    }
    this.#extranonce1 = next;
    return current;
  }

  #every(name: string, intervalS: number, action: () => void): void {
    if (intervalS <= 0) return;
    const arm = (): void => {
      const cancel = this.#settings.clock.after(intervalS * 1000, () => {
        arm();
        action();
      });
      this.#timers.set(name, cancel);
    };
    arm();
  }

  #unixS(): number {
    return Math.floor(this.#settings.clock.unixMs() / 1000);
  }
}
