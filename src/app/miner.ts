import { networkByName } from "../bitcoin/network.js";
import type { ChainPort } from "../hal/chain-port.js";
import type { RewirableChainPort } from "../hal/rewirable-chain-port.js";
import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import type { Logger } from "../lib/logger.js";
import type { Counters } from "../mining/counters.js";
import { Dispatcher } from "../mining/dispatcher.js";
import type { OpenLink } from "../pool/transport/link.js";
import { PowerControl, type PowerSight } from "../power/power-control.js";
import type { Reading } from "../power/rail-snapshot.js";
import type { Snapshot } from "../telemetry/snapshot.js";
import type { UpdateSnapshot } from "../telemetry/update-snapshot.js";
import type { BoardMemory } from "./board-memory.js";
import { buildChain } from "./build-chain.js";
import type { ChainController } from "./chain-controller.js";
import type { Config } from "./config.js";
import { ChainTeam } from "./life-cycle/chain-team.js";
import { FittedHardware } from "./life-cycle/fitted-hardware.js";
import type { MachineLifeOptions } from "./life-cycle/machine-life-options.js";
import type { MachineLife } from "./life-cycle/machine-life.js";
import type { OrderKeeper } from "./life-cycle/order-keeper.js";
import { chainOrder } from "./life-cycle/set-points.js";
import { loadOf, machineSnapshot, recentPowerW, UNKNOWN } from "./machine-snapshot.js";
import type { MachineHardware } from "./machine/machine-hardware.js";
import { mainPool, MiningPools } from "./mining-pools.js";
import { agentOf } from "./pool-config.js";
import { powerSight, PowerTarget } from "./power-target.js";
import { Statistics } from "./statistics.js";
import { WireTap } from "./wire-tap.js";
import type { ChainWiring } from "./wiring/chain-wiring.js";

/** Chain threads have asked for their priority long before this. */
const THREADS_STARTED_MS = 500;

/** Makes what is listened to, or hears it. */
export interface MinerWitness {
  life(options: MachineLifeOptions): MachineLife;
  pool(name: string, openLink: OpenLink): OpenLink;
  /** The returned function ends it. */
  frames(slot: number, port: ChainPort): () => void;
}

export interface MinerOptions {
  readonly config: Config;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Counts that outlive the process. */
  readonly counters: Counters;
  /** Everything that is not a chain. */
  readonly hardware: MachineHardware;
  readonly memory: BoardMemory;
  readonly orders: OrderKeeper;
  readonly wiring: ChainWiring;
  /** The power may be on from now on, or is off for good. */
  readonly onPower: (mayBeOn: boolean) => void;
  readonly witness: MinerWitness;
  /** A chain failed of something new. */
  readonly onChainFailed: (slot: number, error: MinerError) => void;
  /** Folder for captures of both directions of every wire. */
  readonly tapDir?: string | undefined;
}

/** The controller: the machine, its chains, pools and what connects them. */
export class Miner {
  readonly #options: MinerOptions;
  readonly pools: MiningPools;
  readonly life: MachineLife;
  readonly power: PowerTarget;
  /** What becomes of an update, once somebody knows. */
  update: () => UpdateSnapshot | undefined = () => undefined;
  readonly #team: ChainTeam;
  readonly #dispatcher: Dispatcher;
  readonly #statistics: Statistics;
  readonly #ports: RewirableChainPort[] = [];
  readonly #chains: ChainController[] = [];
  readonly #taps: WireTap[] = [];
  /** End what listens to the ports. */
  readonly #deafen: (() => void)[] = [];
  /** What each chain failed of last, by slot. */
  readonly #failures = new Map<number, MinerError>();
  readonly #startMs: number;
  /** How much of the clock heat allows, and watts: the less of the two holds. */
  readonly #sharesPct = { heat: 100, watts: 100 };
  #lastPowerW: Reading<number> = UNKNOWN;
  #cancelThreadReport: () => void = () => undefined;

