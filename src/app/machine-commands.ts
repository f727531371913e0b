import * as z from "zod/mini";
import { MinerError } from "../lib/errors.js";
import type { Reading } from "../power/rail-snapshot.js";
import type { Config } from "./config.js";
import type { ConfigStore } from "./config-store.js";
import type { MachineLife } from "./life-cycle/machine-life.js";
import type { MachineStateName } from "../telemetry/machine-snapshot.js";
import type { CurtailReceipt } from "./life-cycle/machine-state.js";
import type { Order } from "./life-cycle/order.js";
import type { OrderKeeper } from "./life-cycle/order-keeper.js";
import type { PowerTarget } from "./power-target.js";
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
  /** Of a curtailment to off. */
  readonly receipt?: CurtailReceipt;
  readonly watts?: CurtailedWatts;
}

/** Watts of the machine; null where nobody knows. */
type KnownWatts = Pick<Reading<number>, "value" | "evidence">;

/** What a curtailment changes. */
export interface CurtailedWatts {
  readonly before: KnownWatts;
  /** Of one to off nobody has looked yet what comes after it. */
  readonly held?: {
    readonly targetW: number;
    /** They are at or below it. */
    readonly isReached: boolean;
    readonly after: KnownWatts;
  };
}

interface Limits {
  readonly min: number | null;
  readonly max: number | null;
  /** What the machine's data say. */
  readonly nominal: number | null;
}

export interface SetPointList {
  readonly freqMHz: number;
  /** Null where nothing is known of the machine's rail. */
  readonly railMv: number | null;
  /** Watts that the machine is held to; null: as many as it takes. */
  readonly powerW: number | null;
  /** What stands in the configuration file; null: the nominal value, of watts no target. */
  readonly configured: {
    readonly freqMHz: number | null;
    readonly railMv: number | null;
    readonly powerW: number | null;
  };
  readonly limits: {
    readonly freqMHz: Limits;
    readonly railMv: Limits | null;
    readonly powerW: Limits;
  };
}

export interface MachineCommandParts {
  readonly life: Pick<MachineLife, "state" | "setPoints" | "give" | "retry" | "curtail" | "change">;
  readonly orders: Pick<OrderKeeper, "order">;
  readonly power: Pick<
    PowerTarget,
    | "setPointW"
    | "isCurtailed"
    | "leastW"
    | "powerW"
    | "lastPowerW"
    | "judgedW"
    | "assertPossible"
    | "setPoint"
    | "curtailTo"
    | "reached"
  >;
  readonly store: ConfigStore;
  /** Throws when the chips' PLL cannot make a clock. */
  readonly assertReachable: (freqMHz: number) => void;
}

const Value = z.optional(z.nullable(z.number()));
/** Null takes a field out of the configuration. */
export const SetPointWish = z.strictObject({
  freqMHz: Value,
  railMv: Value,
  powerW: Value,
  /** Until the next start, without a change of the configuration. */
  now: z.optional(z.boolean()),
});

/** Within what a client waits for the answer. */
const MAX_WAIT_S = 120;
const WAIT_S = 30;

