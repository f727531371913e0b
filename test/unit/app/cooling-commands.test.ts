import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigStore } from "../../../src/app/config-store.js";
import { CoolingCommands } from "../../../src/app/cooling-commands.js";
import type { CoolingControlSnapshot } from "../../../src/cooling/cooling-control.js";
import type { CoolingPlan } from "../../../src/cooling/cooling-plan.js";
import { isMinerError } from "../../../src/lib/errors.js";

const POOL = { url: "stratum+tcp://a.example:3333", user: "me.w" };
const DECIDED = { dutyPct: 44, reason: "target" } as CoolingControlSnapshot;

describe("the owner's wishes about the fans", () => {
  let folder: string;
  let path: string;
  let plans: CoolingPlan[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "headframe-cooling-"));
    path = join(folder, "config.json");
    plans = [];
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function setUp(cooling: object): CoolingCommands {
    const pools = [POOL];
    const file = { machine: "s19k-pro", controlBoard: "virtual", pools, cooling };
    writeFileSync(path, JSON.stringify(file));
    const store = new ConfigStore(path);
    plans.push(store.config.coolingPlan);
    return new CoolingCommands({
      store,
      cooling: {
        get plan() {
          return plans.at(-1)!;
        },
        follow: (plan) => plans.push(plan),
        snapshot: () => DECIDED,
      },
    });
  }

  const inFile = (): unknown =>
    (JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>)["cooling"];

  it("are held at once and written, and go away again", async () => {
    const commands = setUp({ targetC: 58 });
    const list = await commands.set({ maxDutyPct: 60, minDutyPct: 25 });
    deepEqual(inFile(), { targetC: 58, maxDutyPct: 60, minDutyPct: 25 });
    deepEqual(list, {
      ...{ mode: "air", targetC: 58, minDutyPct: 25, maxDutyPct: 60 },
      configured: { targetC: 58, minDutyPct: 25, maxDutyPct: 60 },
      ...{ dutyPct: 44, reason: "target" },
    });
    await commands.set({ targetC: null, minDutyPct: null, maxDutyPct: null });
    deepEqual(inFile(), {});
    deepEqual([plans.at(-1)?.board.targetC, plans.at(-1)?.maxDutyPct], [60, 100]);
  });

  it("hold until the next start without a change of the file, beside those that are written", async () => {
    const commands = setUp({});
    await commands.set({ maxDutyPct: 50, now: true });
    deepEqual([inFile(), plans.at(-1)?.maxDutyPct], [{}, 50]);
    await commands.set({ targetC: 57 });
    deepEqual(inFile(), { targetC: 57 });
    deepEqual([plans.at(-1)?.board.targetC, plans.at(-1)?.maxDutyPct], [57, 50]);
  });

  it("never move what safety has of the machine, nor what takes the heat away", async () => {
    const commands = setUp({});
    const [before] = plans;
    await commands.set({ targetC: 63, minDutyPct: 20, maxDutyPct: 20 });
    const after = plans.at(-1);
    for (const limit of ["warnC", "throttleC"] as const)
      equal(after?.board[limit], before?.board[limit]);
    deepEqual([after?.neededFans, after?.mode], [before?.neededFans, "air"]);
    for (const wish of [{ targetC: 64 }, { maxDutyPct: 19 }, { minDutyPct: 30 }])
      await rejects(commands.set(wish), (error) => isMinerError(error, "CONFIG_INVALID"));
    deepEqual(inFile(), { targetC: 63, minDutyPct: 20, maxDutyPct: 20 });
    equal(plans.at(-1), after);
  });

  it("are refused where there are no fans to drive", async () => {
    const commands = setUp({ mode: "immersion" });
    equal(commands.list().targetC, null);
    await rejects(commands.set({ maxDutyPct: 60 }), (error) =>
      isMinerError(error, "CONFIG_INVALID"),
    );
    equal(plans.length, 1);
  });

  it("are only told when nothing is wished", async () => {
    const commands = setUp({});
    const text = readFileSync(path, "utf8");
    equal((await commands.set({ now: true })).maxDutyPct, 100);
    deepEqual([plans.length, readFileSync(path, "utf8")], [1, text]);
  });
});
