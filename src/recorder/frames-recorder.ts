import type { ChainCounters, ChainPort, NonceRecord } from "../hal/chain-port.js";
import type { Clock } from "../lib/clock.js";
import type { FlightLog } from "./flight-log.js";

const PERIOD_MS = 1000;
/** A nonce of the wire is kept so often. */
const SAMPLE_MS = 10_000;
const COUNTED = [
  ...["worksSent", "framesReceived", "bytesSent", "bytesReceived", "crcErrors"],
  ...["garbageBytes", "recordsDropped", "uartOverruns", "hangUps", "writeStalls"],
] as const satisfies readonly string[];

/** What of a chain's port is listened to. */
export type FrameSource = Pick<ChainPort, "counters" | "events">;

/** Keeps what the wire of a chain carries, as counts of each second with a nonce now and then. */
export class FramesRecorder {
  readonly #log: FlightLog;
  readonly #clock: Clock;
  readonly #slot: number;
  readonly #port: FrameSource;
  #before: ChainCounters | undefined;
  #sample: NonceRecord | undefined;
  #sampledMs = -Infinity;

  constructor(log: FlightLog, clock: Clock, slot: number, port: FrameSource) {
    this.#log = log;
    this.#clock = clock;
    this.#slot = slot;
    this.#port = port;
    port.events.on("nonces", (records) => {
      this.#sample = records.at(-1);
    });
  }

  /** Again and again until the returned function is called. */
  start(): () => void {
    let cancel: () => void = () => undefined;
    const again = (): void => {
      cancel = this.#clock.after(PERIOD_MS, () => {
        this.#log.safely(() => {
          this.#count();
        });
        again();
      });
    };
    again();
    return () => {
      cancel();
    };
  }

  #count(): void {
    const now = this.#port.counters();
    const before = this.#before;
    this.#before = now;
    if (before === undefined) return;
    const counts: Record<string, number> = {};
    for (const name of COUNTED) {
      const more = numberOf(now, name) - numberOf(before, name);
      if (more !== 0) counts[name] = more;
    }
    for (const [verdict, count] of Object.entries(now.nonces)) {
      const more = count - (before.nonces[verdict as keyof typeof now.nonces] || 0);
      if (more !== 0) counts[verdict] = more;
    }
    if (Object.keys(counts).length === 0) return;
    const atMs = this.#clock.nowMs();
    this.#log.add({ kind: "frames", atMs, slot: this.#slot, counts, ...this.#sampleAt(atMs) });
  }

  #sampleAt(atMs: number): { readonly sample?: string } {
    const nonce = this.#sample;
    if (nonce === undefined || atMs - this.#sampledMs < SAMPLE_MS) return {};
    this.#sampledMs = atMs;
    this.#sample = undefined;
    const hex = (value: number): string => value.toString(16).padStart(8, "0");
    return {
      sample: `${nonce.verdict} ${hex(nonce.nonce)} ${hex(nonce.version)} of chip ${nonce.chipIndex}`,
    };
  }
}

function numberOf(counters: ChainCounters, name: string): number {
  return Number(Reflect.get(counters, name) ?? 0);
}
