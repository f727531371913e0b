import { equal, ok } from "node:assert/strict";
import { MAINNET, virtualNetwork } from "../../../src/bitcoin/network.js";
import { targetFromDifficulty, ticketTarget } from "../../../src/bitcoin/target.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { TicketChoice, ticketForRate, ticketZeroBits } from "../../../src/mining/ticket-choice.js";

describe("ticket choice", () => {
  let clock: ManualClock;
  let ths: number;

  beforeEach(() => {
    clock = new ManualClock();
    ths = 40;
  });

  function choice(setting?: number, network = MAINNET): TicketChoice {
    return new TicketChoice({ clock, network, setting, expectedThs: () => ths });
  }

  // Stock firmware's 256 on a board of 40 TH/s is captured; the rest follows from 25 to 50 nonces a second.
  for (const [rate, ticket] of [
    ...[
      [40, 256],
      [34.7, 256],
      [78, 512],
      [1.2, 8],
      [0.5, 4],
    ],
    ...[
      [0.01, 1],
      [0, 1],
    ],
  ] as const)
    it(`lets a chain of ${rate} TH/s report at ${ticket}`, () => {
      equal(ticketForRate(rate), ticket);
    });

  it("keeps the ticket when the rate changes a little, and changes it when it changes much", () => {
    const chosen = choice();
    equal(chosen.wanted(), 256);
    ths = 60; // 55 a second
    equal(chosen.wanted(), 256);
    ths = 25; // 23 a second
    equal(chosen.wanted(), 256);
    ths = 70;
    equal(chosen.wanted(), 512);
    ths = 60;
    equal(chosen.wanted(), 512);
    ths = 10;
    equal(chosen.wanted(), 64);
  });

  it("takes what is configured whatever the rate is", () => {
    ths = 1;
    equal(choice(256).wanted(), 256);
  });

  for (const network of [MAINNET, virtualNetwork()])
    it(`never misses a share of any difficulty on ${network.name}`, () => {
      for (const difficulty of [0.0001, 0.5, 1, 1.5, 2, 63, 64, 65, 255.99, 256, 257, 1e6]) {
        const target = targetFromDifficulty(difficulty, network);
        for (const setting of [undefined, 1024]) {
          const chosen = choice(setting, network);
          chosen.run(target);
          const ticket = chosen.wanted();
          ok(ticket === 1 || ticketTarget(ticket, network) >= target, `${difficulty} at ${ticket}`);
          ok(ticket <= chosen.highestFor(target));
          ok(difficulty < 1 || chosen.highestFor(target) * 2 > difficulty, "no lower than needed");
        }
      }
    });

  it("follows the lowest difficulty of the jobs of the last two minutes and of the running one", async () => {
    const chosen = choice();
    const run = (difficulty: number): void => {
      chosen.run(targetFromDifficulty(difficulty, MAINNET));
    };
    run(4096);
    equal(chosen.wanted(), 256);
    run(64);
    equal(chosen.wanted(), 64);
    await clock.advance(3_600_000);
    equal(chosen.wanted(), 64, "as long as it runs");
    run(4096);
    await clock.advance(60_000);
    run(16);
    run(4096);
    await clock.advance(60_001);
    equal(chosen.wanted(), 16);
    await clock.advance(60_000);
    equal(chosen.wanted(), 256);
  });

  it("remembers what the last jobs needed when there is no job", async () => {
    const chosen = choice();
    chosen.run(targetFromDifficulty(32, MAINNET));
    chosen.run(undefined);
    equal(chosen.wanted(), 32);
    await clock.advance(120_001);
    equal(chosen.wanted(), 256);
  });

  it("knows the zero bits of a ticket on every network", () => {
    equal(ticketZeroBits(1, MAINNET), 32);
    equal(ticketZeroBits(256, MAINNET), 40);
    equal(ticketZeroBits(256, virtualNetwork(28)), 12);
  });
});
