import { MachineLife } from "../../app/life-cycle/machine-life.js";
import type { SetPointPlan } from "../../app/life-cycle/set-points.js";
import { ManualClock } from "../../lib/clock.js";
import type { Logger } from "../../lib/logger.js";
import type { LifeEntry } from "../life/life-entry.js";
import { fromLifePlain } from "../life/life-plain.js";
import { isFromOutside, LifePlayer, type LifeDifference } from "./life-player.js";

/** What was done then must have been done now, so long after it. Timers of a busy computer come late. */
const LATE_MS = 100;

export interface LifeVerdict {
  /** Calls and states that are the same. */
  readonly done: number;
  readonly difference: LifeDifference | undefined;
}

/** Lives the life of one process again, up to its first difference. */
export async function replayLife(entries: readonly LifeEntry[], log: Logger): Promise<LifeVerdict> {
  const [begin] = entries;
  if (begin?.what !== "begin") throw new RangeError("the life has no beginning");
  const clock = new ManualClock();
  await clock.advance(begin.atMs);
  const player = new LifePlayer(entries);
  const life = new MachineLife({
    ...player.options(clock, log, begin.hasWiring),
    setPoints: fromLifePlain(begin.setPoints) as SetPointPlan,
  });
  life.states.events.on("entered", ({ is }) => {
    player.entered(is);
  });
  const order = (name: string, args: readonly unknown[]): void => {
    const call = Reflect.get(life, name) as (...given: unknown[]) => unknown;
    const result = call.apply(life, [...args]);
    // What becomes of it is told by the record.
    if (result instanceof Promise) result.catch(() => undefined);
  };
  for (const [index, entry] of entries.entries()) {
    if (player.difference !== undefined) break;
    if (!isFromOutside(entry)) continue;
    if (!isInOneTurn(entries, index)) await clock.advance(Math.max(0, entry.atMs - clock.nowMs()));
    player.expectUntil(entries.findLastIndex(({ atMs }) => atMs < entry.atMs - LATE_MS) + 1);
    player.play(index, order);
  }
  await clock.advance(0);
  return { done: player.done, difference: player.difference };
}

/** What came in the turn of what came before it is played in the same turn. */
function isInOneTurn(entries: readonly LifeEntry[], index: number): boolean {
  const lastAt = entries.findLastIndex((each, at) => at < index && isFromOutside(each));
  const [last, entry] = [entries[lastAt], entries[index]];
  if (last?.atMs !== entry?.atMs) return false;
  return last?.turn === entry?.turn || lastAt === index - 1;
}
