import * as z from "zod/mini";
import type { CoolingControl } from "../cooling/cooling-control.js";
import type { CoolingWish } from "../cooling/cooling-plan.js";
import type { ConfigStore } from "./config-store.js";

const Value = z.optional(z.nullable(z.number()));
/** Null: the machine's own. What takes the heat away is no wish for now: other rules of safety hold with it. */
export const CoolingChange = z.strictObject({
  targetC: Value,
  minDutyPct: Value,
  maxDutyPct: Value,
  /** Until the next start, without a change of the configuration. */
  now: z.optional(z.boolean()),
});

const FIELDS = ["targetC", "minDutyPct", "maxDutyPct"] as const;
type Field = (typeof FIELDS)[number];
type Values = Readonly<Record<Field, number | null>>;

export interface CoolingList extends Values {
  readonly mode: string;
  /** What stands in the configuration file; null: nothing. */
  readonly configured: Values;
  /** As decided last. */
  readonly dutyPct: number;
  readonly reason: string;
}

export interface CoolingCommandParts {
  readonly cooling: Pick<CoolingControl, "plan" | "follow" | "snapshot">;
  readonly store: ConfigStore;
}

/** What the owner wishes of the fans of the running machine. */
export class CoolingCommands {
  readonly #parts: CoolingCommandParts;
  /** What holds now, which may differ from the file. */
  #wish: CoolingWish;
  /** Changes follow one another. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(parts: CoolingCommandParts) {
    this.#parts = parts;
    this.#wish = parts.store.config.cooling;
  }

  list(): CoolingList {
    const { cooling, store } = this.#parts;
    const { mode, board, minDutyPct, maxDutyPct } = cooling.plan;
    const { dutyPct, reason } = cooling.snapshot();
    return {
      ...{ mode, targetC: mode === "air" ? board.targetC : null, minDutyPct, maxDutyPct },
      configured: valuesOf(store.config.cooling),
      ...{ dutyPct, reason },
    };
  }

  /**
   * Changes wishes, in the configuration and at once; without any it only tells them. From the warning on fans are full,
   * whatever is wished.
   * Rejects with CONFIG_INVALID naming what is possible, and what ConfigStore.change rejects with; nothing has changed
   */
  async set({ now = false, ...wishes }: z.infer<typeof CoolingChange>): Promise<CoolingList> {
    if (FIELDS.every((field) => wishes[field] === undefined)) return this.list();
    const set = this.#changing.then(() => this.#set(wishes, now));
    this.#changing = set.catch(() => undefined); // told to who asked
    await set;
    return this.list();
  }

  async #set(wishes: Omit<z.infer<typeof CoolingChange>, "now">, isForNow: boolean): Promise<void> {
    const { cooling, store } = this.#parts;
    const wish = merged(this.#wish, wishes);
    const { coolingPlan } = store.check({ cooling: wish });
    if (!isForNow)
      await store.change({ cooling: merged(store.config.cooling, wishes) }, store.revision);
    this.#wish = wish;
    cooling.follow(coolingPlan);
  }
}

/** Null takes a wish away; what is not named stays. */
function merged(
  before: CoolingWish,
  wishes: Omit<z.infer<typeof CoolingChange>, "now">,
): CoolingWish {
  const changes = FIELDS.flatMap((field) =>
    wishes[field] === undefined ? [] : [[field, wishes[field] ?? undefined] as const],
  );
  return { ...before, ...Object.fromEntries(changes) };
}

function valuesOf({ targetC, minDutyPct, maxDutyPct }: CoolingWish): Values {
  return {
    targetC: targetC ?? null,
    minDutyPct: minDutyPct ?? null,
    maxDutyPct: maxDutyPct ?? null,
  };
}
