import type { Clock } from "../lib/clock.js";
import { findingOf } from "../lib/finding.js";
import type { Logger } from "../lib/logger.js";
import { programVersion } from "../lib/version.js";
import type { HealthFacts } from "../update/health-gate.js";
import type { Updates } from "../update/updates.js";
import type { ConfigStore } from "./config-store.js";
import type { KeptData } from "./kept/kept-data.js";
import type { Miner } from "./miner.js";

export interface OpenUpdatesParts {
  readonly dataDir: string;
  readonly miner: Miner;
  readonly store: ConfigStore;
  readonly kept: Pick<KeptData, "journal" | "onTrouble">;
  /** @throws REBOOT_UNAVAILABLE */
  readonly reboot: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Loaded only where the configuration names slots. Never fails: the machine mines without it. */
export async function openUpdates(parts: OpenUpdatesParts): Promise<Updates | undefined> {
  const { dataDir, miner, store, kept, reboot, clock, log } = parts;
  const { update: config, board } = store.config;
  if (config === undefined) return undefined;
  try {
    const { Updates: Opened } = await import("../update/updates.js");
    const updates = await Opened.open({
      ...{ config, dataDir, board: board.name, version: programVersion(), reboot, clock },
      health: () => healthOf(miner),
      tell: (what, facts, error) => {
        if (error === undefined) log.info(facts, `update: ${what}`);
        else log.warn({ code: error.code, ...facts }, `update: ${what}`);
        kept.journal.update(what, facts, error);
      },
      onTrouble: kept.onTrouble,
    });
    miner.update = () => updates.snapshot();
    return updates;
  } catch (error) {
    const { code, context } = findingOf(error);
    log.error({ code, ...context }, "no updates");
    return undefined;
  }
}

function healthOf(miner: Miner): HealthFacts {
  const { state, hottestC, trips, poolGroups } = miner.snapshot();
  return {
    ...{ isWanted: state.order === "mine", state: state.is, hottestC, trips: trips.length },
    accepted: poolGroups
      .flatMap(({ pools }) => pools)
      .reduce((sum, { accepted }) => sum + accepted, 0),
  };
}
