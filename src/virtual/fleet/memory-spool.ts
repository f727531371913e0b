import type { MqttKept } from "../../api/mqtt/mqtt-service.js";

type Spool = MqttKept["spool"];
type Entry = ReturnType<Spool["add"]>;

/** Three hours of minutes. Decided: memory, where the product has a disk. */
const MAX_ENTRIES = 200;

/** What waits for a broker; gone with the process. */
export class MemorySpool implements Spool {
  readonly #entries = new Map<number, Entry>();
  #nextN = 1;

  entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  add(is: Entry["is"], value: unknown): Entry {
    const entry = { n: this.#nextN++, is, value };
    this.#entries.set(entry.n, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }

  done(entries: readonly Entry[]): void {
    for (const { n } of entries) this.#entries.delete(n);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
