import { ResetGroup } from "../../asic/chain/reset-group.js";
import type { MinerError } from "../../lib/errors.js";
import type { ChainFact } from "../../safety/rail-facts.js";
import type { ChainController } from "../chain-controller.js";

/** A chain as the life of the machine sees it. */
export type TeamChain = Pick<
  ChainController,
  | "slot"
  | "accompany"
  | "standing"
  | "error"
  | "isAtOrder"
  | "start"
  | "stop"
  | "isolate"
  | "withdraw"
  | "fact"
  | "obey"
  | "retry"
>;

export interface ChainTeamOptions {
  readonly chains: readonly TeamChain[];
  /** All chips leave reset in the same moment. */
  readonly resetTogether: boolean;
}

/** The chains of the machine, led together. */
export class ChainTeam {
  readonly #options: ChainTeamOptions;
  readonly #waiting = new Set<() => void>();
  #started: readonly TeamChain[] = [];

  constructor(options: ChainTeamOptions) {
    this.#options = options;
  }

  /** A chain came into another state. */
  changed(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Begins to bring the chains of these slots up, all at once; returns at once. */
  start(slots: readonly number[]): void {
    const { chains, resetTogether } = this.#options;
    this.#started = chains.filter(({ slot }) => slots.includes(slot));
    if (!resetTogether) {
      for (const chain of this.#started) chain.start();
      return;
    }
    const group = new ResetGroup();
    const places = chains.map((chain) => ({ chain, place: group.join() }));
    for (const { chain, place } of places)
      if (this.#started.includes(chain)) chain.start(place);
      // Beside a chain in reset the others do not answer, whether it is used or not.
      else chain.accompany(place);
  }

  /** Work ends and every chain is held in reset. */
  async stop(): Promise<void> {
    this.#started = [];
    await Promise.all(this.#options.chains.map((chain) => chain.stop()));
  }

  isolate(slot: number, error: MinerError): void {
    this.#options.chains.find((chain) => chain.slot === slot)?.isolate(error);
  }

  /**
   * Takes one chain out while the others go on; it is in reset when this resolves.
   * @throws what its reset line throws
   */
  async withdraw(slot: number, error: MinerError): Promise<void> {
    const chain = this.#options.chains.find((each) => each.slot === slot);
    if (chain === undefined) return;
    this.#started = this.#started.filter((each) => each !== chain);
    await chain.withdraw(error);
    this.changed();
  }

  /** Begins to bring one chain up beside those that work. */
  join(slot: number): void {
    const chain = this.#options.chains.find((each) => each.slot === slot);
    if (chain === undefined || this.#started.includes(chain)) return;
    this.#started = [...this.#started, chain];
    chain.start();
  }

  /** For the permit. */
  facts(): readonly ChainFact[] {
    return this.#options.chains.map((chain) => chain.fact());
  }

  obey(order: Parameters<TeamChain["obey"]>[0]): void {
    for (const chain of this.#options.chains) chain.obey(order);
  }

  /** Chains that failed are tried again now; resolves with how many there were. */
  retry(): number {
    const failed = this.#started.filter(({ standing }) => standing === "failed");
    for (const chain of failed) chain.retry();
    return failed.length;
  }

  get upCount(): number {
    return this.#started.filter(({ standing }) => standing === "up").length;
  }

  get hasFailed(): boolean {
    return this.#started.some(({ standing }) => standing === "failed");
  }

  /** Why no chain works; undefined as long as one does or may soon. */
  get failure(): MinerError | undefined {
    const haveAllFailed =
      this.#started.length > 0 && this.#started.every(({ standing }) => standing === "failed");
    return haveAllFailed ? this.#started[0]?.error : undefined;
  }

  /** Every chain that was started is up or has failed. */
  settled(signal: AbortSignal): Promise<void> {
    return this.#until(() => this.#started.every(({ standing }) => standing !== "pending"), signal);
  }

  /** Every chain that is up runs at the clock that was ordered. */
  atOrder(signal: AbortSignal): Promise<void> {
    return this.#until(() => this.isAtOrder, signal);
  }

  get isAtOrder(): boolean {
    return this.#started.every((chain) => chain.standing !== "up" || chain.isAtOrder);
  }

  /** Resolves with the reason when no chain works any more. */
  async failed(signal: AbortSignal): Promise<MinerError> {
    for (;;) {
      await this.#until(() => this.failure !== undefined, signal);
      const { failure } = this;
      if (failure !== undefined) return failure;
    }
  }

  #until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(look);
        signal.removeEventListener("abort", onAbort);
      };
      const onAbort = (): void => {
        end();
        reject(signal.reason as Error);
      };
      const look = (): void => {
        if (!isSo()) return;
        end();
        resolve();
      };
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.add(look);
      look();
    });
  }
}
