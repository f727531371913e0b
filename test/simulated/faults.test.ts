import { deepEqual, equal, ok } from "node:assert/strict";
import type { ErrorSnapshot } from "../../src/telemetry/error-snapshot.js";
import { assertNoOwnFault } from "./load.js";
import { assertBuilt } from "./program.js";
import { Rig, rigs } from "./rig.js";

/** Chips of a domain of the S19k Pro, 77 chips in 11 domains. */
const CHIPS = 77;
const CHIPS_PER_DOMAIN = 7;

describe("a chain with a fault", function () {
  this.timeout(240_000);
  before(assertBuilt);
  const rig = rigs();

  /** The error of a chain that failed; where no other works either, the whole machine is off then. */
  async function errorOf(mine: Rig, slot: number): Promise<ErrorSnapshot> {
    const { error } = await mine.untilChain(
      slot,
      "is given up",
      ({ state, error: found }) => state === "faulted" || (state === "off" && found !== null),
      90,
    );
    return error!;
  }

  it("is named with chip and domain where it is open or where a chip is mute, and stays in reset", async () => {
    const mine = await rig.start({
      machine: "s19k-pro",
      faults: [
        { name: "chainOpen", chain: 0, chip: 30 },
        { name: "stuckBusy", chain: 1, chip: 51 },
        { name: "wrongChipId", chain: 2, chip: 12 },
      ],
    });
    const [open, stuck, wrong] = await Promise.all([0, 1, 2].map((slot) => errorOf(mine, slot)));
    equal(open!.code, "CHAIN_BROKEN");
    deepEqual(
      pick(open!, ["chain", "expected", "found", "behindChip", "chip", "domain", "damage"]),
      {
        ...{ chain: "chain0", expected: CHIPS, found: 31, behindChip: 30, chip: 31 },
        ...{ domain: Math.floor(31 / CHIPS_PER_DOMAIN), damage: "open" },
      },
    );
    equal(stuck!.code, "CHAIN_BROKEN");
    deepEqual(pick(stuck!, ["found", "behindChip", "chip", "domain"]), {
      ...{ found: 52, behindChip: 51, chip: 52, domain: Math.floor(52 / CHIPS_PER_DOMAIN) },
    });
    equal(wrong!.code, "CHAIN_WRONG_CHIP");
    deepEqual(pick(wrong!, ["chip", "expectedId", "foundId"]), {
      ...{ chip: 12, expectedId: "0x1366", foundId: "0x1397" },
    });
    await mine.until("the machine is off", ({ state }) => state.is === "fault");
    for (const { isInReset } of await mine.virtualChains()) equal(isInReset, true);
    equal((await mine.truth()).supply.enableLine, 1);
    equal(mine.pool.stats().accepted, 0);
  });

  it("says that a chip is missing when one neither hears nor answers, and where short chains are allowed too", async () => {
    const machine = { machine: "s19k-pro", chains: [0] };
    const faults = [{ name: "chipDead", chain: 0, chip: 40 }];
    for (const allowShortChain of [false, true]) {
      const error = await errorOf(
        await rig.start({ ...machine, faults, config: { allowShortChain } }),
        0,
      );
      equal(error.code, "CHAIN_BROKEN");
      // The others move up in the addressing: a dead chip that passes everything on has no place, nor has its domain.
      deepEqual(pick(error, ["expected", "found", "damage", "chip"]), {
        ...{ expected: CHIPS, found: CHIPS - 1, damage: "unclear", chip: null },
      });
    }
  });

  it("works with whole voltage domains of a chain that is open behind a chip, where that is allowed", async () => {
    const mine = await rig.start({
      ...{ machine: "s19k-pro", chains: [0], config: { allowShortChain: true } },
      // Domains of seven chips: 38 answer, five domains are whole.
      faults: [{ name: "chainOpen", chain: 0, chip: 37 }],
    });
    const { chains } = await mine.untilMining(5);
    const chain = chains[0]!;
    equal(chain.chips, 35);
    deepEqual(
      [chain.error?.code, pick(chain.error!, ["found", "working", "missing", "left"])],
      ["CHAIN_SALVAGED", { found: 38, working: 35, missing: "38-76", left: "35-37" }],
    );
    const full = await mine.untilChain(
      0,
      "each working chip has found something",
      ({ chipNonces }) => chipNonces.slice(0, 35).every((nonces) => nonces > 0),
    );
    deepEqual(
      full.chipNonces.slice(35).filter((nonces) => nonces > 0),
      [],
    );
    // By truth: as many cores hash as 35 chips have.
    const hashing = (await mine.virtualChains())[0]!.hashrateThs;
    ok(Math.abs(hashing - chain.nominalThs) < chain.nominalThs / 100);
    assertNoOwnFault(mine);
  });

  it("mines on while every answer comes when newer work has been sent", async () => {
    const mine = await rig.start({
      machine: "s19k-pro",
      chains: [0],
    });
    await mine.untilMining();
    await mine.fault({ name: "lateAnswers", delayMs: 2000 });
    const before = await mine.untilMining(10);
    ok(before.chains[0]!.jobIntervalMs < 2000);
    const earlier = before.chains[0]!.counters.nonces.share;
    const chain = await mine.untilChain(
      0,
      "finds shares with late answers",
      ({ counters }) => counters.nonces.share >= earlier + 10,
    );
    const { nonces } = chain.counters;
    equal(nonces.hardwareError + nonces.unknownWork + nonces.duplicate, 0);
    equal(chain.bringUps, 1);
    assertNoOwnFault(mine);
  });

  it("comes up on a line with noise, if need be in more than one attempt", async () => {
    const mine = await rig.start({
      machine: "s19k-pro",
      chains: [0],
      faults: [{ name: "byteDamage", share: 0.0005, direction: "both" }],
    });
    const { chains } = await mine.untilMining();
    equal(chains[0]?.chips, CHIPS);
    assertNoOwnFault(mine);
  });
});

