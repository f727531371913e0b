import { hostname } from "node:os";
import type { MqttCommand, MqttConfig } from "../../app/mqtt-config.js";
import type { PoolEntry } from "../../app/pool-config.js";
import { modeOf } from "../../telemetry/mode.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import type { DeviceKey } from "./device-key.js";
import type { NetworkFacts } from "./network-facts.js";
import { LAYOUT, type Info, type Settings, type Status } from "./payloads.js";
import type { Stamp } from "./render.js";

export interface InfoFacts {
  readonly id: string;
  readonly program: string;
  readonly net: NetworkFacts;
  readonly key: Pick<DeviceKey, "id" | "publicPem">;
  readonly place: MqttConfig["place"];
  readonly groups: MqttConfig["groups"];
  readonly commands: readonly MqttCommand[];
  readonly revision: string;
}

/** Of the configuration, what is told. */
export interface ShownConfig {
  readonly pools: readonly Pick<PoolEntry, "url" | "user">[];
  readonly powerW?: number | undefined;
}

/** What the miner is. */
export function infoMessage(snapshot: Snapshot, facts: InfoFacts): Info {
  const { machine, controlBoard, version, chains, boards, supply } = snapshot;
  const { id, program, net, key, place, groups, commands, revision } = facts;
  return {
    ...{ v: LAYOUT, id, model: machine, ctrl: controlBoard, fw: { name: program, version } },
    ...(net.mac !== undefined && { mac: net.mac }),
    boards: chains.map(({ slot, expectedChips }) => {
      const board = boards.find((each) => each.slot === slot);
      const sn = board?.serial ?? undefined;
      const chip = board?.chipMarking ?? undefined;
      return {
        ...{ i: slot, chips: expectedChips },
        ...(sn !== undefined && { sn }),
        ...(chip !== undefined && { chip }),
      };
    }),
    ...(supply && {
      psu: { model: supply.name, ...(supply.serial !== null && { sn: supply.serial }) },
    }),
    net: { host: hostname(), ...(net.ip !== undefined && { ip: net.ip }) },
    cfg_rev: revision,
    caps: [...commands],
    ...(place && { loc: place }),
    ...(groups.length > 0 && { groups: [...groups] }),
    key: { alg: "ed25519", id: key.id, pem: key.publicPem },
  };
}

/** That it is there. */
export function onlineMessage(
  { version }: Pick<Snapshot, "version">,
  { net: { ip }, program }: Pick<InfoFacts, "net" | "program">,
  { boot, unixMs }: Omit<Stamp, "seq">,
): Status {
  const fw = `${program} ${version}`;
  return {
    ...{ v: LAYOUT, state: "online", ts: unixMs, boot, fw },
    ...(ip !== undefined && { ip }),
  };
}

/** That it goes. */
export function offlineMessage({ boot, unixMs }: Omit<Stamp, "seq">): Status {
  return { v: LAYOUT, state: "offline", reason: "shutdown", boot, ts: unixMs };
}

/** What is set, without secrets. */
export function settingsMessage(
  { state }: Snapshot,
  { pools, powerW }: ShownConfig,
  revision: string,
): Settings {
  return {
    ...{ v: LAYOUT, rev: revision },
    // Credentials may stand in an address, too.
    pools: pools.map(({ url, user }) => ({ url: url.replace(/\/\/[^/]*@/, "//"), user })),
    ...{ freq_mhz: state.setPoints.freqMHz, rail_mv: state.setPoints.railMv },
    power_limit_w: powerW ?? null,
    mode: modeOf(state.is),
  };
}
