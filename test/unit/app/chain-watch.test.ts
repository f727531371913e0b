import { deepEqual, equal, rejects } from "node:assert/strict";
import { BRING_UPS } from "../../../src/asic/bring-up/bring-ups.js";
import type { ChainSettings } from "../../../src/asic/bring-up/steps.js";
import { ChainWatch } from "../../../src/app/chain-watch.js";
import type { BringUpName } from "../../../src/boards/names.js";
import { ManualClock } from "../../../src/lib/clock.js";
import type { MinerError } from "../../../src/lib/errors.js";
import { createLogger } from "../../../src/lib/logger.js";
import { bringUpOn, chipsOf } from "../asic/rig.js";
import { WorkingChainPort } from "../mining/working-chain-port.js";

const GEOMETRY = { chips: 12, domains: 4, chipsPerDomain: 3, addressStep: 2 };
const CENSUS_MS = 30_000;
/** A family whose facts are all captured, and one with inferred facts. */
const PROVEN = { name: "bm1366-s19kpro", idWord: 0x1366_0000 } as const;
const INFERRED = { name: "bm1368-s21", idWord: 0x1368_0000 } as const;

describe("watch over a chain", () => {
  let clock: ManualClock;
  let port: WorkingChainPort;
  /** Chips that no longer answer. */
  let silent: Set<number>;
  let stop: AbortController;
  /** What the watch said of idle chips, in order. */
  let idle: (string | undefined)[];
  const onIdleChips = (error: MinerError | undefined): void => {
    idle.push(error === undefined ? undefined : String(error.context["chips"]));
  };

  beforeEach(() => {
    idle = [];
    clock = new ManualClock();
    silent = new Set();
    stop = new AbortController();
  });

  /** Watches until the watch ends; resolves with why. */
  async function watch(
    family: { readonly name: BringUpName; readonly idWord: number } = PROVEN,
    changes: Partial<ChainSettings> = {},
  ): Promise<{ readonly ended: Promise<unknown>; readonly hasEnded: () => boolean }> {
    port = new WorkingChainPort({
      chips: chipsOf(GEOMETRY.chips, family.idWord),
      beforeRead: (chips) => {
        chips.forEach((chip, index) => (chip.isSilent = silent.has(index)));
      },
    });
    const settings = { freqMHz: 100, ticketDifficulty: 256, allowShortChain: false, ...changes };
    const chain = await bringUpOn(port, settings, family.name);
    const bringUp = BRING_UPS[family.name];
    const log = createLogger("silent");
    const work = { ticketDifficulty: settings.ticketDifficulty };
    const deps = { port, chain, bringUp, geometry: GEOMETRY, clock, log };
    const options = { ...deps, work, onIdleChips };
    const ended = new ChainWatch(options).watch(stop.signal);
    let hasEnded = false;
    ended.catch(() => (hasEnded = true));
    return { ended, hasEnded: () => hasEnded };
  }

  it("goes on as long as every chip answers", async () => {
    const { hasEnded } = await watch();
    await clock.advance(10 * CENSUS_MS);
    equal(hasEnded(), false);
  });

  it("ends with the reason of the signal", async () => {
    const { ended } = await watch();
    const reason = new Error("stopped");
    stop.abort(reason);
    await rejects(ended, reason);
  });

  it("names a chip that neither answers nor mines any more", async () => {
    const { ended } = await watch();
    silent.add(7);
    await clock.advance(CENSUS_MS);
    await rejects(ended, {
      code: "CHAIN_BROKEN",
      context: {
        ...{ chain: "chain0", expected: 12, found: 11, damage: "dead", behindChip: 6, chip: 7 },
        ...{ domain: 2, missing: "7" },
      },
    });
  });

  it("believes a chip that finds nonces though its answer is missing", async () => {
    const { ended, hasEnded } = await watch();
    silent.add(7);
    for (let census = 0; census < 3; census++) {
      port.valid[7]! += 1;
      await clock.advance(CENSUS_MS);
      equal(hasEnded(), false);
    }
    await clock.advance(CENSUS_MS);
    await rejects(ended, { code: "CHAIN_BROKEN" });
  });

  it("tells a chain that has gone silent from one that lost chips", async () => {
    const { ended } = await watch();
    for (let chip = 0; chip < GEOMETRY.chips; chip++) silent.add(chip);
    await clock.advance(CENSUS_MS);
    await rejects(ended, { code: "CHAIN_SILENT" });
  });

  it("ends too where short chains are allowed: which domains are whole is decided anew", async () => {
    const { ended } = await watch(PROVEN, { allowShortChain: true });
    silent.add(7).add(8);
    await clock.advance(3 * CENSUS_MS);
    await rejects(ended, { code: "CHAIN_BROKEN" });
  });

  it("does not miss chips that were not there at the start", async () => {
    silent.add(10).add(11);
    const { hasEnded } = await watch(PROVEN, { allowShortChain: true });
    await clock.advance(3 * CENSUS_MS);
    equal(hasEnded(), false);
  });

  it("tells which chips answer but find nothing, and when they find something again", async () => {
    const { hasEnded } = await watch();
    const mineAll = (except?: number): void => {
      port.worksSent++;
      port.valid.forEach((_, chip) => (port.valid[chip]! += chip === except ? 0 : 30));
    };
    mineAll(5);
    await clock.advance(CENSUS_MS);
    mineAll(5);
    await clock.advance(CENSUS_MS);
    deepEqual(idle, ["5"], "told once");
    mineAll();
    await clock.advance(CENSUS_MS);
    deepEqual(idle, ["5", undefined]);
    equal(hasEnded(), false);
  });

  it("says nothing of idle chips before there are enough nonces to tell", async () => {
    await watch();
    port.valid[0]! += 10;
    await clock.advance(CENSUS_MS);
    deepEqual(idle, []);
  });

  it("gives up a chain whose chips answer but find nothing at all, unless there is no work", async () => {
    const { ended, hasEnded } = await watch();
    await clock.advance(10 * CENSUS_MS);
    equal(hasEnded(), false, "no work, no nonces");
    for (let census = 0; census < 4; census++) {
      equal(hasEnded(), false);
      port.worksSent++;
      await clock.advance(CENSUS_MS);
    }
    await rejects(ended, { code: "CHAIN_SILENT", context: { chain: "chain0", stage: "mining" } });
  });

  describe("of a family with inferred facts", () => {
    it("tests itself on the first nonces before anything else", async () => {
      const { hasEnded } = await watch(INFERRED);
      const reads = (): number => port.log.filter((line) => line.startsWith("read all")).length;
      const before = reads();
      await clock.advance(2 * CENSUS_MS);
      equal(reads(), before, "no census yet");
      port.worksSent += 2;
      port.nonces.belowTarget += 64;
      await clock.advance(2000 + CENSUS_MS);
      equal(hasEnded(), false);
      equal(reads(), before + 1);
    });

    it("gives the chain up when far too few nonces come for the work that was sent", async () => {
      const { ended, hasEnded } = await watch(INFERRED);
      await clock.advance(3_600_000);
      equal(hasEnded(), false, "no work, no nonces");
      let seconds = 0;
      // 12 chips of 1276 cores at 100 MHz: 1.4 nonces a second, 640 of them in 460 s.
      for (; !hasEnded() && seconds < 3600; seconds += 2) {
        port.worksSent++;
        if (seconds < 40) port.nonces.belowTarget++;
        await clock.advance(2000);
      }
      await rejects(ended, {
        code: "CHAIN_SILENT",
        context: { chain: "chain0", stage: "selfTest", found: 20, expected: 641 },
      });
      equal(seconds, 460);
    });

    it("gives the chain up when answers do not fit the work that was sent", async () => {
      const { ended } = await watch(INFERRED);
      port.worksSent += 2;
      port.nonces.hardwareError += 60;
      port.nonces.belowTarget += 4;
      await clock.advance(2000);
      await rejects(ended, (error: { code: string; context: Record<string, unknown> }) => {
        const { code, context } = error;
        deepEqual(
          [code, context["chain"], context["checked"], context["hardwareErrors"]],
          ["CHAIN_SELF_TEST_FAILED", "chain0", 64, 60],
        );
        return true;
      });
    });

    it("counts only what came since the chain was brought up", async () => {
      const { hasEnded } = await watch(INFERRED);
      equal(hasEnded(), false);
      port.nonces.hardwareError += 1000;
      const again = new ChainWatch({
        ...{ port, clock, geometry: GEOMETRY, log: createLogger("silent"), onIdleChips },
        work: { ticketDifficulty: 256 },
        chain: await bringUpOn(port, { freqMHz: 100 }, INFERRED.name),
        bringUp: BRING_UPS[INFERRED.name],
      });
      stop.abort(new Error("the first is over"));
      const second = new AbortController();
      const ended = again.watch(second.signal);
      port.worksSent += 2;
      port.nonces.share += 64;
      await clock.advance(2000 + CENSUS_MS);
      const reason = new Error("stopped");
      second.abort(reason);
      await rejects(ended, reason);
    });
  });
});