describe("three chains with faults of their own", function () {
  this.timeout(120_000);
  let mine: Rig;

  before("start with one chain that does not answer", async () => {
    assertBuilt();
    mine = new Rig({
      machine: "s19k-pro",
      // A single chip finds little, so that its silence is soon noticed.
      config: { ticketDifficulty: 2048 },
      faults: [{ name: "chainHung", chain: 2 }],
    });
    await mine.start();
  });

  afterEach(function () {
    if (this.currentTest?.state === "failed") process.stderr.write(`${mine.report()}\n`);
  });

  after(() => mine.stop());

  it("give the one up that is silent, and mine on the others", async () => {
    const silent = await mine.untilChain(2, "is given up", ({ error }) => error !== null);
    equal(silent.error?.code, "CHAIN_SILENT");
    await mine.clear();
    for (const slot of [0, 1])
      await mine.untilChain(slot, "hashes", ({ state }) => state === "hashing");
    await mine.fault({ name: "chipDead", chain: 0, chip: 33 });
  });

  it("take the one back whose line was gone", async () => {
    await mine.fault({ name: "hangUp", chain: 1 });
    const gone = await mine.untilChain(1, "has no line", ({ state }) => state === "faulted");
    equal(gone.error?.code, "LINK_HUNG_UP");
    const before = mine.pool.stats().accepted;
    await mine.until("shares go on", () => mine.pool.stats().accepted > before + 2);
    await mine.clear({ chain: 1 });
    const back = await mine.untilChain(1, "is back", ({ state }) => state === "hashing");
    deepEqual([back.bringUps, back.counters.hangUps, back.error], [2, 1, null]);
  });

  it("name the chip that died while it mined, start over, and leave the others alone", async () => {
    const dead = await mine.untilChain(0, "misses a chip", ({ error }) => error !== null, 100);
    equal(dead.error?.code, "CHAIN_BROKEN");
    deepEqual(pick(dead.error, ["chip", "domain", "damage"]), {
      ...{ chip: 33, domain: Math.floor(33 / CHIPS_PER_DOMAIN), damage: "dead" },
    });
    const other = await mine.untilChain(1, "goes on", ({ state }) => state === "hashing");
    equal(other.bringUps, 2, "once more than at the start, for the line");
  });

  it("take the one back that answers again", async () => {
    const back = await mine.untilChain(2, "is back", ({ state }) => state === "hashing");
    equal(back.error, null);
    assertNoOwnFault(mine);
  });
});

function pick(error: ErrorSnapshot, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, error.context[name]]));
}
