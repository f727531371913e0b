import { MinerError, type ErrorCode } from "../lib/errors.js";
import { TypedEmitter } from "../lib/events.js";
import {
  NONCE_VERDICTS,
  type ChainCounters,
  type ChainPort,
  type ChainPortEvents,
  type ChipTarget,
  type CoreCounters,
  type JobTemplate,
  type NonceRecord,
  type NonceVerdict,
  type RegisterAnswer,
  type WireBurst,
  type WorkOptions,
} from "./chain-port.js";
import { loadAddon, type NativeChain, type NativeChainOptions } from "./native.js";
import {
  readRecord,
  readTapChunk,
  RECORD_SIZE,
  STAT_NAMES,
  TAP_CHUNK_SIZE,
  type CommandStatus,
  type StatName,
} from "./records.js";
import { RegisterListeners } from "./register-listeners.js";

export interface ChainPortOptions extends NativeChainOptions {
  readonly cores: number;
  /** How often the dead man is kicked; far below `deadManMs`. */
  readonly kickIntervalMs: number;
}

const DRAIN_RECORDS = 512;
/** The tap has no bell: it is for captures, not for control. */
const TAP_INTERVAL_MS = 50;

const STATUS_ERRORS: Readonly<Record<Exclude<CommandStatus, "done">, ErrorCode>> = {
  linkDown: "LINK_HUNG_UP",
  writeStalled: "LINK_WRITE_STALLED",
  baudRefused: "LINK_BAUD_REFUSED",
  resetFailed: "LINK_RESET_FAILED",
  dropped: "CHAIN_CLOSED",
};

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: MinerError) => void;
}

/** A chain over the native thread: turns tokens into promises and records into events. */
export class NativeChainPort implements ChainPort {
  readonly name: string;
  readonly events = new TypedEmitter<ChainPortEvents>();
  readonly #native: NativeChain;
  readonly #options: ChainPortOptions;
  readonly #buffer = new Uint8Array(new ArrayBuffer(DRAIN_RECORDS * RECORD_SIZE));
  readonly #tapBuffer: Uint8Array;
  readonly #waiters = new Map<number, Waiter>();
  readonly #registers: RegisterListeners;
  readonly #timers: NodeJS.Timeout[] = [];
  #nextToken = 1;
  #isOpen = false;

  constructor(options: ChainPortOptions) {
    const { ChainPort: NativePort } = loadAddon();
    this.name = options.name;
    this.#registers = new RegisterListeners(options.name);
    this.#options = options;
    this.#tapBuffer = new Uint8Array(options.tap ? DRAIN_RECORDS * TAP_CHUNK_SIZE : 0);
    this.#native = new NativePort(options);
  }

