import { deepEqual, equal } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OrderKeeper } from "../../../../src/app/life-cycle/order-keeper.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import type { MinerError } from "../../../../src/lib/errors.js";

describe("what the operator ordered", () => {
  let folder: string;
  let path: string;
  let troubles: MinerError[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-order-"));
    path = join(folder, "order.json");
    troubles = [];
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function open(): Promise<OrderKeeper> {
    const onTrouble = (error: MinerError): number => troubles.push(error);
    return OrderKeeper.open({ path, clock: new ManualClock(1000), onTrouble });
  }

  it("is to mine as long as nobody ordered anything", async () => {
    const keeper = await open();
    deepEqual(keeper.record, { order: "mine", sinceUnixMs: null });
    deepEqual(troubles, []);
  });

  it("is known after a restart, with its time", async () => {
    equal(await (await open()).give("curtailed"), true);
    deepEqual((await open()).record, { order: "curtailed", sinceUnixMs: 1000 });
  });

  it("is taken to be curtailed when it cannot be read, and the file is kept", async () => {
    const keeper = await open();
    await keeper.give("paused");
    await keeper.give("mine");
    writeFileSync(path, '{"version":1,"order":"dance","sinceUnixMs":1}');
    const { order } = await open();
    deepEqual([order, troubles.map(({ code }) => code)], ["curtailed", ["ORDER_UNREADABLE"]]);
    equal((await open()).order, "curtailed", "after the next start too");
    const { keptAs } = troubles[0]!.context;
    equal(readFileSync(String(keptAs), "utf8").includes("dance"), true);
  });

  it("holds although it cannot be saved, which is said", async () => {
    const keeper = await open();
    rmSync(folder, { recursive: true });
    equal(await keeper.give("curtailed"), false);
    deepEqual([keeper.order, troubles[0]?.code], ["curtailed", "ORDER_NOT_SAVED"]);
  });
});
