import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { assertNoOwnFault } from "./load.js";
import { assertBuilt } from "./program.js";
import type { Rig } from "./rig.js";
import { rigs } from "./rig.js";
import { until } from "./until.js";
import type { VirtualTruth } from "./virtual-control.js";

/** From what happened to the enable line: half a second, and what a busy computer adds. The bench `guard` measures it. */
const LIMIT_MS = 700;
/** The guard lets a stall of 430 ms pass, and the feed before it may have been late on a busy computer. */
const SURVIVED_MS = 400;
const ONE_CHAIN = { machine: "s19k-pro", chains: [0] };

/** What the companion says that it did. */
interface Report {
  readonly cause: string;
  readonly failed: number;
}

describe("the guard of the rail", function () {
  this.timeout(180_000);
  before(assertBuilt);
  const rig = rigs();

  it("cuts while the event loop is blocked, tells why, and the machine starts again", async () => {
    const mine = await rig.start({ ...ONE_CHAIN, preloads: ["./block.mjs"] });
    await mine.untilMining();
    const tookMs = await untilOff(mine, () => {
      mine.controller.signal("SIGHUP");
    });
    ok(tookMs > SURVIVED_MS, `a shorter stall is to be survived, and it cut after ${tookMs} ms`);
    const { state } = await mine.until("it hears of it", (seen) => seen.state.is === "fault");
    deepEqual([state.error?.code, state.error?.context["cause"]], ["GUARD_TRIPPED", "unfed"]);
    equal((await mine.virtualChains())[0]?.isInReset, true);
    await mine.command("resume");
    await mine.untilMining(2);
    assertNoOwnFault(mine);
  });

  for (const signal of ["SIGSEGV", "SIGABRT"] as const)
    it(`cuts on ${signal}, and leaves the exit status as it is`, async () => {
      const mine = await rig.start(ONE_CHAIN);
      await mine.untilMining();
      await untilOff(mine, () => {
        mine.controller.signal(signal);
      });
      await mine.controller.ended;
      equal(mine.controller.endedBy, signal);
      equal((await report(mine)).cause, signal);
    });

  it("has the companion cut after kill -9; the next start says so and powers up anew", async () => {
    const mine = await rig.start(ONE_CHAIN);
    await mine.untilMining();
    await untilOff(mine, () => {
      mine.controller.signal("SIGKILL");
    });
    await mine.controller.ended;
    deepEqual(await report(mine), { cause: "controller gone", failed: 0 });
    equal((await mine.virtualChains())[0]?.isInReset, true);
    mine.startController();
    const { state } = await mine.untilMining(2);
    deepEqual(
      state.phases.map((phase) => phase.state),
      ["off", "identify", "selfTest", "power", "bringUp", "hashing"],
    );
    ok(mine.controller.log.some(({ cause }) => cause === "controller gone"));
    ok(!existsSync(join(mine.dataDir, "companion.json")), "it is told once");
    ok(
      readdirSync(mine.dataDir).some((name) => /^companion-\d+\.json$/.test(name)),
      "and kept",
    );
    assertNoOwnFault(mine);
  });

  it("has the companion end a controller that is stopped as a whole", async () => {
    const mine = await rig.start(ONE_CHAIN);
    await mine.untilMining();
    await untilOff(mine, () => {
      mine.controller.signal("SIGSTOP");
    });
    await mine.controller.ended;
    equal(mine.controller.endedBy, "SIGKILL");
    equal((await report(mine)).cause, "no beats");
  });

  it("starts another companion when one dies or is stopped, and mines on", async () => {
    const mine = await rig.start(ONE_CHAIN);
    await mine.untilMining();
    for (const signal of ["SIGKILL", "SIGSTOP"] as const) {
      const before = companionOf(mine);
      process.kill(before, signal);
      await until(() => ![0, before].includes(companionOf(mine)) || undefined, {
        what: `another companion after ${signal}`,
        withinS: 10,
      });
    }
    await mine.untilMining(2);
    equal((await mine.truth()).supply.enableLine, 0);
    await untilOff(mine, () => {
      mine.controller.signal("SIGKILL");
    });
    await mine.controller.ended;
  });

  it("has the companion keep the power on over a planned restart, until the next controller has it", async () => {
    const mine = await rig.start(ONE_CHAIN);
    await mine.untilMining();
    const companion = companionOf(mine);
    deepEqual(await mine.command("restart"), { keepsPower: true });
    equal(await mine.controller.ended, 0);
    deepEqual([(await mine.truth()).supply.enableLine, isAlive(companion)], [0, true]);
    mine.startController();
    const { state } = await mine.untilMining(2);
    deepEqual(
      state.phases.map((phase) => phase.state),
      ["off", "identify", "bringUp", "hashing"],
    );
    const { changes } = await mine.truth();
    deepEqual(
      changes.filter(({ what }) => what === "enable").map(({ to }) => to),
      [0],
      "it was switched on once and never off",
    );
    ok(!isAlive(companion), "the companion has gone");
    assertNoOwnFault(mine);
    // The new one is guarded as the old one was.
    await untilOff(mine, () => {
      mine.controller.signal("SIGKILL");
    });
    await mine.controller.ended;
  });

  it("has the companion switch off when nobody comes after SIGUSR2, which the next start tells", async () => {
    const mine = await rig.start(ONE_CHAIN);
    await mine.untilMining();
    mine.controller.signal("SIGUSR2");
    equal(await mine.controller.ended, 0);
    const endedUnixMs = Date.now();
    const truth = await until(
      async () => {
        const seen = await mine.truth();
        return seen.supply.enableLine === 1 ? seen : undefined;
      },
      { what: "the lease is over" },
    );
    const leftMs = offAtUnixMs(truth) - endedUnixMs;
    ok(leftMs > 0 && leftMs < 30_000, `off ${leftMs} ms after the end`);
    equal((await report(mine)).cause, "lease over");
    mine.startController();
    const { state } = await mine.untilMining();
    ok(state.phases.some((phase) => phase.state === "selfTest"));
  });

  it("leaves no companion and no report behind when the controller ends as asked", async () => {
    const mine = await rig.start(ONE_CHAIN);
    await mine.untilMining();
    const companion = companionOf(mine);
    ok(residentKb(companion) < 2048, `${residentKb(companion)} kB`);
    equal(await mine.controller.stop(), 0);
    equal((await mine.truth()).supply.enableLine, 1);
    await until(() => !isAlive(companion) || undefined, { what: "the companion has gone" });
    deepEqual(
      readdirSync(mine.dataDir).filter((name) => /companion|lease/.test(name)),
      [],
    );
  });
});

