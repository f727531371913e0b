import type { Clock } from "../../lib/clock.js";
import { MinerError } from "../../lib/errors.js";
import { checkParameters, type FaultParameters } from "../fault-parameters.js";
import { addUp, findFault } from "../faults.js";
import {
  VirtualChain,
  type ChipActivity,
  type VirtualChainOptions,
} from "../chain/virtual-chain.js";
import type { VirtualChainState } from "../chain/chain-state.js";
import { Recorder } from "./recorder.js";
import type { Transport } from "./transport.js";

/** A fault that a chain has at the moment. */
export interface ActiveFault {
  readonly name: string;
  readonly parameters: FaultParameters;
}

/** Bytes that a host may be ahead of the wire: what a Linux serial driver keeps. */
const TRANSMIT_BUFFER_BYTES = 4096;
/** A host that has been silent for so long may be gone without having given its line back. */
const HOST_GONE_MS = 5000;

/** One chain with everything that hangs on it: the way to the host, faults and the recorder. */
export class ChainLine {
  readonly #index: number;
  readonly #chain: VirtualChain;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #faults = new Map<string, ActiveFault>();
  #recorder: Recorder | undefined;
  /** What the host drives. */
  #isResetDriven = false;
  #isInReset = false;
  #isStalled = false;
  #isHushed = false;
  #resetStuck: boolean | undefined;
  #isPaused = false;
  #isUnplugged = false;
  #lastHostMs = -Infinity;

  constructor(
    options: Omit<VirtualChainOptions, "transmit" | "hostListensBaud">,
    transport: Transport,
    clock: Clock,
  ) {
    this.#index = options.index;
    this.#transport = transport;
    this.#clock = clock;
    this.#chain = new VirtualChain({
      ...options,
      transmit: (bytes) => this.#sendToHost(bytes),
      hostListensBaud: () => transport.hostListensBaud(),
    });
  }

  get faults(): readonly ActiveFault[] {
    return [...this.#faults.values()];
  }

  state(): VirtualChainState & { readonly faults: readonly ActiveFault[] } {
    return { ...this.#chain.state(), faults: this.faults };
  }

  takeFromHost(bytes: Uint8Array, hostBaud: number | undefined): void {
    const nowMs = this.#clock.nowMs();
    this.#lastHostMs = nowMs;
    this.#recorder?.hostToChips(bytes, nowMs);
    this.#chain.receive(bytes, hostBaud, nowMs);
    this.#holdBack();
  }

  /** To be called now and then: a host that seems to be gone gets its traces removed. */
  checkHost(): void {
    if (this.#clock.nowMs() - this.#lastHostMs < HOST_GONE_MS) return;
    this.#transport.forgetHost();
  }

  /** Chips of the chain, whether they answer or not. */
  get chips(): number {
    return this.#chain.spec.chips;
  }

  activity(chip: number): ChipActivity {
    return this.#chain.activity(chip);
  }

  get isInReset(): boolean {
    return this.#isInReset;
  }

  /** What the host drives the line to; a stuck one stays where it is. */
  setReset(isAsserted: boolean): void {
    this.#isResetDriven = isAsserted;
    this.#moveReset(this.#resetStuck ?? isAsserted);
  }

  /** A chain that is hushed from outside answers nothing. */
  setHushed(isHushed: boolean): void {
    if (isHushed === this.#isHushed) return;
    this.#isHushed = isHushed;
    this.#applyFaults();
  }

  setRail(railMv: number): void {
    this.#chain.setRail(railMv, this.#clock.nowMs());
  }

  /** @throws MinerError VIRTUAL_FAULT_UNKNOWN, VIRTUAL_REQUEST_INVALID */
  setFault(name: string, given: Readonly<Record<string, unknown>>): void {
    const parameters = checkParameters(findFault(name), given);
    const { chips } = this.#chain.state();
    const chip = parameters["chip"];
    if (typeof chip === "number" && chip >= chips)
      throw new MinerError("VIRTUAL_REQUEST_INVALID", {
        parameter: "chip",
        value: chip,
        expected: `0..${String(chips - 1)}`,
      });
    this.#faults.set(faultKey(name, parameters), { name, parameters });
    this.#applyFaults();
  }

  /**
   * Takes one fault away, all of a name when no chip is given, or every fault when no name is given.
   * @throws MinerError VIRTUAL_FAULT_UNKNOWN
   */
  clearFaults(name?: string, chip?: number): void {
    if (name !== undefined) findFault(name);
    for (const [key, fault] of this.#faults) {
      const isMeant =
        (name === undefined || fault.name === name) &&
        (chip === undefined || fault.parameters["chip"] === chip);
      if (isMeant) this.#faults.delete(key);
    }
    this.#applyFaults();
  }

  /** Runs the chain up to now; milliseconds until there is something to do again. */
  advance(): number {
    const nowMs = this.#clock.nowMs();
    this.#chain.advance(nowMs);
    this.#holdBack();
    return this.#chain.idleMs(nowMs);
  }

  /** Starts a capture file in a directory; a running one ends. */
  async record(directory: string): Promise<string> {
    await this.stopRecording();
    const { chip, chips } = this.#chain.spec;
    const about = `chip=${chip} chips=${String(chips)}`;
    this.#recorder = new Recorder(directory, this.#index, about, this.#clock.nowMs());
    return this.#recorder.path;
  }

  async stopRecording(): Promise<void> {
    const recorder = this.#recorder;
    this.#recorder = undefined;
    await recorder?.close();
  }

  async close(): Promise<void> {
    await this.#transport.close();
    await this.stopRecording();
  }

  #moveReset(isAsserted: boolean): void {
    this.#isInReset = isAsserted;
    this.#chain.setReset(isAsserted, this.#clock.nowMs());
  }

  #sendToHost(bytes: Uint8Array): number {
    if (bytes.length === 0 || this.#isStalled) return 0;
    this.#recorder?.chipsToHost(bytes, this.#clock.nowMs());
    return this.#transport.write(bytes);
  }

  #applyFaults(): void {
    const ofFaults = addUp(this.#faults.values());
    const effects = { ...ofFaults, isHung: ofFaults.isHung || this.#isHushed };
    this.#chain.setEffects(effects, this.#clock.nowMs());
    this.#isStalled = effects.isStalled;
    this.#resetStuck = effects.resetStuck;
    const isInReset = effects.resetStuck ?? this.#isResetDriven;
    if (isInReset !== this.#isInReset) this.#moveReset(isInReset);
    this.#holdBack();
    if (effects.isUnplugged === this.#isUnplugged) return;
    this.#isUnplugged = effects.isUnplugged;
    if (this.#isUnplugged) this.#transport.unplug();
    else this.#transport.plugIn();
    this.#isPaused = false;
  }

  /** The host is not read faster than the wire carries, so that its own buffer fills as on metal. */
  #holdBack(): void {
    const isFull = this.#isStalled || this.#chain.pendingFromHost >= TRANSMIT_BUFFER_BYTES;
    if (isFull === this.#isPaused || this.#isUnplugged) return;
    this.#isPaused = isFull;
    this.#transport.setPaused(isFull);
  }
}

/** Faults of several chips or cores stand side by side; any other is replaced by a new one of its name. */
function faultKey(name: string, parameters: FaultParameters): string {
  return [name, parameters["chip"], parameters["core"]].join(":");
}
