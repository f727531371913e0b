import { deepEqual, equal, throws } from "node:assert/strict";
import type { PoolList } from "../../../src/app/pool-commands.js";
import {
  addPool,
  movePool,
  type PoolsChange,
  removePool,
} from "../../../src/commands/pools-change.js";
import { isMinerError } from "../../../src/lib/errors.js";

/** Names with their group, as `a b/side`. */
function listOf(names: string, quotas: Readonly<Record<string, number>> = {}): PoolList {
  const pools = names.split(" ").map((text) => {
    const [name = "", group = "main"] = text.split("/");
    const url = `stratum+tcp://${name}:3333`;
    return { name, url, user: "u", group, redirectHosts: [], hasPassword: true };
  });
  const groups = [...new Set(pools.map(({ group }) => group))];
  return {
    revision: "r1",
    pools,
    groups: groups.map((name) => ({ name, quota: quotas[name] ?? 1 })),
    status: [],
  };
}

function namesOf({ pools }: PoolsChange): string {
  return pools.map((pool) => String(pool["name"])).join(" ");
}

const NEW = { name: "new", url: "stratum+tcp://new:3333", user: "u", group: "main" };

describe("a change of the pools", () => {
  it("names the revision that it was made for and sends no password", () => {
    const { revision, pools } = addPool(listOf("a b"), NEW);
    equal(revision, "r1");
    deepEqual(
      pools.map((pool) => "password" in pool),
      [false, false, false],
    );
  });

  for (const { list, position, expected } of [
    { list: "a b", position: undefined, expected: "a b new" },
    { list: "a b", position: 1, expected: "new a b" },
    { list: "a b", position: 2, expected: "a new b" },
    { list: "a b", position: 9, expected: "a b new" },
    { list: "x/side a y/side b", position: undefined, expected: "x a y b new" },
    { list: "x/side a y/side b", position: 2, expected: "x a y new b" },
    { list: "x/side a y/side", position: undefined, expected: "x a new y" },
    { list: "x/side y/side", position: 1, expected: "x y new" },
  ])
    it(`adds to ${list} at ${String(position)} of its group: ${expected}`, () => {
      const change = addPool(listOf(list), NEW, position === undefined ? {} : { position });
      equal(namesOf(change), expected);
    });

  it("brings a new group along, with its quota", () => {
    const { groups } = addPool(listOf("a", { main: 3 }), { ...NEW, group: "side" }, { quota: 2 });
    deepEqual(groups, [
      { name: "main", quota: 3 },
      { name: "side", quota: 2 },
    ]);
  });

  it("leaves groups alone when nothing changes for them", () => {
    equal(addPool(listOf("a"), NEW).groups, undefined);
    equal(removePool(listOf("a b"), "b").groups, undefined);
    equal(movePool(listOf("a b"), "b", 1).groups, undefined);
  });

  it("changes the quota of a group that is there", () => {
    deepEqual(addPool(listOf("a"), NEW, { quota: 4 }).groups, [{ name: "main", quota: 4 }]);
  });

  it("takes a pool out, and its group when it was the last of it", () => {
    const change = removePool(listOf("a b/side c", { main: 2 }), "b");
    equal(namesOf(change), "a c");
    deepEqual(change.groups, [{ name: "main", quota: 2 }]);
  });

  for (const { list, name, position, expected } of [
    { list: "a b c", name: "c", position: 1, expected: "c a b" },
    { list: "a b c", name: "a", position: 2, expected: "b a c" },
    { list: "a b c", name: "a", position: 3, expected: "b c a" },
    { list: "a b c", name: "b", position: 2, expected: "a b c" },
    { list: "a x/side b y/side", name: "y", position: 1, expected: "a y x b" },
  ])
    it(`moves ${name} of ${list} to ${position} of its group: ${expected}`, () => {
      equal(namesOf(movePool(listOf(list), name, position)), expected);
    });

  it("says which pools there are when the name is unknown", () => {
    for (const make of [
      (): unknown => removePool(listOf("a b"), "c"),
      (): unknown => movePool(listOf("a b"), "c", 1),
    ])
      throws(
        make,
        (error) => isMinerError(error, "POOL_UNKNOWN") && error.context["expected"] === "a, b",
      );
  });
});