/** Resolves with the time from what is done to the enable line being off, by the virtual machine's own clock. */
async function untilOff(mine: Rig, what: () => void): Promise<number> {
  const { supply } = await mine.truth();
  equal(supply.enableLine, 0, "it is on before");
  const fromUnixMs = Date.now();
  what();
  const truth = await until(
    async () => {
      const seen = await mine.truth();
      return seen.supply.enableLine === 1 ? seen : undefined;
    },
    { what: "the enable line is off", withinS: 20 },
  );
  const tookMs = offAtUnixMs(truth) - fromUnixMs;
  ok(tookMs < LIMIT_MS, `the line went off after ${tookMs} ms`);
  return tookMs;
}

function offAtUnixMs({ changes, nowMs, unixMs }: VirtualTruth): number {
  const off = changes.filter(({ what, to }) => what === "enable" && to === 1).at(-1);
  return unixMs - nowMs + (off?.atMs ?? Infinity);
}

async function report(mine: Rig): Promise<Report> {
  const file = join(mine.dataDir, "companion.json");
  const text = await until(() => (existsSync(file) ? readFileSync(file, "utf8") : undefined), {
    what: "the companion's report",
  });
  match(text, /"atUnixMs":\d+/);
  const { cause, failed } = JSON.parse(text) as Report;
  return { cause, failed };
}

/** The process number of the companion, the only child; 0 while there is none. */
/** 0 as long as there is none: a child that is not yet that program is the controller's own spawning, or has died. */
function companionOf({ controller: { pid } }: Rig): number {
  const child = Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"), 10) || 0;
  try {
    return readlinkSync(`/proc/${child}/exe`).endsWith("/companion") ? child : 0;
  } catch {
    return 0;
  }
}

function residentKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
