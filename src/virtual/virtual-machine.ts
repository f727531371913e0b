import { join } from "node:path";
import { systemClock, type Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import type { VirtualChainSpec } from "./chain/virtual-chain.js";
import type { BodySpec } from "./body/body-spec.js";
import { BODY_FILES, BodyHost } from "./machine/body-host.js";
import { ChainLine } from "./machine/chain-line.js";
import { ControlServer } from "./machine/control-server.js";
import { machineActions } from "./machine/machine-actions.js";
import { prepareListenDir } from "./machine/listen-dir.js";
import { PtyTransport } from "./machine/pty-transport.js";
import { OutputPipe } from "./machine/output-pipe.js";
import { SocketTransport } from "./machine/socket-transport.js";
import type { HostBytesListener, Transport } from "./machine/transport.js";
import { loadVirtualAddon, type VirtualAddon } from "./native.js";

export type { VirtualChainSpec } from "./chain/virtual-chain.js";

export type VirtualTransport = "pty" | "unix" | "tcp";

export interface VirtualMachineOptions {
  /** Where the wires appear: `chain<n>.tty`, `chain<n>.reset`, `control.sock`. */
  readonly listenDir: string;
  readonly chains: readonly VirtualChainSpec[];
  /** k of the virtual network: one hash in 2^k is really computed. 20..32. */
  readonly networkShift?: number;
  /** Decides the spread of the chips and every random damage. */
  readonly seed?: number;
  /** Capture files of all wires from the start. */
  readonly recordDir?: string;
  readonly transport?: VirtualTransport;
  /** Number of the tty that the chain of each slot hangs on; its own when left out. Reset lines stay with the slots. */
  readonly wiring?: readonly number[];
  readonly clock?: Clock;
  /**
   * Supply, sensors, fans and heat: adds `hardware.sock` and `psu-enable`, and the rail of the chains follows the
   * supply. Without it the chains have their rail from the start.
   */
  readonly body?: BodySpec;
  /** Buses and parts of the body answer at once, for tests that do not measure time. */
  readonly hasQuickParts?: boolean;
  /** The supply of the body is on from the start, as if the machine had been running for long. */
  readonly isPowered?: boolean;
}

const DEFAULT_SHIFT = 28;
const MINIMUM_SHIFT = 20;
const MAXIMUM_SHIFT = 32;
const DEFAULT_SEED = 1;
/** Ttys of the virtual control board. */
const WIRES = 4;
const CONTROL_SOCKET = "control.sock";
const FILE_SUFFIX: Readonly<Record<VirtualTransport, string>> = {
  pty: "tty",
  unix: "sock",
  tcp: "port",
};
const HOST_CHECK_MS = 1000;

/** The chains of one miner, each on a wire of its own. */
export class VirtualMachine {
  readonly listenDir: string;
  readonly #clock: Clock;
  readonly #lines: ChainLine[] = [];
  #body: BodyHost | undefined;
  readonly #pipes: OutputPipe[] = [];
  readonly #control: ControlServer;
  #cancelTick: () => void = () => undefined;
  #cancelHostCheck: () => void = () => undefined;
  #tickAtMs = Infinity;
  #isStopped = false;

  /** Without chains; `start` makes a whole machine. */
  constructor(listenDir: string, clock: Clock) {
    this.listenDir = listenDir;
    this.#clock = clock;
    const body = (): BodyHost | undefined => this.#body;
    this.#control = new ControlServer(
      machineActions({
        lines: this.#lines,
        get body() {
          return body();
        },
      }),
    );
  }

  /** @throws MinerError VIRTUAL_ADDON_MISSING, VIRTUAL_LISTEN_FAILED, VIRTUAL_REQUEST_INVALID */
  static async start(options: VirtualMachineOptions): Promise<VirtualMachine> {
    const networkShift = options.networkShift ?? DEFAULT_SHIFT;
    if (networkShift < MINIMUM_SHIFT || networkShift > MAXIMUM_SHIFT)
      throw new MinerError("VIRTUAL_REQUEST_INVALID", {
        parameter: "networkShift",
        value: networkShift,
        expected: `${String(MINIMUM_SHIFT)}..${String(MAXIMUM_SHIFT)}`,
      });
    const addon = loadVirtualAddon();
    const resolved = {
      ...options,
      networkShift,
      seed: options.seed ?? DEFAULT_SEED,
      transport: options.transport ?? "pty",
      wiring: checkedWiring(options),
    };
    const suffix = FILE_SUFFIX[resolved.transport];
    const numbers = [...new Set([...options.chains.keys(), ...resolved.wiring])];
    const names = numbers.flatMap((number) => [
      `chain${String(number)}.${suffix}`,
      `chain${String(number)}.reset`,
    ]);
    prepareListenDir(options.listenDir, [...names, ...BODY_FILES, CONTROL_SOCKET]);
    const machine = new VirtualMachine(options.listenDir, options.clock ?? systemClock);
    try {
      for (const index of options.chains.keys()) await machine.#addChain(index, resolved, addon);
      if (options.body !== undefined) await machine.#addBody(options.body, resolved, addon);
      await machine.#control.listen(join(options.listenDir, CONTROL_SOCKET));
      const { recordDir } = options;
      if (recordDir !== undefined)
        await Promise.all(machine.#lines.map((line) => line.record(recordDir)));
    } catch (error) {
      await machine.stop();
      throw error;
    }
    machine.#checkHosts();
    return machine;
  }

  /** What goes on in each chain. */
  chainStates(): readonly ReturnType<ChainLine["state"]>[] {
    return this.#lines.map((line) => line.state());
  }

  /** Takes all wires away; safe to call again. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#cancelTick();
    this.#cancelHostCheck();
    await this.#control.close();
    await this.#body?.close();
    for (const pipe of this.#pipes) pipe.close();
    for (const line of this.#lines) await line.close();
  }

  async #addChain(index: number, options: ResolvedOptions, addon: VirtualAddon): Promise<void> {
    const spec = options.chains[index];
    if (spec === undefined) return;
    const stemOf = (number: number): string => join(this.listenDir, `chain${String(number)}`);
    const wire = stemOf(options.wiring[index] ?? index);
    const transport = await openTransport(options.transport, wire, addon, (bytes, hostBaud) => {
      this.#lines[index]?.takeFromHost(bytes, hostBaud);
      this.#wakeIn(1);
    });
    const { networkShift, seed } = options;
    const search = addon.searchNonces;
    const line = new ChainLine({ spec, index, networkShift, seed, search }, transport, this.#clock);
    this.#lines.push(line);
    this.#pipes.push(
      new OutputPipe(`${stemOf(index)}.reset`, addon, (level) => {
        line.setReset(level === 0);
        this.#body?.hushChains();
      }),
    );
  }

  async #addBody(spec: BodySpec, options: ResolvedOptions, addon: VirtualAddon): Promise<void> {
    const { seed, hasQuickParts = false, isPowered = false } = options;
    this.#body = new BodyHost({
      ...{ spec, addon, seed, hasQuickParts, isPowered },
      lines: this.#lines,
      listenDir: this.listenDir,
      clock: this.#clock,
    });
    await this.#body.listen();
  }

  /** Runs all chains up to now and comes back when one of them has something to do. */
  #tick(): void {
    this.#tickAtMs = Infinity;
    const idleMs = Math.min(...this.#lines.map((line) => line.advance()));
    if (idleMs < Infinity) this.#wakeIn(idleMs);
  }

  #wakeIn(ms: number): void {
    const atMs = this.#clock.nowMs() + ms;
    if (this.#isStopped || atMs >= this.#tickAtMs) return;
    this.#cancelTick();
    this.#tickAtMs = atMs;
    this.#cancelTick = this.#clock.after(ms, () => {
      this.#tick();
    });
  }

  #checkHosts(): void {
    for (const line of this.#lines) line.checkHost();
    this.#cancelHostCheck = this.#clock.after(HOST_CHECK_MS, () => {
      this.#checkHosts();
    });
  }
}

