import { hostname } from "node:os";
import type { MqttCommand, MqttConfig } from "../../app/mqtt-config.js";
import type { Snapshot } from "../../telemetry/snapshot.js";
import type { DeviceKey } from "./device-key.js";
import type { NetworkFacts } from "./network-facts.js";
import { LAYOUT, type Info, type Settings, type Status } from "./payloads.js";
import { modeOf, type Stamp } from "./render.js";

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

/** That it is there, or goes. */
export function statusMessage(
  state: Status["state"],
  snapshot: () => Pick<Snapshot, "version">,
  { net: { ip }, program }: Pick<InfoFacts, "net" | "program">,
  { boot, unixMs }: Omit<Stamp, "seq">,
): Status {
  if (state === "offline") return { v: LAYOUT, state, reason: "shutdown", boot, ts: unixMs };
  const fw = `${program} ${snapshot().version}`;
  return { v: LAYOUT, state, ts: unixMs, boot, fw, ...(ip !== undefined && { ip }) };
}

/** What is set, without secrets. */
export function settingsMessage(
  { state }: Snapshot,
  pools: readonly { readonly url: string; readonly user: string }[],
  revision: string,
): Settings {
  return {
    ...{ v: LAYOUT, rev: revision },
    // Credentials may stand in an address, too.
    pools: pools.map(({ url, user }) => ({ url: url.replace(/\/\/[^/]*@/, "//"), user })),
    ...{ freq_mhz: state.setPoints.freqMHz, rail_mv: state.setPoints.railMv },
    mode: modeOf(state.is),
  };
}
