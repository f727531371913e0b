import type { Socket } from "node:net";
import { MinerError } from "../../../lib/errors.js";
import { checkParameters, findInTable, type FaultParameters } from "../../fault-parameters.js";
import type { JobShape } from "../job-maker.js";
import type { Verdict } from "../reject-reason.js";
import type { FaultHooks, FaultHost, Peer, PoolMessage } from "./fault.js";
import { POOL_FAULTS } from "./pool-faults.js";

/** A fault as it is asked for: its name and its parameters. */
export interface FaultRequest {
  readonly name: string;
  readonly [parameter: string]: unknown;
}

/** A fault that is set. */
export interface FaultState {
  readonly name: string;
  readonly parameters: FaultParameters;
  /** Clock time since when it is felt, ms; undefined as long as it is not. */
  readonly bitesSinceMs: number | undefined;
}

/** What the pool lends to its faults; timers and the moment of the bite are kept here. */
export type FaultGround = Omit<FaultHost, "every" | "after" | "bites">;

interface Active {
  readonly parameters: FaultParameters;
  readonly hooks: FaultHooks;
  readonly bitesSinceMs: () => number | undefined;
  readonly cancelTimers: () => void;
}

type ChainHook = "receive" | "send" | "write";

/** The faults of a pool that are set, each at most once. */
export class FaultSet {
  readonly #ground: FaultGround;
  readonly #active = new Map<string, Active>();

  constructor(ground: FaultGround) {
    this.#ground = ground;
  }

  /**
   * Sets a fault; one of the same name is cleared first.
   * @throws MinerError VIRTUAL_FAULT_UNKNOWN, VIRTUAL_REQUEST_INVALID
   */
  async set({ name, ...given }: FaultRequest): Promise<void> {
    const spec = findInTable(POOL_FAULTS, name);
    const parameters = checkParameters(spec, given);
    await this.clear(name);
    const { clock } = this.#ground;
    const timers = new Set<() => void>();
    let bitesSinceMs = spec.bitesLater === true ? undefined : clock.nowMs();
    const after = (ms: number, action: () => void): void => {
      const cancel = clock.after(ms, () => {
        timers.delete(cancel);
        action();
      });
      timers.add(cancel);
    };
    const every = (ms: number, action: () => void): void => {
      after(ms, () => {
        every(ms, action);
        action();
      });
    };
    const bites = (): void => {
      bitesSinceMs ??= clock.nowMs();
    };
    const cancelTimers = (): void => {
      for (const cancel of timers) cancel();
      timers.clear();
    };
    const hooks = spec.begin(parameters, { ...this.#ground, after, every, bites });
    this.#active.set(name, {
      ...{ parameters, hooks, cancelTimers },
      bitesSinceMs: () => bitesSinceMs,
    });
  }

  /**
   * Takes a fault away, or all; nothing happens when it is not set.
   * @throws MinerError VIRTUAL_FAULT_UNKNOWN
   */
  async clear(name?: string): Promise<void> {
    if (name !== undefined) findInTable(POOL_FAULTS, name);
    for (const each of name === undefined ? [...this.#active.keys()] : [name]) {
      const active = this.#active.get(each);
      this.#active.delete(each);
      active?.cancelTimers();
      await active?.hooks.end?.();
    }
  }

  list(): readonly FaultState[] {
    return [...this.#active].map(([name, { parameters, bitesSinceMs }]) => ({
      name,
      parameters,
      bitesSinceMs: bitesSinceMs(),
    }));
  }

  /** False when a fault took the connection for itself. */
  connect(socket: Socket): boolean {
    return this.#hooks().every((hooks) => hooks.connect?.(socket) ?? true);
  }

  open(peer: Peer): void {
    for (const hooks of this.#hooks()) hooks.open?.(peer);
  }

  receive(line: string, peer: Peer, last: (line: string) => void): void {
    this.#chain("receive", line, peer, last);
  }

  send(message: PoolMessage, peer: Peer, last: (message: PoolMessage) => void): void {
    this.#chain("send", message, peer, last);
  }

  write(bytes: Uint8Array, peer: Peer, last: (bytes: Uint8Array) => void): void {
    this.#chain("write", bytes, peer, last);
  }

  /** What the faults make of a user name; undefined when they leave it to the pool. */
  authorize(user: string): boolean | undefined {
    const answers = this.#hooks().flatMap((hooks) => hooks.authorize?.(user) ?? []);
    return answers.length === 0 ? undefined : answers.every(Boolean);
  }

  judge(verdict: Verdict, peer: Peer): Verdict | "ignored" {
    let told: Verdict | "ignored" = verdict;
    for (const hooks of this.#hooks())
      if (told !== "ignored") told = hooks.judge?.(told, peer) ?? told;
    return told;
  }

  get holdsJobs(): boolean {
    return this.#hooks().some(({ holdsJobs }) => holdsJobs === true);
  }

  get shape(): JobShape {
    return Object.assign({}, ...this.#hooks().map(({ shape }) => shape)) as JobShape;
  }

  #hooks(): readonly FaultHooks[] {
    return [...this.#active.values()].map(({ hooks }) => hooks);
  }

  /** Runs the hooks of one kind as a row, each handing on to the next and the last to `last`. */
  #chain<Value>(kind: ChainHook, value: Value, peer: Peer, last: (value: Value) => void): void {
    type Hook = (value: Value, peer: Peer, next: (value: Value) => void) => void;
    const row = this.#hooks().flatMap((hooks) => (hooks[kind] ?? []) as Hook | []);
    const from = (index: number) => (passed: Value) => {
      const hook = row[index];
      if (hook === undefined) last(passed);
      else hook(passed, peer, from(index + 1));
    };
    from(0)(value);
  }
}

/** A request off the control socket as a fault. @throws MinerError VIRTUAL_REQUEST_INVALID */
export function faultRequest(given: Readonly<Record<string, unknown>>): FaultRequest {
  const { name } = given;
  if (typeof name !== "string")
    throw new MinerError("VIRTUAL_REQUEST_INVALID", { parameter: "name", expected: "text" });
  return { ...given, name };
}
