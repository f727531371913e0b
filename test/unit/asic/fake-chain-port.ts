import { TypedEmitter } from "../../../src/lib/events.js";
import { MinerError } from "../../../src/lib/errors.js";
import type {
  ChainCounters,
  ChainPort,
  ChainPortEvents,
  ChipTarget,
  CoreCounters,
  JobTemplate,
  RegisterAnswer,
  WorkOptions,
} from "../../../src/hal/chain-port.js";

export interface FakeChip {
  readonly idWord: number;
  /** Neither takes an address nor answers, but passes everything on. */
  isTransparent?: boolean;
  /** Takes an address and passes everything on, but is silent. */
  isSilent?: boolean;
}

export interface FakeChainOptions {
  readonly chips: readonly FakeChip[];
  /** Nothing passes behind this chip. */
  readonly openBehind?: number;
  /** Called before every read; may change the chips. */
  readonly beforeRead?: (chips: FakeChip[], reads: number) => void;
}

/** Chips that only know addresses and ids: enough to see what a bring-up does and in which order. */
export class FakeChainPort implements ChainPort {
  readonly name = "chain0";
  readonly events = new TypedEmitter<ChainPortEvents>();
  readonly log: string[] = [];
  crcErrors = 0;
  garbageBytes = 0;
  readonly #chips: FakeChip[];
  readonly #openBehind: number;
  readonly #beforeRead: FakeChainOptions["beforeRead"];
  #addresses = new Map<number, number>();
  #reads = 0;

  constructor(options: FakeChainOptions) {
    this.#chips = options.chips.map((chip) => ({ ...chip }));
    this.#openBehind = options.openBehind ?? Infinity;
    this.#beforeRead = options.beforeRead;
  }

  chainInactive(): Promise<void> {
    this.log.push("inactive");
    this.#addresses = new Map();
    return Promise.resolve();
  }

  setAddress(address: number): Promise<void> {
    this.log.push(`address ${String(address)}`);
    const taker = this.#reachable().find(
      (index) => this.#chips[index]?.isTransparent !== true && !this.#addresses.has(index),
    );
    if (taker !== undefined) this.#addresses.set(taker, address);
    return Promise.resolve();
  }

  writeRegister(target: ChipTarget, register: number, value: number): Promise<void> {
    this.log.push(`write ${String(target)} ${register.toString(16)} ${value.toString(16)}`);
    return Promise.resolve();
  }

  readRegister(target: ChipTarget, register: number, silenceMs: number): Promise<RegisterAnswer[]> {
    this.log.push(`read ${String(target)} ${register.toString(16)} ${String(silenceMs)}`);
    this.#beforeRead?.(this.#chips, ++this.#reads);
    const answers = this.#reachable().flatMap((index) => this.#answer(index, register));
    if (target === "all") return Promise.resolve(answers);
    const answer = answers.filter(({ chipAddress }) => chipAddress === target);
    if (answer.length === 0)
      return Promise.reject(new MinerError("CHAIN_REGISTER_TIMEOUT", { target, register }));
    return Promise.resolve(answer);
  }

  setBaud(baud: number, settleMs = 0): Promise<void> {
    this.log.push(`baud ${String(baud)} ${String(settleMs)}`);
    return Promise.resolve();
  }

  setResponseLength(length: 9 | 11): Promise<void> {
    this.log.push(`length ${String(length)}`);
    return Promise.resolve();
  }

  setReset(asserted: boolean): Promise<void> {
    this.log.push(asserted ? "reset on" : "reset off");
    this.#addresses = new Map();
    return Promise.resolve();
  }

  configureWork({ jobIntervalMs }: WorkOptions): void {
    throw new Error(`bring-up makes no work, none every ${jobIntervalMs} ms`);
  }

  setJob({ jobKey }: JobTemplate): void {
    throw new Error(`bring-up makes no work, none of job ${jobKey}`);
  }

  nextWorkSent(): Promise<void> {
    return Promise.resolve();
  }

  stopWork(): void {
    throw new Error("bring-up makes no work");
  }

  counters(): ChainCounters {
    const nonces = { share: 0, belowTarget: 0, duplicate: 0 };
    return {
      ...{ jobsReceived: 0, worksSent: 0, bytesSent: 0, bytesReceived: 0, framesReceived: 0 },
      ...{ crcErrors: this.crcErrors, garbageBytes: this.garbageBytes, recordsDropped: 0 },
      ...{ tapDropped: 0, uartOverruns: 0, uartFramingErrors: 0, hangUps: 0, writeStalls: 0 },
      ...{ workStarved: 0, worstWorkGapUs: 0, isRealTime: false },
      nonces: { ...nonces, unknownWork: 0, stale: 0, hardwareError: 0 },
    };
  }

  coreCounters(): CoreCounters {
    throw new Error("bring-up counts nothing");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #reachable(): number[] {
    return this.#chips.map((_, index) => index).filter((index) => index <= this.#openBehind);
  }

  #answer(index: number, register: number): RegisterAnswer[] {
    const chip = this.#chips[index];
    if (chip === undefined || chip.isTransparent === true || chip.isSilent === true) return [];
    const chipAddress = this.#addresses.get(index) ?? 0;
    return [{ chipAddress, register, value: (chip.idWord | chipAddress) >>> 0, atUs: 0 }];
  }
}
