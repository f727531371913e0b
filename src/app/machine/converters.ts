import type { BoardController } from "../../drivers/board-controller.js";
import type { Clock } from "../../lib/clock.js";
import { findingOf, type Finding } from "../../lib/finding.js";
import type { FittedSlot } from "./fitted-machine.js";

/** Documented: S17-era miner. */
const TRIES = 3;
const PAUSE_MS = 1000;

export interface SwitchConvertersOptions {
  readonly slots: readonly FittedSlot[];
  readonly isOn: boolean;
  readonly clock: Clock;
  readonly tries?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Switches the converters of these boards; resolves with what failed, by slot. Boards without one are left out. */
export async function switchConverters(
  options: SwitchConvertersOptions,
): Promise<ReadonlyMap<number, Finding>> {
  const failed = new Map<number, Finding>();
  await Promise.all(
    options.slots.map(async ({ slot, controller }) => {
      if (controller === undefined) return;
      try {
        await switchOne(options, controller);
      } catch (error) {
        options.signal?.throwIfAborted();
        failed.set(slot, findingOf(error, { slot }, "CONTROLLER_NO_ANSWER"));
      }
    }),
  );
  return failed;
}

async function switchOne(
  { isOn, clock, signal, tries = TRIES }: SwitchConvertersOptions,
  controller: BoardController,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      await controller.setConverter(isOn);
      return;
    } catch (error) {
      if (attempt >= tries) throw error;
      await clock.sleep(PAUSE_MS, signal);
    }
  }
}
