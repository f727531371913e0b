import type * as z from "zod/mini";
import { assertClock } from "../../asic/assert-clock.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import type { Config } from "../config.js";
import type { ConfigStore } from "../config-store.js";
import { CoolingChange, CoolingCommands, type CoolingCommandParts } from "../cooling-commands.js";
import type { KeptData } from "../kept/kept-data.js";
import { MACHINE_COMMANDS } from "../life-cycle/possible-commands.js";
import type { MachineLife } from "../life-cycle/machine-life.js";
import { LocateWish, type Locator } from "../locator.js";
import { EventWish, LogWish, type LogCommands } from "../log-commands.js";
import { CurtailWish, MachineCommands, SetPointWish } from "../machine-commands.js";
import type { MiningPools } from "../mining-pools.js";
import { PoolChange, PoolCommands, PoolTest } from "../pool-commands.js";
import type { PowerTarget } from "../power-target.js";
import type { Updates } from "../../update/updates.js";
import { BundleWish, type SupportBundle } from "../support/support-bundle.js";
import { TripCommands, TripToClear } from "../trip-commands.js";
import { configEntries } from "./config-entries.js";
import { updateEntries } from "./update-entries.js";
import { command, onceCommand, plainCommand, type CommandEntry } from "./command-entry.js";

export interface CommandTableParts {
  readonly life: MachineLife;
  readonly power: PowerTarget;
  readonly cooling: CoolingCommandParts["cooling"];
  readonly locator: Locator;
  readonly logs: LogCommands;
  readonly support: (wish: z.infer<typeof BundleWish>) => Promise<SupportBundle>;
  readonly pools: MiningPools;
  readonly snapshot: () => Snapshot;
  readonly store: ConfigStore;
  readonly kept: Pick<KeptData, "orders" | "trips">;
  /** Undefined: the machine has no slots. */
  readonly updates?: Updates | undefined;
  readonly restart: () => unknown;
  /** @throws REBOOT_UNAVAILABLE */
  readonly reboot: () => unknown;
}

/** Every command there is: what it needs, what it takes, what it does. */
export function commandTable(parts: CommandTableParts): Readonly<Record<string, CommandEntry>> {
  const { life, power, locator, logs, store, kept, snapshot } = parts;
  const cooling = new CoolingCommands({ cooling: parts.cooling, store });
  const { trips, orders } = kept;
  const assertReachable = (freqMHz: number): void => {
    assertClock(store.config.machineSpec.bringUp, freqMHz);
  };
  const applyPools = (config: Config): void => {
    parts.pools.reconfigure(config);
  };
  const machine = new MachineCommands({
    ...{ life, orders, power, store },
    assertReachable,
  });
  const pools = new PoolCommands({
    store,
    apply: applyPools,
    status: () => parts.pools.status(),
    probe: (settings, wish) => parts.pools.probe(settings, wish),
  });
  const tripCommands = new TripCommands({ trips, life });
  const plainOrders = MACHINE_COMMANDS.filter((name) => name !== "curtail");
  const orderEntries = plainOrders.map((name) => [
    `machine.${name}`,
    plainCommand("operate", () => machine.give(name)),
  ]);
  return {
    ...(Object.fromEntries(orderEntries) as Record<string, CommandEntry>),
    "machine.curtail": command(
      "operate",
      CurtailWish,
      "nothing, or toW (watts above 0) and perhaps waitS (to 120)",
      (wish) => machine.curtail(wish),
      true,
    ),
    "machine.set": command(
      "configure",
      SetPointWish,
      "freqMHz, railMv, powerW (numbers, or null for the machine's own) and perhaps now",
      (wish) => machine.set(wish),
      true,
    ),
    "cooling.set": command(
      "configure",
      CoolingChange,
      "targetC, minDutyPct, maxDutyPct (numbers, or null for the machine's own) and perhaps now",
      (change) => cooling.set(change),
      true,
    ),
    "machine.locate": command(
      "operate",
      LocateWish,
      "perhaps on (a boolean) and seconds (to 86400)",
      (wish) => locator.locate(wish),
      true,
    ),
    "machine.isLocated": plainCommand("read", () => ({ isOn: locator.isOn })),
    "machine.restart": onceCommand("operate", parts.restart),
    "system.reboot": onceCommand("operate", parts.reboot),
    "trips.clear": command("operate", TripToClear, "id", (trip) => tripCommands.clear(trip), true),
    "pools.set": command("configure", PoolChange, "pools, perhaps groups and revision", (change) =>
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
    ...updateEntries(parts.updates),
    "pools.list": plainCommand("read", () => pools.list()),
    "trips.list": plainCommand("read", () => tripCommands.list()),
    status: plainCommand("read", snapshot),
    logs: command("read", LogWish, "perhaps last (to 1000), sinceUnixMs and level", (wish) =>
      logs.logs(wish),
    ),
    "events.list": command(
      "read",
      EventWish,
      "perhaps last (to 1000), sinceUnixMs and code (a boolean)",
      (wish) => logs.events(wish),
    ),
    "support.bundle": command("read", BundleWish, "perhaps maxBytes (65536 to 4194304)", (wish) =>
      parts.support(wish),
    ),
  };
}
