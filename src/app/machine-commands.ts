import * as z from "zod/mini";
import { MinerError } from "../lib/errors.js";
import type { Config } from "./config.js";
import type { ConfigStore } from "./config-store.js";
import type { MachineLife } from "./life-cycle/machine-life.js";
import type { MachineStateName } from "../telemetry/machine-snapshot.js";
import type { CurtailReceipt } from "./life-cycle/machine-state.js";
import type { Order } from "./life-cycle/order.js";
import type { OrderKeeper } from "./life-cycle/order-keeper.js";
import { ORDER_OF, possibleCommands, type MachineCommand } from "./life-cycle/possible-commands.js";

/** What became of a command. */
export interface CommandReply {
  readonly order: Order;
  /** The state that the machine was in when it took the command. */
  readonly state: MachineStateName;
  /** Nothing had to be done. */
  readonly isUnchanged: boolean;
  /** A restart of the controller would know of the order. */
  readonly isKept: boolean;
  /** Of a curtailment. */
  readonly receipt?: CurtailReceipt;
}

interface Limits {
  readonly min: number | null;
  readonly max: number | null;
  /** What the machine's data say. */
  readonly nominal: number;
}

export interface SetPointList {
  readonly freqMHz: number;
  /** Null where nothing is known of the machine's rail. */
  readonly railMv: number | null;
  /** What stands in the configuration file; null: the nominal value. */
  readonly configured: { readonly freqMHz: number | null; readonly railMv: number | null };
  readonly limits: { readonly freqMHz: Limits; readonly railMv: Limits | null };
}

export interface MachineCommandParts {
  readonly life: Pick<MachineLife, "state" | "setPoints" | "give" | "retry" | "curtail" | "change">;
  readonly orders: Pick<OrderKeeper, "order">;
  readonly store: ConfigStore;
  /** Throws when the chips' PLL cannot make a clock. */
  readonly assertReachable: (freqMHz: number) => void;
}

const Value = z.optional(z.nullable(z.number()));
/** Null takes a field out of the configuration. */
export const SetPointWish = z.strictObject({
  freqMHz: Value,
  railMv: Value,
  /** Until the next start, without a change of the configuration. */
  now: z.optional(z.boolean()),
});

/** The commands about the machine: what it does, and what it runs at. */
export class MachineCommands {
  readonly #parts: MachineCommandParts;
  /** Set-points follow one another. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(parts: MachineCommandParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the order holds; the machine is then on its way.
   * Rejects with COMMAND_REFUSED naming state, order and what is possible; PSU_NOT_OFF
   */
  async give(command: MachineCommand): Promise<CommandReply> {
    const { life, orders } = this.#parts;
    const state = life.state;
    const { order: before } = orders;
    const order = ORDER_OF[command];
    const reply = { order, state: state.is };
    if (!possibleCommands(state.is, before).includes(command)) {
      if (before !== order || state.is === "fault" || state.is === "stopping" || state.is === "off")
        throw refused(command, state.is, before);
      if (state.is === "curtailed" && state.receipt !== null)
        return { ...reply, isUnchanged: true, isKept: true, receipt: state.receipt };
      // Chains that were given up are worth another try.
      const isUnchanged = command !== "resume" || !life.retry();
      return { ...reply, isUnchanged, isKept: true };
    }
    if (order === "curtailed") {
      const receipt = await life.curtail();
      return { ...reply, isUnchanged: false, isKept: receipt.isKept, receipt };
    }
    const kept = life.give(order);
    if (command === "resume") life.retry();
    return { ...reply, isUnchanged: false, isKept: await kept };
  }

  list(): SetPointList {
    const { life, store } = this.#parts;
    const { freqMHz, railMv, machineSpec } = store.config;
    const { setPoints } = life;
    const { min, max, nominal } = machineSpec.freqMHz;
    const rail = machineSpec.railMv;
    return {
      freqMHz: setPoints.freqMHz,
      railMv: setPoints.railMv ?? null,
      configured: { freqMHz: freqMHz ?? null, railMv: railMv ?? null },
      limits: {
        freqMHz: { min, max, nominal },
        railMv: rail
          ? { min: rail.min ?? null, max: rail.max ?? null, nominal: rail.running }
          : null,
      },
    };
  }

  /**
   * Changes set-points, in the configuration and at once; without any it only tells them. The configuration is as it
   * was when the machine does not take them.
   * Rejects with CONFIG_INVALID naming the limits, PLL_UNREACHABLE, what Rail.changeTo and
   *   ConfigStore.change reject with.
   */
  async set({ now = false, ...wishes }: z.infer<typeof SetPointWish>): Promise<SetPointList> {
    if (wishes.freqMHz === undefined && wishes.railMv === undefined) return this.list();
    const { is } = this.#parts.life.state;
    if (is === "off" || is === "stopping")
      throw new MinerError("COMMAND_REFUSED", { command: "set", state: is, possible: "nothing" });
    const set = this.#changing.then(() => this.#set(wishes, now));
    this.#changing = set.catch(() => undefined); // told to who asked
    await set;
    return this.list();
  }

  async #set(wishes: Omit<z.infer<typeof SetPointWish>, "now">, isForNow: boolean): Promise<void> {
    const { life, store, assertReachable } = this.#parts;
    // A field that is not named keeps what holds now, which may differ from the file.
    const change = Object.fromEntries(
      Object.entries(wishes).map(([name, value]) => [name, value ?? undefined]),
    );
    const wanted = this.#pointsOf(store.check(change), wishes);
    assertReachable(wanted.freqMHz);
    const { freqMHz, railMv } = store.config;
    if (!isForNow) await store.change(change, store.revision);
    try {
      await life.change(wanted);
    } catch (error) {
      if (!isForNow) await store.change({ freqMHz, railMv }, store.revision);
      throw error;
    }
  }

  #pointsOf(
    { targetMHz, targetMv }: Config,
    wishes: Omit<z.infer<typeof SetPointWish>, "now">,
  ): { readonly freqMHz: number; readonly railMv: number | undefined } {
    const { setPoints } = this.#parts.life;
    return {
      freqMHz: wishes.freqMHz === undefined ? setPoints.freqMHz : targetMHz,
      railMv: wishes.railMv === undefined ? setPoints.railMv : targetMv,
    };
  }
}

function refused(command: MachineCommand, state: MachineStateName, order: Order): MinerError {
  const possible = possibleCommands(state, order).join(", ");
  return new MinerError("COMMAND_REFUSED", {
    command,
    state,
    order,
    possible: possible === "" ? "nothing" : possible,
  });
}
