import { TypedEmitter } from "../lib/events.js";
import type {
  ChainCounters,
  ChainPort,
  ChainPortEvents,
  ChipTarget,
  CoreCounters,
  JobTemplate,
  RegisterAnswer,
  WorkOptions,
} from "./chain-port.js";

/** A port of one wire, which has to be opened. */
export type WirePort = ChainPort & {
  /** @throws LINK_OPEN_FAILED, LINK_BAUD_REFUSED */
  open(): void;
};

/**
 * The chain of one slot, whatever tty it hangs on: it stays the same for whoever uses it while its wire is changed. The
 * counters begin anew with each wire.
 */
export class RewirableChainPort implements ChainPort {
  readonly name: string;
  readonly events = new TypedEmitter<ChainPortEvents>();
  readonly #make: (tty: string) => WirePort;
  #tty: string;
  #port: WirePort;
  #unhook: () => void;

  constructor(tty: string, make: (tty: string) => WirePort) {
    this.#make = make;
    this.#tty = tty;
    this.#port = make(tty);
    this.#unhook = this.#hook();
    this.name = this.#port.name;
  }

  get tty(): string {
    return this.#tty;
  }

  /** @throws LINK_OPEN_FAILED, LINK_BAUD_REFUSED */
  open(): void {
    this.#port.open();
  }

  /** The wire for the next `open`; call it while the port is closed. */
  wireTo(tty: string): void {
    this.#unhook();
    this.#tty = tty;
    this.#port = this.#make(tty);
    this.#unhook = this.#hook();
  }

  chainInactive(delayAfterMs?: number): Promise<void> {
    return this.#port.chainInactive(delayAfterMs);
  }

  setAddress(address: number, delayAfterMs?: number): Promise<void> {
    return this.#port.setAddress(address, delayAfterMs);
  }

  writeRegister(
    target: ChipTarget,
    register: number,
    value: number,
    delayAfterMs?: number,
  ): Promise<void> {
    return this.#port.writeRegister(target, register, value, delayAfterMs);
  }

  readRegister(
    target: ChipTarget,
    register: number,
    silenceMs: number,
    expected?: number,
  ): Promise<RegisterAnswer[]> {
    return this.#port.readRegister(target, register, silenceMs, expected);
  }

  setBaud(baud: number, settleMs?: number): Promise<void> {
    return this.#port.setBaud(baud, settleMs);
  }

  setResponseLength(length: 9 | 11): Promise<void> {
    return this.#port.setResponseLength(length);
  }

  setReset(asserted: boolean): Promise<void> {
    return this.#port.setReset(asserted);
  }

  configureWork(options: WorkOptions): void {
    this.#port.configureWork(options);
  }

  setJob(template: JobTemplate): void {
    this.#port.setJob(template);
  }

  nextWorkSent(): Promise<void> {
    return this.#port.nextWorkSent();
  }

  stopWork(forget?: boolean): void {
    this.#port.stopWork(forget);
  }

  counters(): ChainCounters {
    return this.#port.counters();
  }

  coreCounters(): CoreCounters {
    return this.#port.coreCounters();
  }

  close(): Promise<void> {
    return this.#port.close();
  }

  #hook(): () => void {
    const { events } = this.#port;
    const hooks = [
      events.on("nonces", (records) => {
        this.events.emit("nonces", records);
      }),
      events.on("strayRegister", (answer) => {
        this.events.emit("strayRegister", answer);
      }),
      events.on("wire", (bursts) => {
        this.events.emit("wire", bursts);
      }),
      ...(["linkDown", "linkUp", "deadMan"] as const).map((name) =>
        events.on(name, () => {
          this.events.emit(name);
        }),
      ),
    ];
    return () => {
      for (const unhook of hooks) unhook();
    };
  }
}
