import type { MachineLifeOptions } from "../../app/life-cycle/machine-life-options.js";
import type { ManualClock } from "../../lib/clock.js";
import type { Logger } from "../../lib/logger.js";
import type { LifeEntry, LifeOutcome } from "../life/life-entry.js";
import { fromLifePlain, lifePlain } from "../life/life-plain.js";
import { isCloseEnough } from "./close-enough.js";

type Call = (...args: unknown[]) => unknown;
type End = Extract<LifeEntry, { what: "end" }>;

/** What the life does and the record has, or has not. */
export interface LifeDifference {
  readonly atMs: number;
  readonly then: string;
  readonly now: string;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Plays to a life what a recording says that it met, and compares what it does. */
export class LifePlayer {
  readonly #entries: readonly LifeEntry[];
  /** Behind what was played or done last. */
  #at = 0;
  readonly #ends = new Map<number, End>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, Call>();
  readonly #values = new Map<string, LifeOutcome>();
  #difference: LifeDifference | undefined;
  #done = 0;

  constructor(entries: readonly LifeEntry[]) {
    this.#entries = entries;
    for (const entry of entries) if (entry.what === "end") this.#ends.set(entry.id, entry);
  }

  /** The first. */
  get difference(): LifeDifference | undefined {
    return this.#difference;
  }

  /** Calls and states that were the same. */
  get done(): number {
    return this.#done;
  }

  options(
    clock: ManualClock,
    log: Logger,
    hasWiring: boolean,
  ): Omit<MachineLifeOptions, "setPoints"> {
    return {
      hardware: this.#port("hardware", { rail: this.#port("hardware.rail", {}) }),
      team: this.#port("team", {}),
      orders: this.#port("orders", {}),
      ...(hasWiring && { wiring: this.#port("wiring", {}) }),
      onPower: (mayBeOn) => void this.#called("onPower", [mayBeOn]),
      ...{ clock, log },
    };
  }

  entered(state: string): void {
    this.#did({ what: "state", state });
  }

  /** Plays what came from outside: false when it is nothing of that kind. */
  play(index: number, order: (name: string, args: readonly unknown[]) => void): void {
    const entry = this.#entries[index];
    if (entry === undefined) return;
    this.#at = Math.max(this.#at, index + 1);
    if (entry.what === "order") order(entry.name, entry.args.map(fromLifePlain));
    else if (entry.what === "tell")
      this.#listeners.get(entry.name)?.(...entry.args.map(fromLifePlain));
    else if (entry.what === "end" && entry.isLater) {
      const waiting = this.#waiting.get(entry.id);
      this.#waiting.delete(entry.id);
      if ("failed" in entry) waiting?.reject(fromLifePlain(entry.failed) as Error);
      else waiting?.resolve(fromLifePlain(entry.value));
    }
  }

  /** What was done then, up to here, must have been done now. */
  expectUntil(index: number): void {
    const missing = this.#entries.findIndex(
      (entry, at) => at >= this.#matched && at < index && isDone(entry),
    );
    const entry = this.#entries[missing];
    if (entry !== undefined) this.#differ(entry.atMs, textOf(entry), "nothing");
  }

  /** Behind the last call or state that was compared. */
  #matched = 0;

  #port(port: string, parts: object): never {
    // It has whatever the life asks of it.
    return new Proxy(parts, {
      get: (_, key) => {
        const name = `${port}.${String(key)}`;
        const read = this.#looked(name);
        if (read !== undefined && "failed" in read) throw fromLifePlain(read.failed) as Error;
        if (key in parts) return Reflect.get(parts, key) as unknown;
        if (read !== undefined) return fromLifePlain(read.value);
        return (...args: unknown[]): unknown => this.#called(name, args);
      },
    }) as never;
  }

  /** What it would see now; undefined where nothing was ever looked at. */
  #looked(name: string): LifeOutcome | undefined {
    for (let at = Math.max(this.#at, this.#matched); at < this.#entries.length; at += 1) {
      const entry = this.#entries[at];
      if (entry === undefined || isFromOutside(entry) || isDone(entry)) break;
      if (entry.what === "read" && entry.name === name) {
        this.#values.set(name, entry);
        break;
      }
    }
    return this.#values.get(name);
  }

  #called(name: string, args: readonly unknown[]): unknown {
    const listener = args.find((arg) => typeof arg === "function") as Call | undefined;
    if (listener !== undefined) this.#listeners.set(name, listener);
    const id = this.#did({ what: "call", id: 0, name, args: args.map(lifePlain) });
    if (listener !== undefined) return () => undefined;
    const end = this.#ends.get(id);
    if (end === undefined || end.isLater)
      return name === "onPower" || isQuiet(name) ? undefined : this.#later(id);
    if ("failed" in end) throw fromLifePlain(end.failed) as Error;
    return fromLifePlain(end.value);
  }

  /** A promise that the recording ends; one that it does not know the end of stays open. */
  #later(id: number): Promise<unknown> {
    const promise = new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    promise.catch(() => undefined); // told to whoever waits for it
    return promise;
  }

  /** Compares with what was done next then; the number of the call. */
  #did(now: { readonly what: "state" | "call" } & Record<string, unknown>): number {
    const next = this.#entries.findIndex((entry, at) => at >= this.#matched && isDone(entry));
    const entry = this.#entries[next];
    // The recording ends here: what comes now nobody saw.
    if (entry === undefined) return -1;
    if (!isSameDeed(entry, now as unknown as LifeEntry)) {
      this.#differ(entry.atMs, textOf(entry), textOf(now as unknown as LifeEntry));
      return -1;
    }
    this.#matched = next + 1;
    this.#done += 1;
    return entry.what === "call" ? entry.id : -1;
  }

  #differ(atMs: number, then: string, now: string): void {
    this.#difference ??= { atMs, then, now };
  }
}

/** These give nothing back and are not waited for. */
const QUIET = [
  "obey",
  "start",
  "join",
  "isolate",
  "setPowered",
  "takeOut",
  "noteFault",
  "clearTrip",
];

function isQuiet(name: string): boolean {
  return QUIET.includes(name.slice(name.lastIndexOf(".") + 1));
}

export function isFromOutside({ what, ...entry }: LifeEntry): boolean {
  if (what === "end") return (entry as End).isLater;
  return what === "order" || what === "tell";
}

function isDone({ what }: LifeEntry): boolean {
  return what === "call" || what === "state";
}

function isSameDeed(then: LifeEntry, now: LifeEntry): boolean {
  if (then.what === "state") return now.what === "state" && now.state === then.state;
  if (then.what !== "call" || now.what !== "call" || then.name !== now.name) return false;
  return isCloseEnough(then.args, now.args);
}

function textOf(entry: LifeEntry): string {
  if (entry.what === "state") return `state ${entry.state}`;
  if (entry.what !== "call") return entry.what;
  return `${entry.name}(${entry.args.map((arg) => JSON.stringify(arg)).join(", ")})`;
}
