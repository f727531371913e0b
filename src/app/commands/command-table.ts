import { assertClock } from "../../asic/assert-clock.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import type { Config } from "../config.js";
import type { ConfigStore } from "../config-store.js";
import type { KeptData } from "../kept/kept-data.js";
import { MACHINE_COMMANDS } from "../life-cycle/possible-commands.js";
import type { MachineLife } from "../life-cycle/machine-life.js";
import { MachineCommands, SetPointWish } from "../machine-commands.js";
import type { MiningPools } from "../mining-pools.js";
import { PoolChange, PoolCommands, PoolTest } from "../pool-commands.js";
import { TripCommands, TripToClear } from "../trip-commands.js";
import { configEntries } from "./config-entries.js";
import { command, plainCommand, type CommandEntry } from "./command-entry.js";

export interface CommandTableParts {
  readonly life: MachineLife;
  readonly pools: MiningPools;
  readonly snapshot: () => Snapshot;
  readonly store: ConfigStore;
  readonly kept: Pick<KeptData, "orders" | "trips">;
  readonly restart: () => unknown;
}

/** Every command there is: what it needs, what it takes, what it does. */
export function commandTable(parts: CommandTableParts): Readonly<Record<string, CommandEntry>> {
  const { life, store, kept, snapshot, restart } = parts;
  const { trips, orders } = kept;
  const assertReachable = (freqMHz: number): void => {
    assertClock(store.config.machineSpec.bringUp, freqMHz);
  };
  const applyPools = (config: Config): void => {
    parts.pools.reconfigure(config);
  };
  const machine = new MachineCommands({
    ...{ life, orders, store },
    assertReachable,
  });
  const pools = new PoolCommands({
    store,
    apply: applyPools,
    status: () => parts.pools.status(),
    probe: (settings, wish) => parts.pools.probe(settings, wish),
  });
  const tripCommands = new TripCommands({ trips, life });
  const orderEntries = MACHINE_COMMANDS.map((name) => [
    `machine.${name}`,
    plainCommand("operate", () => machine.give(name)),
  ]);
  return {
    ...(Object.fromEntries(orderEntries) as Record<string, CommandEntry>),
    "machine.set": command(
      "configure",
      SetPointWish,
      "freqMHz, railMv (numbers, or null for the machine's own) and perhaps now",
      (wish) => machine.set(wish),
      true,
    ),
    "machine.restart": plainCommand("operate", restart),
    "trips.clear": command("operate", TripToClear, "id", (trip) => tripCommands.clear(trip), true),
    "pools.set": command("configure", PoolChange, "revision, pools and perhaps groups", (change) =>
      pools.set(change),
    ),
    "pools.test": command(
      "read",
      PoolTest,
      "the name of a pool, perhaps timeoutS (to 100) and hashrateThs",
      (wish) => pools.test(wish),
    ),
    ...configEntries({
      ...{ store, applyPools, assertReachable },
      setPoints: (wish) => machine.set(SetPointWish.parse(wish)),
    }),
    "pools.list": plainCommand("read", () => pools.list()),
    "trips.list": plainCommand("read", () => tripCommands.list()),
    status: plainCommand("read", snapshot),
  };
}
