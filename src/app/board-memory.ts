import * as z from "zod/mini";
import type { Clock } from "../lib/clock.js";
import type { MinerError } from "../lib/errors.js";
import { KeptState } from "../lib/kept-state.js";
import { asFirstVersion, type StateFormat } from "../lib/state-text.js";
import { serialOf, type FittedMachine } from "./machine/fitted-machine.js";
import type { RememberedSerials } from "./machine/cross-checks.js";

const MemoryText = z.object({
  /** Serial number by slot. */
  serials: z.record(z.string().check(z.regex(/^\d+$/)), z.string()),
});

const BOARD_MEMORY_FORMAT: StateFormat<RememberedSerials> = {
  migrations: [asFirstVersion],
  parse: (plain) => {
    const { serials } = MemoryText.parse(plain);
    return new Map(Object.entries(serials).map(([slot, serial]) => [Number(slot), serial]));
  },
  plain: (serials) => ({
    serials: Object.fromEntries([...serials].filter(([, serial]) => serial !== "")),
  }),
};

export interface BoardMemoryOptions {
  /** Its folder must exist. */
  readonly path: string;
  readonly clock: Clock;
  /** STATE_UNREADABLE, STATE_NOT_SAVED and STATE_NEWER as KeptState tells them. */
  readonly onTrouble: (error: MinerError) => void;
}

/** Which hashboard sat in which slot last time: boards that were moved are told. */
export class BoardMemory {
  readonly #kept: KeptState<RememberedSerials>;
  #serials: RememberedSerials;

  private constructor(kept: KeptState<RememberedSerials>) {
    this.#kept = kept;
    this.#serials = kept.found ?? new Map<number, string>();
  }

  /** Never fails: without a memory no board was moved. */
  static async open(options: BoardMemoryOptions): Promise<BoardMemory> {
    return new BoardMemory(await KeptState.open({ ...options, format: BOARD_MEMORY_FORMAT }));
  }

  get serials(): RememberedSerials {
    return this.#serials;
  }

  /** A slot without a number keeps the one that it had. */
  async keep({ slots }: FittedMachine): Promise<void> {
    const before = this.#serials;
    const serials = new Map(before);
    for (const { slot, serial } of slots.map((each) => ({
      slot: each.slot,
      serial: serialOf(each),
    })))
      if (serial !== undefined) serials.set(slot, serial);
    if (serials.size === before.size && [...serials].every(([slot, is]) => before.get(slot) === is))
      return;
    this.#serials = serials;
    await this.#kept.save(serials);
  }

  /** Tries for the last time what could not be saved yet. */
  stop(): Promise<void> {
    return this.#kept.stop();
  }
}
