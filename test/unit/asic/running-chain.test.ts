import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { decodePll, pllMHz } from "../../../src/asic/pll-register.js";
import { bringUp, chipsOf } from "./rig.js";

const BM1370_ID = 0x1370_0000;

describe("RunningChain", () => {
  it("knows the hash rate and the job interval that follow from the clock", async () => {
    const { chain } = await bringUp({ chips: chipsOf(12) }, { stockHashCountingNumber: 0x115a });
    equal(chain.actualMHz, 100);
    equal(chain.expectedThs, (12 * 894 * 100) / 1e6);
    equal(chain.hashCountingNumber, 0x115a);
    // 65,536 versions, 8 at a time, 4,442 x 80 ns each time; new work at half of it.
    equal(chain.jobTiming.epochMs.toFixed(1), "2911.1");
    equal(chain.jobTiming.intervalMs.toFixed(1), "1455.6");
  });

  it("walks to a higher clock in steps after it shortened the sweep", async () => {
    const { chain, port } = await bringUp({ chips: chipsOf(12) });
    const before = port.log.length;
    await chain.setFrequency(120);
    const sent = port.log.slice(before);
    ok(sent.slice(0, 3).every((line) => line.startsWith("write all 10 ")));
    deepEqual(sent.slice(3).map(clockOf), [106.25, 112.5, 118.75, 120]);
    equal(chain.actualMHz, 120);
  });

  it("walks to a lower clock before it lengthens the sweep", async () => {
    const { chain, port } = await bringUp({ chips: chipsOf(12) });
    const before = port.log.length;
    await chain.setFrequency(87.5);
    const sent = port.log.slice(before);
    deepEqual(sent.slice(0, 2).map(clockOf), [93.75, 87.5]);
    ok(sent.slice(2).every((line) => line.startsWith("write all 10 ")));
  });

  it("stops at the clock that it reached, and goes on from there", async () => {
    const { chain, port } = await bringUp({ chips: chipsOf(12) });
    const stop = new AbortController();
    const write = port.writeRegister.bind(port);
    let clocks = 0;
    port.writeRegister = (...frame) => {
      if (frame[1] === 8 && ++clocks === 2) stop.abort(new Error("enough"));
      return write(...frame);
    };
    await rejects(chain.setFrequency(150, { signal: stop.signal }), /enough/);
    deepEqual([chain.freqMHz, chain.actualMHz], [112.5, 112.5]);
    await chain.setFrequency(100);
    deepEqual([chain.freqMHz, clocks], [100, 4]);
  });

  it("says when the sweep changes: before the clock rises, and after it fell", async () => {
    const { chain } = await bringUp({ chips: chipsOf(12) });
    const clocksAt: number[] = [];
    const onSweep = (): number => clocksAt.push(chain.actualMHz);
    const slow = chain.hashCountingNumber;
    await chain.setFrequency(120, { onSweep });
    ok(chain.hashCountingNumber < slow);
    await chain.setFrequency(100, { onSweep });
    deepEqual(clocksAt, [100, 100]);
    equal(chain.hashCountingNumber, slow);
  });

  it("sends nothing for a clock that the PLL cannot make", async () => {
    const { chain, port } = await bringUp({ chips: chipsOf(12) });
    const before = port.log.length;
    await rejects(chain.setFrequency(4000));
    equal(port.log.length, before);
    equal(chain.actualMHz, 100);
  });

  it("narrows the version mask, and with it the epoch", async () => {
    const { chain, port } = await bringUp({ chips: chipsOf(12) });
    const full = chain.jobTiming.epochMs;
    await chain.setVersionMask(0x1fff_0000);
    equal(port.log.at(-1), "write all a4 9000fff8");
    equal(chain.jobTiming.epochMs.toFixed(3), (full / 8).toFixed(3));
  });

  it("rounds the ticket difficulty down and says what is in force", async () => {
    const { chain, port } = await bringUp({ chips: chipsOf(12) });
    equal(await chain.setTicketDifficulty(1000), 512);
    equal(port.log.at(-1), "write all 14 80ff");
  });

  it("names the chips that went away while mining", async () => {
    let hasGone = false;
    const { chain } = await bringUp({
      chips: chipsOf(12),
      beforeRead: (chips) => {
        const chip = chips[7];
        if (chip !== undefined) chip.isSilent = hasGone;
      },
    });
    deepEqual(await chain.check(), { foundChips: 12, missing: [] });
    hasGone = true;
    deepEqual(await chain.check(), { foundChips: 11, missing: [{ chip: 7, domain: 2 }] });
  });

  it("has nothing left to do after the first work of an S19k Pro", async () => {
    const { chain, port } = await bringUp({ chips: chipsOf(12) });
    const before = port.log.length;
    await chain.finish();
    equal(port.log.length, before);
  });

  it("gives an S21 Pro its nonce offsets after the first work, once", async () => {
    const { chain, port } = await bringUp({ chips: chipsOf(12, BM1370_ID) }, {}, "bm1370-s21pro");
    ok(port.log.every((line) => !/^write \S+ (c|10) /.test(line)));
    const before = port.log.length;
    await chain.finish();
    const sent = port.log.slice(before);
    deepEqual(sent.slice(0, 2), ["write 0 c 80000000", "write 2 c 80001556"]);
    equal(sent.length, 12 + 2);
    equal(sent.at(-1), "write all a4 9000ffff");
    await chain.finish();
    equal(port.log.length, before + sent.length);
  });

  it("gives an S21 Pro whose clock changed before the first work the sweep of its clock", async () => {
    const { chain, port } = await bringUp({ chips: chipsOf(12, BM1370_ID) }, {}, "bm1370-s21pro");
    await chain.setFrequency(200);
    const told = port.log.findLast((line) => line.startsWith("write all 10 "));
    await chain.finish();
    equal(
      port.log.findLast((line) => line.startsWith("write all 10 ")),
      told,
    );
  });

  function clockOf(line: string): number {
    const word = /^write all 8 (\w+)$/.exec(line)?.[1] ?? "";
    return pllMHz(decodePll(Number.parseInt(word, 16), "minusOne"));
  }
});
