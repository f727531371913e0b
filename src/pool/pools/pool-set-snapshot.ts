import type { PoolSnapshot } from "../pool-client.js";
import type { FailoverGroup, PoolRole } from "./failover-group.js";
import type { FailoverPolicy } from "./failover-policy.js";
import type { PoolMember } from "./pool-member.js";

/** A pool as its client counts it, and how it stands among the others. */
export interface GroupPoolSnapshot extends PoolSnapshot {
  readonly group: string;
  /** Place in its group, from 0. */
  readonly priority: number;
  /**
   * `active` has the hash power. `probing`: connected to find out whether it could have it. `standby`: connected because
   * the active one is in doubt. `collecting`: waits for its last answers. `off`: not connected.
   */
  readonly role: PoolRole;
  /** Has had work for so long without a break; null when it has none. */
  readonly healthyForS: number | null;
  /** The hash power comes back after so long if all stays well; null unless it is better than the active one and ready. */
  readonly returnInS: number | null;
  /** Why it was left the last time for a fault of its own; null when it never was. */
  readonly leftReason: string | null;
  readonly leftAgoS: number | null;
}

export interface GroupSnapshot {
  readonly name: string;
  readonly quota: number;
  /** Name of the pool that has the hash power; null when none is ready. */
  readonly active: string | null;
  readonly pools: readonly GroupPoolSnapshot[];
  /** Times that another pool than before got the hash power. */
  readonly switches: number;
  /** Since a pool last got it; null before the first. */
  readonly lastSwitchAgoS: number | null;
}

export interface PoolSetSnapshot {
  readonly groups: readonly GroupSnapshot[];
  /** Shares of pools that were taken out of the list and have no session any more; never sent. */
  readonly droppedUnowned: number;
}

/** How a group and its pools stand. */
export function groupSnapshot(
  group: FailoverGroup,
  quota: number,
  policy: FailoverPolicy,
  nowMs: number,
): GroupSnapshot {
  return {
    name: group.name,
    quota,
    active: group.active?.name ?? null,
    pools: group.members.map((member, priority) =>
      poolSnapshot(group, member, priority, policy, nowMs),
    ),
    switches: group.switches,
    lastSwitchAgoS: secondsOrNull(ageMs(group.lastSwitchMs, nowMs)),
  };
}

function poolSnapshot(
  group: FailoverGroup,
  member: PoolMember,
  priority: number,
  policy: FailoverPolicy,
  nowMs: number,
): GroupPoolSnapshot {
  const role = group.role(member);
  const mayReturn = role === "probing" && group.active !== undefined;
  return {
    ...member.client.snapshot(),
    name: member.name,
    group: group.name,
    priority,
    role,
    healthyForS: secondsOrNull(member.readyForMs()),
    returnInS: mayReturn ? secondsOrNull(member.returnInMs(policy)) : null,
    leftReason: member.departure?.reason ?? null,
    leftAgoS: secondsOrNull(ageMs(member.departure?.atMs, nowMs)),
  };
}

function ageMs(sinceMs: number | undefined, nowMs: number): number | undefined {
  return sinceMs === undefined ? undefined : nowMs - sinceMs;
}

function secondsOrNull(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1000;
}
