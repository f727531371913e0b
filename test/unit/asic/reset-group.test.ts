import { deepEqual, rejects } from "node:assert/strict";
import { ResetGroup, type ResetPlace } from "../../../src/asic/chain/reset-group.js";
import { settle } from "../mining/working-chain-port.js";

describe("chains that leave reset together", () => {
  let ready: string[];
  let group: ResetGroup;

  beforeEach(() => {
    ready = [];
    group = new ResetGroup();
  });

  async function come(name: string, place: ResetPlace): Promise<void> {
    void place.ready().then(() => ready.push(name));
    await settle();
  }

  it("wait for the last of them, pulse after pulse", async () => {
    const [one, two] = [group.join(), group.join()];
    await come("one", one);
    deepEqual(ready, []);
    await come("two", two);
    deepEqual(ready, ["one", "two"]);
    await come("two", two);
    deepEqual(ready, ["one", "two"]);
    await come("one", one);
    deepEqual(ready, ["one", "two", "two", "one"]);
  });

  it("do not wait for one that has failed, and it does not wait for them", async () => {
    const [one, two] = [group.join(), group.join()];
    await come("one", one);
    two.leave();
    two.leave();
    await settle();
    deepEqual(ready, ["one"]);
    await come("two", two);
    deepEqual(ready, ["one", "two"]);
  });

  it("can be stopped while they wait", async () => {
    const [one, two] = [group.join(), group.join()];
    const stop = new AbortController();
    const waiting = one.ready(stop.signal);
    stop.abort(new Error("stopped"));
    await rejects(waiting, /stopped/);
    await rejects(one.ready(stop.signal), /stopped/);
    one.leave();
    await come("two", two);
    deepEqual(ready, ["two"]);
  });
});