/** Without `toW` the hash power goes off. */
export const CurtailWish = z.strictObject({
  toW: z.optional(z.number().check(z.positive())),
  /** The answer comes once that is reached, or after so long. */
  waitS: z.optional(z.number().check(z.nonnegative(), z.maximum(MAX_WAIT_S))),
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
    const { life, orders, power } = this.#parts;
    const state = life.state;
    const { order: before } = orders;
    const order = ORDER_OF[command];
    const reply = { order, state: state.is };
    const hasEnded = command === "resume" && power.isCurtailed && canBeOrdered(state.is);
    const isEndKept = hasEnded ? power.curtailTo(undefined) : true;
    if (!possibleCommands(state.is, before).includes(command)) {
      if (before !== order || state.is === "fault" || state.is === "stopping" || state.is === "off")
        throw refused(command, state.is, before);
      if (state.is === "curtailed" && state.receipt !== null)
        return { ...reply, isUnchanged: true, isKept: true, receipt: state.receipt };
      // Chains that were given up are worth another try.
      const isUnchanged = command !== "resume" || (!life.retry() && !hasEnded);
      return { ...reply, isUnchanged, isKept: await isEndKept };
    }
    if (order === "curtailed") {
      const off = life.curtail();
      // As they were read last: nothing stands before the line.
      const watts = { before: known(power.lastPowerW) };
      const receipt = await off;
      return { ...reply, isUnchanged: false, isKept: receipt.isKept, receipt, watts };
    }
    const kept = life.give(order);
    if (command === "resume") life.retry();
    return { ...reply, isUnchanged: false, isKept: (await kept) && (await isEndKept) };
  }

  /**
   * Without watts as `give`; with them the machine is held to those until `resume`, and mines again where it was curtailed
   * to off. Resolves when the watts are reached or the wait is over.
   * Rejects with POWER_TARGET_REFUSED, COMMAND_REFUSED
   */
  async curtail({ toW, waitS = WAIT_S }: z.infer<typeof CurtailWish>): Promise<CommandReply> {
    if (toW === undefined) return this.give("curtail");
    const { life, orders, power } = this.#parts;
    const { is } = life.state;
    if (!canBeOrdered(is)) throw refused("curtail", is, orders.order);
    power.assertPossible("toW", toW);
    const before = known(power.powerW);
    const isLimitKept = power.curtailTo(toW);
    const isKept = orders.order === "curtailed" ? await life.give("mine") : true;
    const isReached = await power.reached(waitS * 1000);
    const after = known(power.judgedW);
    return {
      ...{ order: orders.order, state: is, isUnchanged: false },
      isKept: (await isLimitKept) && isKept,
      watts: { before, held: { targetW: toW, isReached, after } },
    };
  }

  list(): SetPointList {
    const { life, power, store } = this.#parts;
    const { freqMHz, railMv, powerW, machineSpec } = store.config;
    const { setPoints } = life;
    const { min, max, nominal } = machineSpec.freqMHz;
    const rail = machineSpec.railMv;
    return {
      freqMHz: setPoints.freqMHz,
      railMv: setPoints.railMv ?? null,
      powerW: power.setPointW ?? null,
      configured: {
        freqMHz: freqMHz ?? null,
        railMv: railMv ?? null,
        powerW: powerW ?? null,
      },
      limits: {
        freqMHz: { min, max, nominal },
        railMv: rail
          ? { min: rail.min ?? null, max: rail.max ?? null, nominal: rail.running }
          : null,
        powerW: { min: power.leastW ?? null, max: null, nominal: machineSpec.rated.powerW ?? null },
      },
    };
  }

  /**
   * Changes set-points, in the configuration and at once; without any it only tells them. The configuration is as it
   * was when the machine does not take them.
   * Rejects with CONFIG_INVALID naming the limits, POWER_TARGET_REFUSED, PLL_UNREACHABLE, what Rail.changeTo and
   *   ConfigStore.change reject with.
   */
  async set({ now = false, ...wishes }: z.infer<typeof SetPointWish>): Promise<SetPointList> {
    if (Object.values(wishes).every((wish) => wish === undefined)) return this.list();
    const { is } = this.#parts.life.state;
    if (!canBeOrdered(is))
      throw new MinerError("COMMAND_REFUSED", { command: "set", state: is, possible: "nothing" });
    const set = this.#changing.then(() => this.#set(wishes, now));
    this.#changing = set.catch(() => undefined); // told to who asked
    await set;
    return this.list();
  }

  async #set(wishes: Omit<z.infer<typeof SetPointWish>, "now">, isForNow: boolean): Promise<void> {
    const { life, power, store, assertReachable } = this.#parts;
    // A field that is not named keeps what holds now, which may differ from the file.
    const change = Object.fromEntries(
      Object.entries(wishes).map(([name, value]) => [name, value ?? undefined]),
    );
    const wanted = this.#pointsOf(store.check(change), wishes);
    assertReachable(wanted.freqMHz);
    if (typeof wishes.powerW === "number") power.assertPossible("powerW", wishes.powerW);
    const { freqMHz, railMv, powerW } = store.config;
    if (!isForNow) await store.change(change, store.revision);
    try {
      if (wishes.freqMHz !== undefined || wishes.railMv !== undefined) await life.change(wanted);
    } catch (error) {
      if (!isForNow) await store.change({ freqMHz, railMv, powerW }, store.revision);
      throw error;
    }
    if (wishes.powerW !== undefined) power.setPoint(wishes.powerW ?? undefined);
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

function canBeOrdered(state: MachineStateName): boolean {
  return state !== "off" && state !== "stopping";
}

function known({ value, evidence }: Reading<number>): KnownWatts {
  return { value: value === null ? null : Math.round(value), evidence };
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
