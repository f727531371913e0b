import * as z from "zod/mini";
import type { Clock } from "../lib/clock.js";
import type { Logger } from "../lib/logger.js";
import { StateFile } from "../lib/state-file.js";
import { serialOf, type FittedMachine } from "./machine/fitted-machine.js";
import type { RememberedSerials } from "./machine/cross-checks.js";

const MemoryText = z.object({
  version: z.literal(1),
  /** Serial number by slot. */
  serials: z.record(z.string().check(z.regex(/^\d+$/)), z.string()),
});

export interface BoardMemoryOptions {
  /** Its folder must exist. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Which hashboard sat in which slot last time: boards that were moved are told. */
export class BoardMemory {
  readonly #options: BoardMemoryOptions;
  readonly #file: StateFile<RememberedSerials>;
  #serials: RememberedSerials;

  private constructor(
    options: BoardMemoryOptions,
    file: StateFile<RememberedSerials>,
    serials: RememberedSerials,
  ) {
    this.#options = options;
    this.#file = file;
    this.#serials = serials;
  }

  /** Never fails: without a memory no board was moved. */
  static async open(options: BoardMemoryOptions): Promise<BoardMemory> {
    const { path, clock, log } = options;
    const file = new StateFile({ path, parse: parseMemory, unixMs: () => clock.unixMs() });
    const found = await file.load();
    for (const trouble of found.trouble) log.warn(trouble, "memory of hashboards not read");
    return new BoardMemory(options, file, found.is === "loaded" ? found.state : new Map());
  }

  get serials(): RememberedSerials {
    return this.#serials;
  }

  /** A slot without a number keeps the one that it had. */
  async keep({ slots }: FittedMachine): Promise<void> {
    const { path, log } = this.#options;
    const serials = new Map(this.#serials);
    for (const slot of slots)
      serials.set(slot.slot, serialOf(slot) ?? serials.get(slot.slot) ?? "");
    const text = memoryText(serials);
    if (text === memoryText(this.#serials)) return;
    this.#serials = serials;
    try {
      await this.#file.save(text);
    } catch (error) {
      log.warn({ file: path, reason: String(error) }, "memory of hashboards not saved");
    }
  }
}

function parseMemory(text: string): RememberedSerials {
  const { serials } = MemoryText.parse(JSON.parse(text));
  return new Map(Object.entries(serials).map(([slot, serial]) => [Number(slot), serial]));
}

function memoryText(serials: RememberedSerials): string {
  const known = [...serials].filter(([, serial]) => serial !== "");
  return `${JSON.stringify({ version: 1, serials: Object.fromEntries(known) })}\n`;
}
