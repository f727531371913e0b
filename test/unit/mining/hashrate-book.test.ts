import { deepEqual, equal, ok } from "node:assert/strict";
import { MAINNET, virtualNetwork } from "../../../src/bitcoin/network.js";
import { targetToLe, ticketTarget } from "../../../src/bitcoin/target.js";
import { NONCE_VERDICTS, type NonceRecord } from "../../../src/hal/chain-port.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { HashrateBook } from "../../../src/mining/hashrate-book.js";
import { RATE_WINDOWS } from "../../../src/mining/window-sums.js";

/** One nonce a second at ticket difficulty 256: 256 x 2^32 hashes a second. */
const THS = (256 * 2 ** 32) / 1e12;

describe("hash rate book", () => {
  let clock: ManualClock;
  let book: HashrateBook;

  beforeEach(() => {
    clock = new ManualClock();
    book = new HashrateBook({ clock, network: MAINNET, chips: [2, 3] });
  });

  function nonce(chipIndex = 0, difficulty = 256, changes: Partial<NonceRecord> = {}): NonceRecord {
    return {
      ...{ verdict: "belowTarget", jobKey: 1, poolKey: 1, sessionKey: 1, core: 0, nonce: 0 },
      ...{ version: 0, ntime: 0, extranonce2: new Uint8Array(4), atUs: 0, chipIndex },
      hashLe: targetToLe(ticketTarget(difficulty, MAINNET)),
      ...changes,
    };
  }

  async function mine(seconds: number, noncesPerS = 1, chain = 0, ticket = 256): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      const found = Array.from({ length: noncesPerS }, (_, chip) => nonce(chip % 2, ticket));
      book.chains[chain]!.count(found, ticket);
      await clock.advance(1000);
    }
  }

  it("says nothing before time has passed, and of a window that is not full its real length", async () => {
    deepEqual(book.windows()["24h"], { ths: 0, uncertaintyThs: 0, seconds: 0 });
    await mine(90, 2);
    const { "5s": s5, "1m": m1, "15m": m15, "24h": h24 } = book.chains[0]!.windows();
    deepEqual(
      [s5, m1, m15, h24].map(({ seconds }) => seconds),
      [5, 60, 90, 90],
    );
    for (const { ths } of [s5, m1, m15, h24]) isNear(ths, 2 * THS);
    isNear(m15.uncertaintyThs, (2 * THS) / Math.sqrt(180));
  });

  it("covers no less than its name and at most a bucket more", async () => {
    await clock.advance(1000 * (2 * 86_400 + 12_345));
    for (let moment = 0; moment < 50; moment++) {
      await clock.advance(37_123);
      const windows = book.windows();
      const nominal = { "5s": [5, 6], "1m": [60, 65], "15m": [900, 960], "24h": [86_400, 87_300] };
      for (const name of RATE_WINDOWS) {
        const [least = 0, most = 0] = nominal[name];
        const { seconds } = windows[name];
        ok(seconds >= least && seconds < most, `${name}: ${seconds}`);
      }
    }
  });

  it("adds up what the windows hold, whenever it is asked", async () => {
    // The same sums, kept the long way.
    const finds: { atMs: number; difficulty: number }[] = [];
    for (let step = 0; step < 4000; step++) {
      const count = (step * 7919) % 5;
      const ticket = step % 3 === 0 ? 256 : 64;
      const found = Array.from({ length: count }, () => nonce(0, 256));
      book.chains[0]!.count(found, ticket);
      finds.push({ atMs: clock.nowMs(), difficulty: count * ticket });
      await clock.advance((step * 104_729) % 9000);
      if (step % 100 !== 0) continue;
      for (const name of RATE_WINDOWS) {
        const { ths, seconds } = book.windows()[name];
        const fromMs = clock.nowMs() - 1000 * seconds;
        // Boundaries belong to the later bucket; a find on the border may stand on either side.
        const sum = (from: number): number =>
          finds.reduce((total, { atMs, difficulty }) => total + (atMs >= from ? difficulty : 0), 0);
        const got = (ths * seconds * 1e12) / 2 ** 32;
        ok(got <= sum(fromMs - 0.001) + 1e-3 && got >= sum(fromMs + 0.001) - 1e-3, name);
      }
    }
  });

  it("counts a chain that is off as nothing, and the machine as the sum of its chains", async () => {
    await mine(450, 2, 0);
    await mine(450, 1, 1);
    const [first, second] = book.chains;
    isNear(first!.windows()["1m"].ths, 0);
    isNear(first!.windows()["15m"].ths, THS);
    isNear(second!.windows()["15m"].ths, THS / 2);
    isNear(book.windows()["15m"].ths, 1.5 * THS);
    isNear(book.windows()["15m"].uncertaintyThs, (1.5 * THS) / Math.sqrt(1350));
  });

  it("is as uncertain as one nonce when there was none", async () => {
    await mine(1);
    await clock.advance(100_000);
    const { ths, uncertaintyThs, seconds } = book.chains[0]!.windows()["1m"];
    equal(ths, 0);
    isNear(uncertaintyThs, THS / seconds);
  });

  it("stays right when the ticket difficulty changes", async () => {
    await mine(60, 8, 0, 64);
    await mine(60, 2, 0, 256);
    const { ths, uncertaintyThs } = book.chains[0]!.windows()["15m"];
    isNear(ths, 2 * THS);
    isNear(uncertaintyThs, ((Math.sqrt(480 * 64 ** 2 + 120 * 256 ** 2) / 256) * THS) / 120);
  });

  it("counts what all chips report while their mask changes", async () => {
    const easy = nonce(0, 128);
    deepEqual(book.chains[0]!.count([easy, nonce()], 256), [nonce()]);
    await clock.advance(1000);
    isNear(book.chains[0]!.windows()["5s"].ths, THS);
  });

  it("counts by the zero bits of the chips' network", () => {
    const network = virtualNetwork(28);
    book = new HashrateBook({ clock, network, chips: [1] });
    const at = (difficulty: number): NonceRecord =>
      nonce(0, 1, { hashLe: targetToLe(ticketTarget(difficulty, network)) });
    equal(book.chains[0]!.count([at(256), at(128)], 256).length, 1);
  });

  it("counts what proves work and nothing else", () => {
    const found = NONCE_VERDICTS.map((verdict) => nonce(0, 256, { verdict }));
    const counted = book.chains[0]!.count(found, 256).map(({ verdict }) => verdict);
    deepEqual(counted, ["share", "belowTarget", "stale"]);
  });

  it("tells the chips apart, and passes over one that does not exist", async () => {
    const found = [nonce(0), nonce(0), nonce(0), nonce(1), nonce(7)];
    book.chains[0]!.count(found, 256);
    await clock.advance(1000);
    const { ths, uncertaintyThs, seconds } = book.chains[0]!.chips("1m");
    equal(seconds, 1);
    for (const [chip, rate] of [3 * THS, THS].entries()) isNear(ths[chip]!, rate);
    for (const [chip, rate] of [Math.sqrt(3) * THS, THS].entries())
      isNear(uncertaintyThs[chip]!, rate);
    isNear(book.chains[0]!.windows()["1m"].ths, 5 * THS);
    deepEqual(book.chains[1]!.chips("1m").ths, [0, 0, 0]);
  });

  it("tells the mean since a moment", async () => {
    await mine(10, 5);
    const mark = book.chains[0]!.mark();
    await mine(10, 2);
    const { ths, uncertaintyThs, seconds } = book.chains[0]!.since(mark);
    isNear(ths, 2 * THS);
    isNear(uncertaintyThs, (2 * THS) / Math.sqrt(20));
    equal(seconds, 10);
  });

  it("counts late nonces of a stalled program in full", async () => {
    await mine(20);
    await clock.advance(3000);
    const found = Array.from({ length: 4 }, () => nonce());
    book.chains[0]!.count(found, 256);
    isNear(book.chains[0]!.windows()["15m"].ths, (24 / 23) * THS);
  });

  it("forgets after a day", async () => {
    await mine(10);
    await clock.advance(25 * 3_600_000);
    equal(book.windows()["24h"].ths, 0);
  });
});

function isNear(value: number, wanted: number): void {
  ok(Math.abs(value - wanted) < 1e-9 * Math.max(1, wanted), `${value} is not ${wanted}`);
}
