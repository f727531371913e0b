import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { controlSocketPath, type ControlReply } from "../../src/api/control/control-server.js";
import type { CommandReply } from "../../src/app/machine-commands.js";
import { askSocket } from "../../src/lib/ask-socket.js";
import { assertBuilt } from "./program.js";
import { type Rig, rigs } from "./rig.js";
import { until } from "./until.js";

const PASSWORD = "a-pool-password-like-no-other";
const FULL_MHZ = 475;
/** Between the lowest clock of this machine and the one that it is set to. */
const SHARE = 0.93;
/** The walk of the clock, and readings of the regulator. */
const WAIT_S = 60;

describe("orders about watts, lights and help", function () {
  this.timeout(120_000);
  before(assertBuilt);
  const rig = rigs();
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-orders-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function order(mine: Rig, method: string, beside: object): Promise<ControlReply> {
    const request = { id: 1, method, ...beside };
    const timeoutMs = (WAIT_S + 10) * 1000;
    return (await askSocket(controlSocketPath(mine.dataDir), request, timeoutMs)) as ControlReply;
  }

  const boardW = async (mine: Rig): Promise<number> =>
    (await mine.truth()).boards[0]?.powerW ?? NaN;

  async function assertBlinks(mine: Rig): Promise<void> {
    await mine.command("locate", "--seconds", "600");
    const levels = new Set<number>();
    await until(
      async () => {
        levels.add((await mine.truth()).lines["led-red"] ?? -1);
        return levels.has(0) && levels.has(1) ? true : undefined;
      },
      { what: "the light blinks" },
    );
    await mine.command("locate", "--off");
    equal((await mine.truth()).lines["led-red"], 0);
  }

  async function assertHelps(mine: Rig): Promise<void> {
    const logs = (await mine.command("logs", "--last", "5")) as { lines: unknown[] };
    equal(logs.lines.length, 5);
    const file = join(folder, "support.tar.gz");
    await mine.command("support", file);
    const text = gunzipSync(readFileSync(file)).toString("latin1");
    for (const part of ["config.json", "snapshot.json", "data/flight.ring", "rig.worker"])
      ok(text.includes(part), part);
    ok(!text.includes(PASSWORD));
  }

  it("hold over a kill, are done once by their id, and leave no secret in what is packed", async () => {
    const rebootWith = join(folder, "reboot");
    const calls = join(folder, "calls");
    writeFileSync(rebootWith, `#!/bin/sh\necho 1 >>${calls}\n`, { mode: 0o755 });
    const withPassword = (pool: object): object => ({ ...pool, password: PASSWORD });
    const mine = await rig.start({
      config: { freqMHz: FULL_MHZ, rebootWith },
      adapt: (config) => ({ ...config, pools: (config["pools"] as object[]).map(withPassword) }),
    });
    await mine.untilMining();
    await assertBlinks(mine);
    await assertHelps(mine);
    const { powerW } = await mine.until("its watts are measured at the full clock", (seen) => {
      const isFull = seen.chains.every((chain) => chain.freqMHz > FULL_MHZ - 5);
      return isFull && (seen.powerW.value ?? 0) > 5;
    });
    const fullW = await boardW(mine);
    // Receipts round: below whatever the watts before round to.
    const toW = Math.floor((powerW.value ?? 0) * SHARE);
    const few = await order(mine, "machine.curtail", { params: { toW: 2 }, order: "c-0" });
    ok("error" in few, JSON.stringify(few));
    deepEqual([few.error.code, few.error.context["field"]], ["POWER_TARGET_REFUSED", "toW"]);

    const curtail = { params: { toW, waitS: WAIT_S }, order: "c-1" };
    const first = await order(mine, "machine.curtail", curtail);
    ok("result" in first, JSON.stringify(first));
    const { watts, ...reply } = first.result as CommandReply;
    ok(watts?.held, JSON.stringify(reply));
    deepEqual(
      [reply.order, watts.held.isReached, watts.held.after.evidence],
      ["mine", true, "measured"],
    );
    const facts = JSON.stringify({ toW, watts });
    ok((watts.before.value ?? 0) > toW && (watts.held.after.value ?? Infinity) <= toW, facts);
    const curtailedW = await boardW(mine);
    ok(curtailedW < fullW * (SHARE + 0.03), `${curtailedW} of ${fullW} W`);

    await mine.controller.kill();
    mine.startController();
    await mine.untilMining();
    const { powerTarget } = await mine.until("it is held again", (seen) =>
      Boolean(seen.powerTarget?.isReached),
    );
    deepEqual([powerTarget?.targetW, powerTarget?.by], [toW, "curtail"]);
    ok((await boardW(mine)) < fullW * (SHARE + 0.03));
    await mine.command("resume");
    // A broker that was away gives it a second time.
    deepEqual(await order(mine, "machine.curtail", curtail), first);
    equal((await mine.status())?.powerTarget, null);

    const { result } = (await order(mine, "system.reboot", { order: "b-1" })) as {
      result?: object;
    };
    deepEqual(result, { accepted: true });
    await until(() => (existsSync(calls) ? true : undefined), { what: "the board starts anew" });
    // Nobody would look after a power that is still on.
    equal((await mine.truth()).supply.isOn, false);
    equal(readFileSync(calls, "utf8"), "1\n");
  });
});
