import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChainTeam } from "../../../../src/app/life-cycle/chain-team.js";
import type { LifeWiring } from "../../../../src/app/life-cycle/life-wiring.js";
import { MachineLife } from "../../../../src/app/life-cycle/machine-life.js";
import { OrderKeeper } from "../../../../src/app/life-cycle/order-keeper.js";
import { ManualClock } from "../../../../src/lib/clock.js";
import { MinerError } from "../../../../src/lib/errors.js";
import { createLogger } from "../../../../src/lib/logger.js";
import { FakeChain, FakeHardware } from "./fakes.js";

const ASK_MS = 6000;
/** Identification, self-test, voltage and enable line of the fakes, and a bit of the asking. */
const ASKING_MS = 5500;
const START_MS = 40_000;

/** An order that has to be found. */
class FakeWiring implements LifeWiring {
  isKnown = false;
  isDoubted = false;
  error: MinerError | undefined;
  refusal: MinerError | undefined;
  readonly #log: string[];
  readonly #clock: ManualClock;
  readonly #isPowered: () => boolean;

  constructor(log: string[], clock: ManualClock, isPowered: () => boolean) {
    this.#log = log;
    this.#clock = clock;
    this.#isPowered = isPowered;
  }

  mustAsk(): boolean {
    if (this.refusal !== undefined) throw this.refusal;
    return !this.isKnown;
  }

  async ask(_fitted: unknown, slots: readonly number[], signal: AbortSignal): Promise<void> {
    this.#log.push(`ask ${slots.join(" ")}${this.#isPowered() ? "" : " without power"}`);
    await this.#clock.sleep(ASK_MS, signal);
    if (this.error !== undefined) throw this.error;
  }

  take(): Promise<void> {
    this.#log.push(`take${this.#isPowered() ? " under power" : ""}`);
    this.isKnown = true;
    return Promise.resolve();
  }

  forgive(): boolean {
    if (this.isDoubted) this.isKnown = false;
    return this.isDoubted;
  }
}

describe("the life of a machine that asks which slot hangs on which tty", () => {
  let clock: ManualClock;
  let log: string[];
  let hardware: FakeHardware;
  let chains: FakeChain[];
  let wiring: FakeWiring;
  let life: MachineLife;
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "headframe-ask-"));
    clock = new ManualClock();
    log = [];
    hardware = new FakeHardware(log, clock, 3);
    chains = [0, 1, 2].map((slot) => new FakeChain(slot, log, clock));
    const team = new ChainTeam({ chains, resetTogether: false });
    for (const chain of chains)
      chain.changed = () => {
        team.changed();
      };
    const orders = await OrderKeeper.open({
      ...{ path: join(folder, "order.json"), clock },
      onTrouble: ({ code }) => log.push(code),
    });
    wiring = new FakeWiring(log, clock, () => hardware.isOn);
    life = new MachineLife({
      ...{ hardware, team, wiring, orders, clock, log: createLogger("silent") },
      onPower: () => undefined,
      setPoints: { freqMHz: 500, railMv: 13_200, openMv: 15_000, sleepMHz: 50 },
    });
  });

  afterEach(async () => {
    const stop = life.stop();
    await clock.advance(5000);
    await stop;
    rmSync(folder, { recursive: true, force: true });
  });

  const phases = (): string[] => life.states.phases.map(({ state }) => state);

  it("asks under power, and wires the chains and starts after the power was off", async () => {
    life.start();
    await clock.advance(START_MS);
    const asked = ["off", "identify", "selfTest", "power", "chainOrder"];
    deepEqual(phases(), [...asked, "selfTest", "power", "bringUp", "hashing"]);
    const steps = log.filter((line) => /^(ask|take|switch on|power off|start)/.test(line));
    deepEqual(steps, [
      ...["power off: start", "switch on", "ask 0 1 2", "power off: chainOrder", "take"],
      ...["power off: start", "switch on", "start 0", "start 1", "start 2"],
    ]);
  });

  it("asks those boards that pass the self-test", async () => {
    hardware.failing.set(1, { code: "SENSOR_SILENT", context: { slot: 1 } });
    life.start();
    await clock.advance(START_MS);
    ok(log.includes("ask 0 2"));
  });

  it("does not power what cannot be asked", async () => {
    wiring.refusal = new MinerError("CHAIN_ORDER_UNPROVEN", {});
    life.start();
    await clock.advance(ASKING_MS);
    const { state } = life;
    equal(state.is === "fault" && state.error.code, "CHAIN_ORDER_UNPROVEN");
    equal(log.includes("switch on"), false);
  });

  it("switches off when the answers are not clear, and starts no chain", async () => {
    wiring.error = new MinerError("CHAIN_ORDER_AMBIGUOUS", {});
    life.start();
    await clock.advance(ASKING_MS + ASK_MS);
    const { state } = life;
    equal(state.is === "fault" && state.error.code, "CHAIN_ORDER_AMBIGUOUS");
    deepEqual([hardware.isOn, log.some((line) => /^(take|start)/.test(line))], [false, false]);
  });

  it("curtails in the middle of it at once, and asks anew with resume", async () => {
    life.start();
    await clock.advance(ASKING_MS);
    equal(life.state.is, "chainOrder");
    await life.curtail();
    equal(hardware.isOn, false);
    await clock.advance(ASK_MS);
    deepEqual([life.state.is, log.includes("take")], ["curtailed", false]);
    await life.give("mine");
    await clock.advance(START_MS);
    deepEqual([life.state.is, log.filter((line) => line === "ask 0 1 2").length], ["hashing", 2]);
  });

  it("asks anew by resume when the order is doubted while other chains hash", async () => {
    life.start();
    await clock.advance(START_MS);
    equal(life.retry(), false, "nothing waits");
    equal(life.state.is, "hashing");
    wiring.isDoubted = true;
    equal(life.retry(), true);
    wiring.isDoubted = false;
    await clock.advance(START_MS);
    deepEqual(phases().slice(-4), ["selfTest", "power", "bringUp", "hashing"]);
    deepEqual(phases().filter((phase) => phase === "chainOrder").length, 2);
  });

  it("takes a running machine over without asking", async () => {
    hardware.isRunning = true;
    life.start();
    await clock.advance(START_MS);
    deepEqual([life.state.is, phases().includes("chainOrder")], ["hashing", false]);
  });
});