  constructor(options: MinerOptions) {
    const { config, version, clock, log, counters, hardware, memory, orders, onPower } = options;
    const { wiring } = options;
    this.#options = options;
    this.#startMs = clock.nowMs() - process.uptime() * 1000;
    this.pools = new MiningPools({
      config,
      agent: agentOf(version),
      clock,
      log,
      tap: (name, openLink) => options.witness.pool(name, openLink),
      hashrateThs: () => this.#chains.reduce((sum, chain) => sum + chain.likelyThs, 0),
    });
    this.#statistics = new Statistics({
      clock,
      log,
      pools: this.pools.set,
      counters,
      network: networkByName(config.network),
      chips: config.slots.map(() => config.machineSpec.hashboard.chain.chips),
    });
    const { noPool } = config;
    this.#dispatcher = new Dispatcher({ source: this.pools.set, clock, noPool });
    config.slots.forEach((slot, index) => {
      this.#buildChain(slot, index);
    });
    const { machineSpec, targetMHz, targetMv } = config;
    this.#team = new ChainTeam({
      chains: this.#chains,
      resetTogether: machineSpec.resetTogether,
    });
    hardware.watchChains(() => this.#team.facts());
    this.life = options.witness.life({
      hardware: new FittedHardware({ machine: hardware, memory, clock, log }),
      ...{ team: this.#team, wiring, orders, onPower, clock, log },
      setPoints: {
        freqMHz: targetMHz,
        railMv: targetMv,
        openMv: machineSpec.railMv?.open ?? targetMv,
        sleepMHz: machineSpec.freqMHz.min,
      },
    });
    hardware.cooling.connect({
      powerW: () => recentPowerW(this.#readings(this.#load())),
      onPowerShare: (heat) => {
        this.#limit({ heat });
      },
    });
    const control = new PowerControl({
      look: () => this.#powerSight(),
      onShare: (watts) => {
        this.#limit({ watts });
      },
      ...{ clock, log },
    });
    this.power = new PowerTarget({
      ...{ machine: machineSpec, control, orders, setPointW: config.powerW },
      setPoints: () => this.life.setPoints,
      lastPowerW: () => this.#lastPowerW,
    });
    this.power.start();
  }

  /**
   * Opens every chain, begins the life of the machine and connects to the pools.
   * @throws LINK_OPEN_FAILED, LINK_BAUD_REFUSED; nothing was touched then
   */
  async start(): Promise<void> {
    try {
      for (const port of this.#ports) port.open();
    } catch (error) {
      await this.#closePorts();
      throw error;
    }
    this.life.start();
    this.pools.set.start();
    this.#statistics.start();
    this.#cancelThreadReport = this.#options.clock.after(THREADS_STARTED_MS, () => {
      this.#reportThreads();
    });
  }

  /** Whether the chain threads got the priority they asked for. */
  #reportThreads(): void {
    const { config, log } = this.#options;
    if (config.realTimePriority === 0) return;
    for (const port of this.#ports) {
      const facts = { chain: port.name, priority: config.realTimePriority };
      if (port.counters().isRealTime) log.info(facts, "chain thread runs under SCHED_FIFO");
      else log.warn(facts, "SCHED_FIFO was not granted: the chain thread is not real time");
    }
  }

  /**
   * Stops work, leaves every chain in reset and the power off, and closes pools and wires. With `asIs` the life of the
   * machine was left already.
   */
  async stop(how: "off" | "asIs" = "off"): Promise<void> {
    this.#cancelThreadReport();
    this.power.stop();
    await Promise.all([how === "off" ? this.life.stop() : undefined, this.pools.stop()]);
    this.#statistics.stop();
    this.#dispatcher.stop();
    await this.#closePorts();
  }

  snapshot(): Snapshot {
    const { config, version, hardware, orders, wiring, clock } = this.#options;
    const poolGroups = this.pools.status();
    const pool = mainPool(poolGroups);
    if (pool === undefined) throw new MinerError("INTERNAL", { missing: "pools" });
    const chains = this.#chains.map((chain) => chain.snapshot());
    const { firstShareMs } = this.#statistics;
    const usage = process.resourceUsage();
    const update = this.update();
    const sum = (pick: (chain: (typeof chains)[number]) => number): number =>
      chains.reduce((total, chain) => total + pick(chain), 0);
    const machine = machineSnapshot({
      ...{ hardware, orders, chains, clock },
      ...{ life: this.life, power: this.power, startMs: this.#startMs },
    });
    return {
      version,
      machine: config.machineSpec.name,
      controlBoard: config.board.name,
      network: config.network,
      process: {
        pid: process.pid,
        uptimeS: process.uptime(),
        rssMb: process.memoryUsage.rss() / 2 ** 20,
        cpuS: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
      },
      ...(update && { update }),
      ...machine,
      troubles: [...machine.troubles, ...wiring.findings],
      chainOrder: wiring.snapshot(),
      hashrateThs: sum((chain) => chain.hashrateThs),
      nominalThs: sum((chain) => chain.nominalThs),
      ...this.#statistics.snapshot(),
      droppedUnowned: this.pools.set.snapshot().droppedUnowned,
      firstShareS: firstShareMs === undefined ? null : (firstShareMs - this.#startMs) / 1000,
      chains,
      pool,
      poolGroups,
    };
  }

  #limit(shares: Partial<Record<"heat" | "watts", number>>): void {
    const { heat, watts } = Object.assign(this.#sharesPct, shares);
    this.life.limitPower(Math.min(heat, watts));
  }

  #load(): ReturnType<typeof loadOf> {
    return loadOf(this.#chains.map((chain) => chain.snapshot()));
  }

  #readings(load: ReturnType<typeof loadOf>): ReturnType<MachineHardware["snapshot"]> {
    const readings = this.#options.hardware.snapshot(load);
    this.#lastPowerW = readings?.rail?.powerW ?? UNKNOWN;
    return readings;
  }

  #powerSight(): PowerSight {
    const { config, orders } = this.#options;
    const { setPoints, state } = this.life;
    const { heat, watts } = this.#sharesPct;
    const load = this.#load();
    const isSettled = load !== undefined && state.is === "hashing" && this.#team.isAtOrder;
    return powerSight({
      machine: config.machineSpec,
      setPoints,
      powerW: this.#readings(load)?.rail?.powerW ?? UNKNOWN,
      order: isSettled ? chainOrder(orders.order, setPoints, Math.min(heat, watts)) : undefined,
    });
  }

  #tellFailure(slot: number, error: MinerError | undefined): void {
    if (error === undefined || this.#failures.get(slot) === error) return;
    this.#failures.set(slot, error);
    this.#options.onChainFailed(slot, error);
  }

  #buildChain(slot: number, index: number): void {
    const { config, clock, log, tapDir, hardware, wiring } = this.#options;
    const rates = this.#statistics.rates.chains[index];
    if (rates === undefined) throw new MinerError("INTERNAL", { slot });
    const { port, controller } = buildChain({
      ...{ config, clock, log, index, rates, hasTap: tapDir !== undefined },
      resetLine: hardware.resetLines.get(slot),
      tty: wiring.ttyOf(slot),
      onNonces: (nonces, verified, ticketDifficulty) => {
        // First, as a share may be dropped in this turn and must not be counted before its nonce.
        this.#statistics.countNonces(index, nonces, verified, ticketDifficulty);
        this.#dispatcher.judge(nonces);
      },
      onHashing: () => {
        this.#statistics.setHashing(this.#chains.some((each) => each.isHashing));
      },
      onState: () => {
        wiring.heard(slot, controller.standing, controller.error);
        this.#team.changed();
        this.#tellFailure(slot, controller.error);
      },
    });
    const { chip, hashboard } = config.machineSpec;
    if (tapDir !== undefined)
      this.#taps.push(new WireTap(port, tapDir, { chip, chips: hashboard.chain.chips }));
    wiring.connect(slot, port);
    this.#ports.push(port);
    this.#deafen.push(this.#options.witness.frames(slot, port));
    this.#chains.push(controller);
    this.#dispatcher.add(controller);
  }

  async #closePorts(): Promise<void> {
    for (const deafen of this.#deafen) deafen();
    await Promise.all(this.#ports.map((port) => port.close()));
    await Promise.all(this.#taps.map((tap) => tap.close()));
  }
}
