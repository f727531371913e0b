import { deepEqual, equal, ok } from "node:assert/strict";
import { controlSocketPath, type ControlReply } from "../../src/api/control/control-server.js";
import type { CommandReply } from "../../src/app/machine-commands.js";
import { askSocket } from "../../src/lib/ask-socket.js";
import type { MinuteRecord, SecondRecord } from "../../src/telemetry/history-records.js";
import { assertBuilt, headframe } from "./program.js";
import { type Rig, rigs } from "./rig.js";
import { until } from "./until.js";

describe("orders and history of a running controller", function () {
  this.timeout(120_000);
  before(assertBuilt);
  const rig = rigs();

  async function order(mine: Rig, method: string, beside: object): Promise<ControlReply> {
    const request = { id: 1, method, ...beside };
    return (await askSocket(controlSocketPath(mine.dataDir), request, 15_000)) as ControlReply;
  }

  async function history(mine: Rig, ...flags: string[]): Promise<unknown> {
    const args = ["history", "--data", mine.dataDir, "--json", ...flags];
    const { exitCode, stdout, stderr } = await headframe(args);
    equal(exitCode, 0, stderr);
    return JSON.parse(stdout);
  }

  const seconds = async (mine: Rig): Promise<readonly SecondRecord[]> =>
    ((await history(mine)) as { seconds: readonly SecondRecord[] }).seconds;

  it("are done once by their id, and not when they come too late", async () => {
    const mine = await rig.start();
    await mine.untilMining();
    const late = await order(mine, "machine.curtail", {
      ...{ order: "late", expiresUnixMs: Date.now() - 1 },
    });
    equal("error" in late && late.error.code, "COMMAND_EXPIRED");
    equal((await mine.status())?.state.is, "hashing");

    const curtail = { order: "c-1", expiresUnixMs: Date.now() + 60_000 };
    const first = await order(mine, "machine.curtail", curtail);
    ok("result" in first, JSON.stringify(first));
    const { receipt, isUnchanged } = first.result as CommandReply;
    equal(isUnchanged, false);
    ok(receipt);
    await order(mine, "machine.resume", { order: "r-1" });
    await mine.until("it is on its way again", ({ state }) => state.order === "mine");
    // A broker gives it a second time: it is answered as before and cuts nothing.
    deepEqual(await order(mine, "machine.curtail", curtail), first);
    equal((await mine.status())?.state.order, "mine");
    await mine.untilMining();
    const other = await order(mine, "machine.pause", { order: "c-1" });
    equal("error" in other && other.error.code, "COMMAND_ID_REUSED");
  });

  it("outlives kill -9 but for the last two seconds, and is told without a controller", async () => {
    const mine = await rig.start();
    await mine.untilMining();
    const isMining = ({ figures }: SecondRecord): boolean =>
      (figures.hashrateThs ?? 0) > 0 && (figures.accepted ?? 0) > 0;
    await until(async () => (await seconds(mine)).some(isMining) || undefined, {
      what: "a second of mining is kept",
    });
    const killedUnixMs = Date.now();
    await mine.controller.kill();
    const left = await seconds(mine);
    const last = left.at(-1);
    ok(last && last.atUnixMs > killedUnixMs - 2000, JSON.stringify([killedUnixMs, last]));
    mine.startController();
    await until(async () => (await seconds(mine)).length > left.length || undefined, {
      what: "it goes on keeping",
    });
    equal(await mine.controller.stop(), 0);
    const all = await seconds(mine);
    deepEqual(all.slice(0, left.length), left);
    // What there was of a minute when it was stopped in order.
    const { minutes } = (await history(mine, "--days", "7")) as { minutes: MinuteRecord[] };
    equal(minutes.length, 1);
  });
});