  /** Opens the tty. Throws LINK_OPEN_FAILED or LINK_BAUD_REFUSED with the path and the reason. */
  open(): void {
    try {
      this.#native.start(() => {
        this.#drain();
      });
    } catch (cause) {
      const { code, message } = cause as { code: ErrorCode; message: string };
      throw new MinerError(
        code,
        { chain: this.name, tty: this.#options.path, reason: message },
        { cause },
      );
    }
    this.#isOpen = true;
    this.#native.kick();
    this.#timers.push(
      setInterval(() => {
        this.#native.kick();
      }, this.#options.kickIntervalMs),
    );
    if (this.#options.tap)
      this.#timers.push(
        setInterval(() => {
          this.#drainTap();
        }, TAP_INTERVAL_MS),
      );
  }

  chainInactive(delayAfterMs = 0): Promise<void> {
    return this.#await((token) => this.#native.chainInactive(token, toUs(delayAfterMs)));
  }

  setAddress(address: number, delayAfterMs = 0): Promise<void> {
    return this.#await((token) => this.#native.setAddress(address, token, toUs(delayAfterMs)));
  }

  writeRegister(
    target: ChipTarget,
    register: number,
    value: number,
    delayAfterMs = 0,
  ): Promise<void> {
    return this.#await((token) =>
      this.#native.writeRegister(toNative(target), register, value, token, toUs(delayAfterMs)),
    );
  }

  async readRegister(
    target: ChipTarget,
    register: number,
    silenceMs: number,
    expected?: number,
  ): Promise<RegisterAnswer[]> {
    const listener = this.#registers.listen(target, register);
    let answers: RegisterAnswer[];
    try {
      await this.#await((token) => this.#native.readRegister(toNative(target), register, token));
      answers = await listener.collect(silenceMs, expected);
    } finally {
      listener.stop();
    }
    if (target !== "all" && answers.length === 0)
      throw new MinerError("CHAIN_REGISTER_TIMEOUT", {
        chain: this.name,
        chip: target,
        register,
        timeoutMs: silenceMs,
      });
    return answers;
  }

  setBaud(baud: number, settleMs = 0): Promise<void> {
    return this.#await((token) => this.#native.setBaud(baud, token, toUs(settleMs)));
  }

  setResponseLength(length: 9 | 11): Promise<void> {
    return this.#await((token) => this.#native.setResponseLength(length, token));
  }

  setReset(asserted: boolean): Promise<void> {
    return this.#await((token) => this.#native.driveReset(!asserted, token));
  }

  configureWork(options: WorkOptions): void {
    this.#native.configureWork(
      Math.max(1, Math.round(options.jobIntervalMs * 1000)),
      options.ticketTargetLe,
    );
  }

  setJob(template: JobTemplate): void {
    if (!this.#native.setJob(template))
      throw new MinerError("CHAIN_CLOSED", { chain: this.name, operation: "setJob" });
  }

  nextWorkSent(): Promise<void> {
    return this.#await((token) => this.#native.awaitWork(token));
  }

  stopWork(forget = false): void {
    this.#native.stopWork(forget);
  }

  counters(): ChainCounters {
    const values = new Float64Array(STAT_NAMES.length + NONCE_VERDICTS.length);
    this.#native.readStats(values);
    const stats = Object.fromEntries(STAT_NAMES.map((name, i) => [name, values[i] ?? 0]));
    const nonces = Object.fromEntries(
      NONCE_VERDICTS.map((name, i) => [name, values[STAT_NAMES.length + i] ?? 0]),
    );
    return {
      ...(stats as Record<StatName, number>),
      isRealTime: stats["isRealTime"] === 1,
      nonces: nonces as Record<NonceVerdict, number>,
    };
  }

  coreCounters(): CoreCounters {
    const { chips, cores } = this.#options;
    const valid = new Uint32Array(chips * cores);
    const hardwareErrors = new Uint32Array(chips * cores);
    this.#native.readCores(valid, hardwareErrors);
    return { chips, cores, valid, hardwareErrors };
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const timer of this.#timers) clearInterval(timer);
    this.#native.stop();
    this.#drain();
    this.#drainTap();
    this.#registers.close();
    const closed = new MinerError("CHAIN_CLOSED", { chain: this.name });
    for (const waiter of this.#waiters.values()) waiter.reject(closed);
    this.#waiters.clear();
    await Promise.resolve();
  }

  #await(post: (token: number) => boolean): Promise<void> {
    const token = this.#nextToken;
    this.#nextToken = token === 0xffff_ffff ? 1 : token + 1;
    return new Promise((resolve, reject) => {
      this.#waiters.set(token, { resolve, reject });
      if (post(token)) return;
      this.#waiters.delete(token);
      reject(new MinerError("CHAIN_CLOSED", { chain: this.name }));
    });
  }

  #drain(): void {
    const view = new DataView(this.#buffer.buffer);
    for (;;) {
      const nonces: NonceRecord[] = [];
      const count = this.#native.drain(this.#buffer);
      for (let i = 0; i < count; i++) this.#handle(view, i * RECORD_SIZE, nonces);
      if (nonces.length > 0) this.events.emit("nonces", nonces);
      if (count < DRAIN_RECORDS) return;
    }
  }

  #handle(view: DataView, offset: number, nonces: NonceRecord[]): void {
    const record = readRecord(view, offset);
    switch (record?.is) {
      case "nonce":
        nonces.push(record.nonce);
        return;
      case "registerAnswer":
        if (!this.#registers.hear(record.answer)) this.events.emit("strayRegister", record.answer);
        return;
      case "commandDone":
        this.#settle(record.token, record.status);
        return;
      case "linkDown":
      case "linkUp":
      case "deadMan":
        this.events.emit(record.is);
        return;
      case undefined:
        return;
    }
  }

  #settle(token: number, status: CommandStatus): void {
    const waiter = this.#waiters.get(token);
    if (waiter === undefined) return;
    this.#waiters.delete(token);
    if (status === "done") waiter.resolve();
    else waiter.reject(new MinerError(STATUS_ERRORS[status], { chain: this.name }));
  }

  #drainTap(): void {
    if (!this.#options.tap) return;
    const view = new DataView(this.#tapBuffer.buffer);
    const bursts: WireBurst[] = [];
    for (let count = DRAIN_RECORDS; count === DRAIN_RECORDS;) {
      count = this.#native.drainTap(this.#tapBuffer);
      for (let i = 0; i < count; i++) bursts.push(readTapChunk(view, i * TAP_CHUNK_SIZE));
    }
    if (bursts.length > 0) this.events.emit("wire", bursts);
  }
}

function toUs(ms: number): number {
  return Math.round(ms * 1000);
}

function toNative(target: ChipTarget): number {
  return target === "all" ? -1 : target;
}
