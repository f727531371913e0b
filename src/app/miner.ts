import { join } from "node:path";
import { BRING_UPS } from "../asic/bring-up/bring-ups.js";
import { FAMILIES } from "../asic/families.js";
import { RESET_BAUD } from "../asic/uart.js";
import { networkByName } from "../bitcoin/network.js";
import { machineHashrateThs } from "../boards/machine-spec.js";
import { NativeChainPort } from "../hal/native-chain-port.js";
import type { Clock } from "../lib/clock.js";
import { MinerError } from "../lib/errors.js";
import type { Logger } from "../lib/logger.js";
import type { Counters } from "../mining/counters.js";
import { Dispatcher } from "../mining/dispatcher.js";
import type { Snapshot } from "../telemetry/snapshot.js";
import { ChainController } from "./chain-controller.js";
import type { Config } from "./config.js";
import { ticketForRate } from "../mining/ticket-choice.js";
import { mainPool, MiningPools } from "./mining-pools.js";
import { agentOf } from "./pool-config.js";
import { Statistics } from "./statistics.js";
import { WireTap } from "./wire-tap.js";

/** The dead man is kicked several times within its limit, so that one late timer does no harm. */
const KICKS_PER_LIMIT = 8;
/** The real length of a job frame; stock firmware sends others, chips take them all. Captured. */
const JOB_LENGTH_BYTE = 0x56;

/** Chain threads have asked for their priority long before this. */
const THREADS_STARTED_MS = 500;

export interface MinerOptions {
  readonly config: Config;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Counts that outlive the process. */
  readonly counters: Counters;
  /** Folder for captures of both directions of every wire. */
  readonly tapDir?: string | undefined;
}

/** The controller: chains, pools and what connects them. */
export class Miner {
  readonly #options: MinerOptions;
  readonly pools: MiningPools;
  readonly #dispatcher: Dispatcher;
  readonly #statistics: Statistics;
  readonly #ports: NativeChainPort[] = [];
  readonly #chains: ChainController[] = [];
  readonly #taps: WireTap[] = [];
  readonly #startMs: number;
  #cancelThreadReport: () => void = () => undefined;

  constructor(options: MinerOptions) {
    const { config, version, clock, log, counters } = options;
    this.#options = options;
    this.#startMs = clock.nowMs() - process.uptime() * 1000;
    this.pools = new MiningPools({
      config,
      agent: agentOf(version),
      clock,
      log,
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
      const chain = this.#buildChain(slot, index);
      this.#chains.push(chain);
      this.#dispatcher.add(chain);
    });
  }

  /**
   * Opens every chain, then brings all up at once and connects to the pools.
   * @throws LINK_OPEN_FAILED, LINK_BAUD_REFUSED; nothing runs then
   */
  async start(): Promise<void> {
    try {
      for (const port of this.#ports) port.open();
    } catch (error) {
      await this.#closePorts();
      throw error;
    }
    for (const chain of this.#chains) chain.start();
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

  /** Stops work, leaves every chain in reset and closes pools and wires. */
  async stop(): Promise<void> {
    this.#cancelThreadReport();
    await Promise.all(this.#chains.map((chain) => chain.stop()));
    await this.pools.stop();
    this.#statistics.stop();
    this.#dispatcher.stop();
    await this.#closePorts();
  }

  snapshot(): Snapshot {
    const { config, version } = this.#options;
    const poolGroups = this.pools.status();
    const pool = mainPool(poolGroups);
    if (pool === undefined) throw new MinerError("INTERNAL", { missing: "pools" });
    const chains = this.#chains.map((chain) => chain.snapshot());
    const { firstShareMs } = this.#statistics;
    const usage = process.resourceUsage();
    const sum = (pick: (chain: (typeof chains)[number]) => number): number =>
      chains.reduce((total, chain) => total + pick(chain), 0);
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

  #buildChain(slot: number, index: number): ChainController {
    const { config, clock, log, tapDir } = this.#options;
    const { machineSpec, board } = config;
    const { chain: geometry, chip, hashCountingNumber } = machineSpec.hashboard;
    const bringUp = BRING_UPS[machineSpec.bringUp];
    const nominalThs = machineHashrateThs(machineSpec, config.targetMHz) / machineSpec.chains;
    const rates = this.#statistics.rates.chains[index];
    if (rates === undefined) throw new MinerError("INTERNAL", { slot });
    const wires = board.chains[slot];
    if (wires === undefined) throw new MinerError("INTERNAL", { slot });
    if (!("file" in wires.reset))
      throw new MinerError("BOARD_NOT_DRIVEN", { controlBoard: board.name, line: "reset" });
    const tty = join(config.deviceDir, wires.tty);
    const port = new NativeChainPort({
      name: `chain${String(slot)}`,
      path: tty,
      resetPath: join(config.deviceDir, wires.reset.file),
      chip: chip.model,
      chips: geometry.chips,
      addressStep: geometry.addressStep,
      useNonceOffsets: bringUp.sweepSplit === "nonceOffset",
      cores: FAMILIES[bringUp.model].cores,
      chainIndex: index,
      chainCount: config.slots.length,
      resetBaud: RESET_BAUD,
      jobLengthByte: JOB_LENGTH_BYTE,
      deadManMs: config.deadManMs,
      kickIntervalMs: config.deadManMs / KICKS_PER_LIMIT,
      priority: config.realTimePriority,
      tap: tapDir !== undefined,
    });
    this.#ports.push(port);
    if (tapDir !== undefined)
      this.#taps.push(new WireTap(port, tapDir, { chip: chip.model, chips: geometry.chips }));
    return new ChainController({
      slot,
      tty,
      port,
      bringUp,
      geometry,
      settings: {
        freqMHz: config.targetMHz,
        ticketDifficulty: config.ticketDifficulty ?? ticketForRate(nominalThs),
        allowShortChain: config.allowShortChain,
        ...(hashCountingNumber && { stockHashCountingNumber: hashCountingNumber.value }),
      },
      network: networkByName(config.network),
      clock,
      log,
      nominalThs,
      rates,
      isTicketAutomatic: config.ticketDifficulty === undefined,
      onNonces: (nonces, verified, ticketDifficulty) => {
        // First, as a share may be dropped in this turn and must not be counted before its nonce.
        this.#statistics.countNonces(index, nonces, verified, ticketDifficulty);
        this.#dispatcher.judge(nonces);
      },
      onHashing: () => {
        this.#statistics.setHashing(this.#chains.some((each) => each.isHashing));
      },
    });
  }

  async #closePorts(): Promise<void> {
    await Promise.all(this.#ports.map((port) => port.close()));
    await Promise.all(this.#taps.map((tap) => tap.close()));
  }
}
