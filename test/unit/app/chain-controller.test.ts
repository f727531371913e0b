import { deepEqual, equal, ok } from "node:assert/strict";
import { BRING_UPS } from "../../../src/asic/bring-up/bring-ups.js";
import { ResetGroup } from "../../../src/asic/chain/reset-group.js";
import { ChainController } from "../../../src/app/chain-controller.js";
import { MAINNET } from "../../../src/bitcoin/network.js";
import type { NonceRecord, NonceVerdict } from "../../../src/hal/chain-port.js";
import { ManualClock } from "../../../src/lib/clock.js";
import { HashrateBook } from "../../../src/mining/hashrate-book.js";
import { createLogger } from "../../../src/lib/logger.js";
import type { ChainSnapshot } from "../../../src/telemetry/snapshot.js";
import { chipsOf } from "../asic/rig.js";
import { poolJob, WorkingChainPort } from "../mining/working-chain-port.js";

const GEOMETRY = { chips: 12, domains: 4, chipsPerDomain: 3, addressStep: 2 };
/** The fake port takes no time: what is left are the reset pulse and the pauses that the clock makes. */
const BRING_UP_MS = 1000;
const RETRY_MS = 30_000;

describe("life of a chain", () => {
  let clock: ManualClock;
  let port: WorkingChainPort;
  let chain: ChainController;
  let judged: NonceRecord[];
  let areSilent: boolean;
  let hashing: boolean[];

  beforeEach(() => {
    clock = new ManualClock();
    judged = [];
    areSilent = false;
    port = new WorkingChainPort({
      chips: chipsOf(GEOMETRY.chips),
      beforeRead: (chips) => {
        for (const chip of chips) chip.isSilent = areSilent;
      },
    });
    hashing = [];
    chain = make();
  });

  afterEach(() => chain.stop());

  function make({ restsInReset = true } = {}): ChainController {
    const [rates] = new HashrateBook({ clock, network: MAINNET, chips: [GEOMETRY.chips] }).chains;
    ok(rates !== undefined);
    return new ChainController({
      ...{ slot: 2, tty: "/dev/tty2", port, geometry: GEOMETRY, clock, network: MAINNET },
      bringUp: BRING_UPS["bm1366-s19kpro"],
      settings: { freqMHz: 100, ticketDifficulty: 256, allowShortChain: false },
      ...{ restsInReset, log: createLogger("silent"), rates },
      nominalThs: 1,
      isTicketAutomatic: false,
      onNonces: (nonces) => judged.push(...nonces),
      onHashing: () => hashing.push(chain.isHashing),
    });
  }

  async function hash(): Promise<void> {
    chain.start();
    chain.takeJob(poolJob(1));
    while (chain.snapshot().state !== "hashing") await clock.advance(10);
  }

  function facts(): Pick<ChainSnapshot, "state" | "bringUps"> & { readonly code: string | null } {
    const { state, bringUps, error } = chain.snapshot();
    return { state, bringUps, code: error?.code ?? null };
  }

  it("tells when it begins and ceases to hash", async () => {
    await hash();
    deepEqual(hashing, [true]);
    await chain.stop();
    deepEqual(hashing, [true, false]);
  });

  it("does not hash without a pool, and begins to count anew with the next work", async () => {
    await hash();
    chain.dropJob();
    equal(facts().state, "waitingForWork");
    deepEqual([chain.isHashing, chain.snapshot().hashrateThs, chain.likelyThs], [false, 0, 1]);
    await clock.advance(200_000);
    chain.takeJob(poolJob(2));
    equal(facts().state, "hashing");
    equal(chain.likelyThs, 1, "minutes without work are not the chips' fault");
    deepEqual(hashing, [true, false, true]);
  });

  it("is held in reset when there is no work for five minutes, and brought up with the next", async () => {
    await hash();
    chain.dropJob();
    await clock.advance(299_000);
    equal(facts().state, "waitingForWork");
    await clock.advance(1000);
    equal(facts().state, "idle");
    chain.obey({ freqMHz: 150, works: true });
    equal(chain.isAtOrder, true, "chips in reset run at no other clock");
    equal(port.log.at(-1), "reset on");
    await clock.advance(3_600_000);
    deepEqual(facts(), { state: "idle", bringUps: 1, code: null });
    chain.takeJob(poolJob(2));
    while (chain.snapshot().state !== "hashing") await clock.advance(10);
    equal(facts().bringUps, 2);
  });

  it("is not held in reset when work comes in time", async () => {
    await hash();
    chain.dropJob();
    await clock.advance(299_000);
    chain.takeJob(poolJob(2));
    await clock.advance(600_000);
    deepEqual(facts(), { state: "hashing", bringUps: 1, code: null });
  });

  it("can be stopped while it is held in reset", async () => {
    await hash();
    chain.dropJob();
    await clock.advance(301_000);
    await chain.stop();
    equal(facts().state, "off");
  });

  it("is off until it is started", () => {
    deepEqual(facts(), { state: "off", bringUps: 0, code: null });
    const { slot, tty, expectedChips, chips: found, nominalThs } = chain.snapshot();
    deepEqual([slot, tty, expectedChips, found, nominalThs], [2, "/dev/tty2", 12, 0, 0]);
  });

  it("brings the chain up and waits for a job, then hashes", async () => {
    chain.start();
    equal(chain.snapshot().state, "bringingUp");
    await clock.advance(BRING_UP_MS);
    deepEqual(facts(), { state: "waitingForWork", bringUps: 1, code: null });
    ok(!port.log.some((line) => line.startsWith("job")));
    chain.takeJob(poolJob(1));
    await clock.advance(0);
    equal(chain.snapshot().state, "hashing");
    equal(port.jobs.at(-1)?.jobKey, 1);
    const { chips: found, freqMHz, nominalThs } = chain.snapshot();
    deepEqual([found, freqMHz], [12, 100]);
    equal(nominalThs.toFixed(4), ((12 * 894 * 100) / 1e6).toFixed(4));
  });

  it("begins with the newest of the jobs that came during bring-up", async () => {
    chain.start();
    chain.takeJob(poolJob(1));
    chain.takeJob(poolJob(2));
    await clock.advance(BRING_UP_MS);
    deepEqual(
      port.jobs.map(({ jobKey }) => jobKey),
      [2],
    );
  });

  it("waits again when the pool went away before the chain was up", async () => {
    chain.start();
    chain.takeJob(poolJob(1));
    chain.dropJob();
    await clock.advance(BRING_UP_MS);
    equal(chain.snapshot().state, "waitingForWork");
    chain.takeJob(poolJob(2));
    await clock.advance(0);
    equal(chain.snapshot().state, "hashing");
  });

  it("passes jobs on at once while it hashes, and stops work without a pool", async () => {
    await hash();
    port.log.length = 0;
    chain.takeJob(poolJob(2));
    chain.dropJob();
    chain.takeJob(poolJob(3, { clean: true }));
    deepEqual(port.log, ["job 2", "stop", "job 3 clean"]);
  });

  it("passes every nonce on and counts the hash rate from those that are good", async () => {
    await hash();
    const verdicts: NonceVerdict[] = ["share", "belowTarget", "stale", "hardwareError"];
    const nonces = [...verdicts, "duplicate" as const].map(nonce);
    port.events.emit("nonces", nonces);
    await clock.advance(10_000);
    deepEqual(judged, nonces);
    const wanted = (3 * 256 * 2 ** 32) / 10 / 1e12;
    // The chain began to hash up to 10 ms before.
    ok(Math.abs(chain.snapshot().hashrateThs / wanted - 1) < 0.002);
  });

  it("reports nonces by chip", async () => {
    await hash();
    port.valid[5] = 9;
    deepEqual(chain.snapshot().chipNonces, [0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0]);
  });

  it("is given up when chips are missing, and tried again after half a minute", async () => {
    areSilent = true;
    chain.start();
    chain.takeJob(poolJob(1));
    await clock.advance(RETRY_MS / 2);
    deepEqual(facts(), { state: "faulted", bringUps: 1, code: "CHAIN_SILENT" });
    ok(port.log.includes("stop and forget"));
    equal(lastReset(), "reset on");
    areSilent = false;
    await clock.advance(RETRY_MS);
    deepEqual(facts(), { state: "hashing", bringUps: 2, code: null });
  });

  it("waits for a line that was gone, and brings the chain up when it is back", async () => {
    await hash();
    port.events.emit("linkDown");
    await clock.advance(10 * RETRY_MS);
    deepEqual(facts(), { state: "faulted", bringUps: 1, code: "LINK_HUNG_UP" });
    port.events.emit("linkUp");
    await clock.advance(BRING_UP_MS);
    deepEqual(facts(), { state: "hashing", bringUps: 2, code: null });
  });

  it("rests in reset while its line is gone, and between tries", async () => {
    await hash();
    port.events.emit("linkDown");
    await clock.advance(0);
    deepEqual([facts().code, lastReset()], ["LINK_HUNG_UP", "reset on"]);
    port.events.emit("linkUp");
    await clock.advance(BRING_UP_MS);
    deepEqual([facts().state, lastReset()], ["hashing", "reset off"]);
    areSilent = true;
    await clock.advance(31_000);
    deepEqual([facts().code, lastReset()], ["CHAIN_SILENT", "reset on"]);
  });

  it("is out of reset between tries where others are silent beside it", async () => {
    chain = make({ restsInReset: false });
    await hash();
    areSilent = true;
    const resets = (): readonly string[] => port.log.filter((line) => line.startsWith("reset"));
    const before = resets().length;
    await clock.advance(31_000);
    equal(facts().code, "CHAIN_SILENT");
    deepEqual(resets().slice(before), ["reset on", "reset off"]);
  });

  it("keeps nothing of a line that comes and goes", async () => {
    const warnings: string[] = [];
    const onWarning = ({ name }: Error): number => warnings.push(name);
    process.on("warning", onWarning);
    await hash();
    for (let time = 0; time < 20; time++) {
      port.events.emit("linkDown");
      await clock.advance(10);
      port.events.emit("linkUp");
      await clock.advance(BRING_UP_MS);
    }
    process.off("warning", onWarning);
    deepEqual(facts(), { state: "hashing", bringUps: 21, code: null });
    deepEqual(warnings, []);
  });

  it("starts over at once when the dead man stopped it", async () => {
    await hash();
    port.events.emit("deadMan");
    await clock.advance(BRING_UP_MS);
    deepEqual(facts(), { state: "hashing", bringUps: 2, code: null });
    ok(port.log.includes("stop and forget"));
  });

  it("starts over when a job needs what the wire does not take", async () => {
    await hash();
    port.writeError = new Error("the wire is gone");
    chain.takeJob(poolJob(2, { versionMask: 0x00ff_e000 }));
    await clock.advance(0);
    equal(chain.snapshot().error?.code, "INTERNAL");
    await clock.advance(RETRY_MS + BRING_UP_MS);
    deepEqual(facts(), { state: "hashing", bringUps: 2, code: null });
  });

  it("counts the hash rate of each life of the chain by itself", async () => {
    await hash();
    port.events.emit(
      "nonces",
      Array.from({ length: 100 }, () => nonce("share")),
    );
    await clock.advance(1000);
    ok(chain.snapshot().hashrateThs > 0);
    port.events.emit("deadMan");
    await clock.advance(BRING_UP_MS);
    equal(chain.snapshot().hashrateThs, 0);
  });

  it("stops in every state with the chain in reset", async () => {
    await chain.stop();
    for (const ms of [0, 50, 150, BRING_UP_MS, 2 * BRING_UP_MS]) {
      chain.start();
      if (ms > BRING_UP_MS) chain.takeJob(poolJob(1));
      await clock.advance(ms);
      await chain.stop();
      equal(chain.snapshot().state, "off");
      equal(lastReset(), "reset on");
    }
  });

  it("stops while it waits for a line or for the next attempt", async () => {
    await hash();
    port.events.emit("linkDown");
    await clock.advance(0);
    await chain.stop();
    equal(chain.snapshot().state, "off");
  });

  describe("told what to do", () => {
    const WORK = { freqMHz: 100, works: true };
    const REST = { freqMHz: 100, works: false };

    it("stops work and keeps its clock, for as long as it is told, and goes on with the newest job", async () => {
      await hash();
      port.log.length = 0;
      chain.obey(REST);
      deepEqual([facts().state, chain.isHashing], ["waitingForWork", false]);
      chain.takeJob(poolJob(2));
      chain.takeJob(poolJob(3));
      await clock.advance(3_600_000);
      deepEqual(facts(), { state: "waitingForWork", bringUps: 1, code: null });
      deepEqual(
        port.log.filter((line) => !line.startsWith("read")),
        ["stop"],
      );
      port.log.length = 0;
      chain.obey(WORK);
      deepEqual(port.log, ["job 3 clean"]);
      deepEqual(hashing, [true, false, true]);
    });

    it("rests from the start when told before the chips are up", async () => {
      chain.obey(REST);
      chain.start();
      chain.takeJob(poolJob(1));
      await clock.advance(BRING_UP_MS);
      equal(facts().state, "waitingForWork");
      equal(port.jobs.length, 0);
      chain.obey(WORK);
      await clock.advance(0);
      equal(facts().state, "hashing");
    });

    it("is held in reset when no pool has work for five minutes after it was let go", async () => {
      await hash();
      chain.obey(REST);
      chain.dropJob();
      await clock.advance(600_000);
      equal(facts().state, "waitingForWork");
      chain.obey(WORK);
      await clock.advance(300_000);
      equal(facts().state, "idle");
    });

    it("walks to another clock while it hashes, and counts its hash rate anew", async () => {
      await hash();
      port.events.emit("nonces", [nonce("share")]);
      await clock.advance(1000);
      ok(chain.snapshot().hashrateThs > 0);
      chain.obey({ freqMHz: 150, works: true });
      equal(chain.isAtOrder, false);
      await clock.advance(1000);
      equal(chain.isAtOrder, true);
      const { state, freqMHz, hashrateThs, bringUps } = chain.snapshot();
      deepEqual([state, freqMHz, hashrateThs, bringUps], ["hashing", 150, 0, 1]);
      equal(chain.likelyThs, 1.5);
    });

    it("tells the chain thread the time between works at the other clock", async () => {
      await hash();
      // With few versions the sweep decides, and not the age of the work.
      chain.takeJob(poolJob(2, { versionMask: 0x00ff_e000 }));
      await clock.advance(0);
      const before = port.works.at(-1)!.jobIntervalMs;
      chain.obey({ freqMHz: 500, works: true });
      await clock.advance(1000);
      const after = port.works.at(-1)!.jobIntervalMs;
      ok(after < before, `${after} ms after ${before} ms`);
    });

    it("turns round on the way to a clock that is not wanted any more", async () => {
      await hash();
      const walks: number[] = [];
      const write = port.writeRegister.bind(port);
      // A step takes its time, as on the wire.
      port.writeRegister = async (...frame) => {
        await write(...frame);
        if (frame[1] !== 8) return;
        walks.push(chain.snapshot().freqMHz);
        await clock.sleep(100);
      };
      chain.obey({ freqMHz: 56.25, works: false });
      await clock.advance(250);
      chain.obey(WORK);
      await clock.advance(1000);
      deepEqual([facts().state, chain.snapshot().freqMHz, chain.isAtOrder], ["hashing", 100, true]);
      ok(walks.length < 8, `${walks.length} steps`);
    });

    it("comes up at the clock that was ordered last, also after a failure", async () => {
      await hash();
      chain.obey({ freqMHz: 150, works: true });
      await clock.advance(1000);
      port.events.emit("deadMan");
      await clock.advance(BRING_UP_MS);
      deepEqual([facts().bringUps, chain.snapshot().freqMHz], [2, 150]);
    });
  });

  describe("that fails again and again", () => {
    beforeEach(() => {
      areSilent = true;
      chain.start();
      chain.takeJob(poolJob(1));
    });

    it("is tried every half minute, then every five minutes, and given up after an hour", async () => {
      await clock.advance(5 * 45_000);
      const soon = facts().bringUps;
      ok(soon >= 5 && soon <= 7, `${soon} tries`);
      await clock.advance(600_000);
      ok(facts().bringUps <= soon + 2, `${facts().bringUps} tries`);
      await clock.advance(4_000_000);
      equal(chain.snapshot().retryInS, null);
      const tries = facts().bringUps;
      await clock.advance(86_400_000);
      deepEqual(facts(), { state: "faulted", bringUps: tries, code: "CHAIN_SILENT" });
    });

    it("is tried at once when somebody says so", async () => {
      await clock.advance(10_000_000);
      areSilent = false;
      chain.retry();
      await clock.advance(BRING_UP_MS);
      deepEqual([facts().state, facts().code], ["hashing", null]);
    });

    it("says when it is tried again", async () => {
      await clock.advance(RETRY_MS / 2);
      const { retryInS } = chain.snapshot();
      ok(retryInS !== null && retryInS > 0 && retryInS <= 30, String(retryInS));
    });

    it("counts failures that are far apart each as the first", async () => {
      areSilent = false;
      await clock.advance(2 * RETRY_MS);
      for (let time = 0; time < 20; time++) {
        await clock.advance(700_000);
        port.writeError = new Error("the wire is gone");
        chain.takeJob(poolJob(2, { versionMask: time % 2 === 0 ? 0x00ff_e000 : 0x1fff_e000 }));
        await clock.advance(RETRY_MS + BRING_UP_MS);
        equal(facts().state, "hashing");
      }
    });
  });

  it("rests out of reset where others would not answer beside it", async () => {
    chain = make({ restsInReset: false });
    await hash();
    chain.dropJob();
    await clock.advance(310_000);
    deepEqual([facts().state, lastReset()], ["idle", "reset off"]);
    areSilent = true;
    chain.takeJob(poolJob(2));
    await clock.advance(RETRY_MS / 2);
    deepEqual([facts().state, lastReset()], ["faulted", "reset off"]);
    await chain.stop();
    equal(lastReset(), "reset on");
  });

  it("leaves reset with others when it is not used, and is in reset again when they stop", async () => {
    const group = new ResetGroup();
    const other = group.join();
    chain.accompany(group.join());
    await clock.advance(5000);
    equal(lastReset(), "reset on");
    void other.ready();
    await clock.advance(100);
    equal(lastReset(), "reset off");
    await chain.stop();
    equal(lastReset(), "reset on");
    chain.accompany(group.join());
    await chain.stop();
    equal(lastReset(), "reset on", "also while it waits for them");
  });

  function lastReset(): string | undefined {
    return port.log.filter((line) => line.startsWith("reset")).at(-1);
  }

  function nonce(verdict: NonceVerdict): NonceRecord {
    return {
      ...{
        verdict,
        jobKey: 1,
        poolKey: 1,
        sessionKey: 1,
        chipIndex: 0,
        core: 0,
        nonce: 0,
        version: 0,
      },
      ...{ ntime: 0, extranonce2: new Uint8Array(4), hashLe: new Uint8Array(32), atUs: 0 },
    };
  }
});