type ResolvedOptions = VirtualMachineOptions &
  Required<Pick<VirtualMachineOptions, "networkShift" | "seed" | "transport" | "wiring">>;

/** A wire for each chain, and none for two. */
function checkedWiring({ chains, wiring }: VirtualMachineOptions): readonly number[] {
  if (wiring === undefined) return [...chains.keys()];
  const isWhole = wiring.length === chains.length && new Set(wiring).size === wiring.length;
  const isKnown = wiring.every((number) => number >= 0 && number < WIRES);
  if (isWhole && isKnown) return wiring;
  throw new MinerError("VIRTUAL_REQUEST_INVALID", {
    parameter: "order",
    value: wiring.join(","),
    expected: `${String(chains.length)} different numbers of 0..${String(WIRES - 1)}`,
  });
}

function openTransport(
  kind: VirtualTransport,
  stem: string,
  addon: VirtualAddon,
  onBytes: HostBytesListener,
): Transport | Promise<Transport> {
  const path = `${stem}.${FILE_SUFFIX[kind]}`;
  switch (kind) {
    case "pty":
      return new PtyTransport(path, addon, onBytes);
    case "unix":
      return SocketTransport.listenUnix(path, onBytes);
    case "tcp":
      return SocketTransport.listenTcp(path, onBytes);
  }
}
