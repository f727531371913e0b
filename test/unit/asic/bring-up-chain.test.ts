import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { BRING_UPS } from "../../../src/asic/bring-up/bring-ups.js";
import { bringUpChain } from "../../../src/asic/chain/bring-up-chain.js";
import { ResetGroup } from "../../../src/asic/chain/reset-group.js";
import { RunningChain } from "../../../src/asic/chain/running-chain.js";
import { ManualClock } from "../../../src/lib/clock.js";
import {
  isMinerError,
  MinerError,
  type ErrorCode,
  type ErrorContext,
} from "../../../src/lib/errors.js";
import { FakeChainPort, type FakeChainOptions } from "./fake-chain-port.js";
import { bringUp, bringUpOn, chipsOf } from "./rig.js";

const GEOMETRY = { chips: 12, domains: 4, chipsPerDomain: 3, addressStep: 2 };

describe("bringUpChain", () => {
  it("releases the reset lines of chains on one rail in the same moment", async () => {
    const clock = new ManualClock();
    const group = new ResetGroup();
    const released: number[] = [];
    const chains = [12, 12, 5].map((chips) => {
      const port = new FakeChainPort({ chips: chipsOf(chips) });
      const setReset = port.setReset.bind(port);
      port.setReset = (isAsserted) => {
        if (!isAsserted) released.push(clock.nowMs());
        return setReset(isAsserted);
      };
      return { port, together: group.join() };
    });
    const start = ({ port, together }: (typeof chains)[number]): Promise<unknown> =>
      bringUpChain({
        ...{ port, together, clock, bringUp: BRING_UPS["bm1366-s19kpro"], geometry: GEOMETRY },
        settings: { freqMHz: 100, ticketDifficulty: 256, allowShortChain: false },
        ...{ restsInReset: true, log: { info: () => undefined, warn: () => undefined } },
      }).catch((error: unknown) => error);
    const first = start(chains[0]!);
    await clock.advance(5000);
    deepEqual(released, []);
    const others = [start(chains[1]!), start(chains[2]!)];
    for (let second = 0; second < 20; ++second) await clock.advance(1000);
    ok(isMinerError(await others[1], "CHAIN_BROKEN"), "the third is short and tried again alone");
    deepEqual(released.slice(0, 3), [5100, 5100, 5100]);
    deepEqual([(await first) instanceof RunningChain, released.length], [true, 5]);
  });

  it("brings a whole chain up in one attempt", async () => {
    const { chain, port } = await bringUp({ chips: chipsOf(12) });
    equal(chain.report.foundChips, 12);
    equal(chain.report.attempts, 1);
    deepEqual(chain.report.missing, []);
    equal(chain.report.baud, 1_041_667);
    equal(port.log.at(-1), "write all a4 9000ffff");
  });

  it("pulses reset with the host at the reset rate before it reads anything", async () => {
    const { port } = await bringUp({ chips: chipsOf(12) });
    const start = ["reset on", "length 9", "reset off", "baud 115200 0"];
    deepEqual(port.log.slice(0, start.length), start);
    ok(port.log.indexOf("read all 0 1000") > start.length);
  });

  it("expects long answers from the first version rolling write on", async () => {
    const { port } = await bringUp({ chips: chipsOf(12) });
    equal(port.log.indexOf("length 11"), port.log.indexOf("write all a4 9000ffff") + 1);
    equal(port.log.filter((line) => line === "length 11").length, 1);
  });

  it("changes the host's rate after the chips' and reads the last chip at the new rate", async () => {
    const { port } = await bringUp({ chips: chipsOf(12) });
    const chips = port.log.indexOf("write all 28 11300200");
    deepEqual(port.log.slice(chips + 1, chips + 3), ["baud 1041667 200", "read 22 0 100"]);
  });

  it("says that nothing answers", async () => {
    await fails({ chips: [] }, "CHAIN_SILENT", { expected: 12, found: 0 });
  });

  it("names the chip behind which the chain is open, and its domain", async () => {
    await fails({ chips: chipsOf(12), openBehind: 6 }, "CHAIN_BROKEN", {
      damage: "open",
      behindChip: 6,
      chip: 7,
      domain: 2,
      missing: "7-11",
      expected: 12,
      found: 7,
    });
  });

  it("names a chip that took its address and stays silent while others answer", async () => {
    const chips = chipsOf(12).map((chip, index) => ({ ...chip, isSilent: index === 4 }));
    await fails({ chips }, "CHAIN_BROKEN", { damage: "dead", chip: 4, domain: 1, missing: "4" });
  });

  it("names no chip when one passes everything on without taking an address", async () => {
    const chips = chipsOf(12).map((chip, index) => ({ ...chip, isTransparent: index === 4 }));
    await fails({ chips }, "CHAIN_BROKEN", { damage: "unclear", chip: null, domain: null });
  });

  it("says how much of the line was damaged, for then healthy chips seem to be missing", async () => {
    const port = new FakeChainPort({
      chips: chipsOf(12).map((chip, index) => ({ ...chip, isSilent: index === 4 })),
      beforeRead: () => {
        port.crcErrors += 2;
        port.garbageBytes += 30;
      },
    });
    port.crcErrors = 100;
    await rejects(bringUpOn(port), (error: MinerError) => {
      const { chip, crcErrors, garbageBytes } = error.context;
      ok(Number(crcErrors) > 0 && Number(crcErrors) < 100, "only since the start");
      deepEqual([chip, garbageBytes], [4, Number(crcErrors) * 15]);
      return true;
    });
  });

  it("refuses more chips than the hashboard has", async () => {
    await fails({ chips: chipsOf(13) }, "CHAIN_EXTRA_CHIPS", { expected: 12, found: 13 });
  });

  it("refuses a chip of another family and says which", async () => {
    const chips = chipsOf(12).map((chip, index) => (index === 5 ? { idWord: 0x1397_1800 } : chip));
    await fails({ chips }, "CHAIN_WRONG_CHIP", {
      chip: 5,
      expectedId: "0x1366",
      foundId: "0x1397",
    });
  });

  it("reads again before it believes that a chip is missing", async () => {
    const { chain } = await bringUp({
      chips: chipsOf(12),
      beforeRead: (chips, reads) => {
        const chip = chips[3];
        if (chip !== undefined) chip.isSilent = reads < 3;
      },
    });
    equal(chain.report.attempts, 1);
    equal(chain.report.foundChips, 12);
  });

  it("starts again from reset, three times in all, and leaves a failed chain in reset", async () => {
    const port = new FakeChainPort({ chips: [] });
    await rejects(bringUpOn(port));
    equal(port.log.filter((line) => line === "reset on").length, 4);
    equal(port.log.at(-1), "reset on");
  });

  it("comes up on a later attempt", async () => {
    const { chain } = await bringUp({
      chips: chipsOf(12),
      beforeRead: (chips, reads) => {
        for (const chip of chips) chip.isSilent = reads <= 3;
      },
    });
    equal(chain.report.attempts, 2);
  });

  describe("with chips missing, where the settings allow a short chain", () => {
    const ALLOWED = { allowShortChain: true };
    /** Chips whose cores were opened, by the word that does it. */
    const opened = ({ log }: FakeChainPort): number[] =>
      log.flatMap((line) => {
        const [, address] = /^write (\d+) 3c 800082aa$/.exec(line) ?? [];
        return address === undefined ? [] : [Number(address) / 2];
      });
    const upTo = (end: number): number[] => Array.from({ length: end }, (_, chip) => chip);

    it("opens the cores of whole domains only, and names the others", async () => {
      const { chain, port } = await bringUp({ chips: chipsOf(12), openBehind: 9 }, ALLOWED);
      const { foundChips, missing, left } = chain.report;
      deepEqual([foundChips, chain.workingChips, left], [10, 9, [9]]);
      deepEqual(missing, [
        { chip: 10, domain: 3 },
        { chip: 11, domain: 3 },
      ]);
      deepEqual(opened(port), upTo(9));
      deepEqual(
        [chain.loss?.code, chain.loss?.context],
        [
          "CHAIN_SALVAGED",
          {
            ...{ chain: "chain0", expected: 12, found: 10, working: 9 },
            ...{ missing: "10-11", left: "9", evidence: "inferred" },
          },
        ],
      );
      ok(port.log.includes("read 18 0 100"), "the last chip that answers proves the line");
    });

    it("leaves a domain out whose chip in the middle is silent", async () => {
      const chips = chipsOf(12);
      chips[4] = { ...chips[4]!, isSilent: true };
      const { chain, port } = await bringUp({ chips }, ALLOWED);
      deepEqual(
        [chain.report.left, opened(port)],
        [[3, 5], upTo(12).filter((chip) => chip < 3 || chip > 5)],
      );
      equal(chain.loss?.context["missing"], "4");
    });

    it("expects the hash rate of the chips that work", async () => {
      const whole = await bringUp({ chips: chipsOf(12) });
      const cut = await bringUp({ chips: chipsOf(12), openBehind: 6 }, ALLOWED);
      equal(whole.chain.loss, undefined);
      equal(cut.chain.expectedThs, whole.chain.expectedThs / 2);
    });

    it("gives the chain up when no domain is whole", async () => {
      const cut = bringUp({ chips: chipsOf(12), openBehind: 1 }, ALLOWED);
      await rejects(cut, { code: "CHAIN_BROKEN" });
    });

    it("gives the chain up when nobody can say which domain is not whole", async () => {
      const chips = chipsOf(12);
      chips[4] = { ...chips[4]!, isTransparent: true };
      await rejects(bringUp({ chips }, ALLOWED), ({ code, context }: MinerError) => {
        deepEqual([code, context["damage"]], ["CHAIN_BROKEN", "unclear"]);
        return true;
      });
    });

    it("opens all cores when every chip answers at a later attempt", async () => {
      const { chain, port } = await bringUp(
        {
          chips: chipsOf(12),
          beforeRead: (chips, reads) => {
            // Three reads each find half of the chips, before and after addressing; then the line fails.
            chips.forEach((chip, at) => (chip.isSilent = reads <= 9 && (at >= 6 || reads > 6)));
          },
        },
        ALLOWED,
      );
      deepEqual([chain.report.attempts, chain.loss, chain.report.left], [2, undefined, []]);
      deepEqual(opened(port), upTo(12));
    });
  });

  it("sends nothing when no PLL setting gives the clock", async () => {
    const port = new FakeChainPort({ chips: chipsOf(12) });
    await rejects(
      bringUpOn(port, { freqMHz: 5000 }),
      (error) => error instanceof MinerError && error.code === "PLL_UNREACHABLE",
    );
    deepEqual(port.log, []);
  });

  it("stops when it is told to", async () => {
    const port = new FakeChainPort({ chips: chipsOf(12) });
    const stop = new MinerError("CHAIN_CLOSED");
    await rejects(
      bringUpOn(port, {}, "bm1366-s19kpro", AbortSignal.abort(stop)),
      (error) => error === stop,
    );
    deepEqual(port.log, ["reset on"]);
  });

  async function fails(
    options: FakeChainOptions,
    code: ErrorCode,
    facts: ErrorContext,
  ): Promise<void> {
    await rejects(bringUp(options), (error) => {
      ok(error instanceof MinerError);
      equal(error.code, code);
      equal(error.context["chain"], "chain0");
      for (const [name, value] of Object.entries(facts)) equal(error.context[name], value, name);
      return true;
    });
  }
});
