import { deepEqual, equal } from "node:assert/strict";
import * as z from "zod/mini";
import {
  contradictionOf,
  failoverPolicy,
  Failover,
  namesOf,
  poolGroups,
  Pools,
  type PoolEntries,
} from "../../../src/app/pool-config.js";
import { DEFAULT_FAILOVER } from "../../../src/pool/pools/failover-policy.js";

const A = { url: "stratum+tcp://a.example:3333", user: "me.w" };
const B = { url: "stratum+tcp://b.example:3333", user: "me.w" };

function entries(pools: readonly object[], rest: Partial<PoolEntries> = {}): PoolEntries {
  return { network: "mainnet", pools: z.parse(Pools, pools), ...rest };
}

describe("pools of the configuration", () => {
  it("make one group with everything filled in when nothing else is said", () => {
    const [group, ...others] = poolGroups(entries([A, { ...B, name: "spare", password: "p" }]));
    deepEqual(others, []);
    deepEqual([group?.name, group?.quota], ["main", 1]);
    deepEqual(
      group?.pools.map(({ name, password, network, tls, redirectHosts }) => ({
        ...{ name, password, network: network.name, tls, redirectHosts },
      })),
      [
        {
          ...{ name: "a.example:3333", password: "", network: "mainnet" },
          ...{ tls: { verify: true, caFile: undefined, pins: [] }, redirectHosts: [] },
        },
        {
          ...{ name: "spare", password: "p", network: "mainnet" },
          ...{ tls: { verify: true, caFile: undefined, pins: [] }, redirectHosts: [] },
        },
      ],
    );
  });

  it("fall into their groups, in order, with quotas", () => {
    const pools = [A, { ...B, group: "partner" }, { ...B, name: "c" }];
    const groups = [
      { name: "partner", quota: 10 },
      { name: "main", quota: 90 },
    ];
    deepEqual(
      poolGroups(entries(pools, { groups })).map(({ name, quota, pools: members }) => [
        ...[name, quota],
        ...members.map((pool) => pool.name),
      ]),
      [
        ["partner", 10, "b.example:3333"],
        ["main", 90, "a.example:3333", "c"],
      ],
    );
  });

  it("have names that do not depend on their order", () => {
    const twice = [A, { ...A, user: "other.w" }, B];
    deepEqual(namesOf(twice), ["me.w@a.example:3333", "other.w@a.example:3333", "b.example:3333"]);
    deepEqual([...namesOf([...twice].reverse())].reverse(), namesOf(twice));
    deepEqual(namesOf([A, { ...A, name: "mine" }]), ["a.example:3333", "mine"]);
  });

  it("are refused with the field that contradicts another", () => {
    const wrong = (pools: readonly object[], rest: Partial<PoolEntries> = {}): unknown => {
      const found = contradictionOf(entries(pools, rest));
      return found && [found.path, found.value];
    };
    equal(wrong([A, B]), undefined);
    deepEqual(wrong([A, { ...B, url: "http://b" }]), ["pools[1].url", "http://b"]);
    deepEqual(wrong([A, A]), ["pools[1].name", "me.w@a.example:3333"]);
    deepEqual(
      wrong([
        { ...A, name: "x" },
        { ...B, name: "x" },
      ]),
      ["pools[1].name", "x"],
    );
    const main = { name: "main", quota: 1 };
    deepEqual(wrong([A, { ...B, group: "x" }], { groups: [main] }), ["pools[1].group", "x"]);
    deepEqual(wrong([A], { groups: [main, { name: "y", quota: 1 }] }), ["groups[1].name", "y"]);
    deepEqual(wrong([A], { groups: [main, main] }), ["groups[1].name", "main"]);
  });

  it("are left and returned to at the times that are given, in seconds, and the usual ones", () => {
    deepEqual(failoverPolicy(entries([A])), DEFAULT_FAILOVER);
    const failover = z.parse(Failover, { healthyS: 5, leaveOnRejects: true, badJobs: 7 });
    deepEqual(failoverPolicy(entries([A], { failover })), {
      ...DEFAULT_FAILOVER,
      ...{ healthyMs: 5000, leaveOnRejects: true, badJobs: 7 },
    });
  });
});
