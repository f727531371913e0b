import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askController } from "../../src/api/control/control-client.js";
import { virtualNetwork } from "../../src/bitcoin/network.js";
import { loadDrivenMachine } from "../../src/boards/load-machine.js";
import { machineHashrateThs } from "../../src/boards/machine-spec.js";
import { ALLOWABLE_NAMES } from "../../src/boards/obstacles.js";
import { isMinerError } from "../../src/lib/errors.js";
import type { ChainSnapshot, Snapshot } from "../../src/telemetry/snapshot.js";
import type { TestPoolOptions } from "../../src/virtual/pool/settings.js";
import { TestPool } from "../../src/virtual/pool/test-pool.js";
import { headframe, Program, type ProgramOptions } from "./program.js";
import { startTurn } from "./start-turn.js";
import { until } from "./until.js";
import { askVirtual, type VirtualChain, type VirtualTruth } from "./virtual-control.js";

/** Rates that a rig aims at: enough to see things quickly, little enough for a small computer. */
const NONCES_PER_S = 150;
const SHARES_PER_S = 5;
const STOCK_TICKET_DIFFICULTY = 256;
/** A short frequency ramp. */
const LOW_MHZ = 100;

export interface Fault {
  readonly name: string;
  readonly chain?: number;
  readonly [parameter: string]: number | string | undefined;
}

export interface RigOptions {
  /** A single-chip board when left out. */
  readonly machine?: string;
  /** Tty that each slot's chain really hangs on, by number; its own when left out. */
  readonly order?: readonly number[];
  /** Slots in use; all of the machine when left out. */
  readonly chains?: readonly number[];
  /** Fields of the configuration file that differ from the rig's own. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly pool?: Partial<TestPoolOptions>;
  /** Further pools, in order of preference; the miner is `rig.backup` there. */
  readonly backups?: readonly Partial<TestPoolOptions>[];
  /** The last word on the configuration file. */
  readonly adapt?: (config: Record<string, unknown>) => Record<string, unknown>;
  /** Faults that the hashboards have from the start. */
  readonly faults?: readonly Fault[];
  /** Modules loaded into the controller before the program, by path beside this file. */
  readonly preloads?: readonly string[];
  /** Added to the environment of the controller. */
  readonly env?: Readonly<Record<string, string>>;
  /** The virtual machine records its wires into `captureDir`. */
  readonly records?: boolean;
  /** The controller records its wires into `tapDir`. */
  readonly taps?: boolean;
  /** About how many nonces all chips send. */
  readonly noncesPerS?: number;
  /** About how many of them are shares. */
  readonly sharesPerS?: number;
}

/** The whole program on a virtual machine and a test pool: separate processes, real ttys, real TCP. */
export class Rig {
  readonly dataDir: string;
  readonly deviceDir: string;
  readonly captureDir: string;
  readonly tapDir: string;
  readonly configFile: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "headframe-rig-"));
  readonly #options: RigOptions;
  readonly #machine: string;
  readonly #programs: Program[] = [];
  #pool: TestPool | undefined;
  readonly #backups: TestPool[] = [];
  #virtual: Program | undefined;
  #controller: Program | undefined;

  constructor(options: RigOptions = {}) {
    this.#options = options;
    this.#machine = options.machine ?? "bitaxe-gamma";
    this.dataDir = join(this.#folder, "data");
    this.deviceDir = join(this.#folder, "wires");
    this.captureDir = join(this.#folder, "captures");
    this.tapDir = join(this.#folder, "taps");
    this.configFile = join(this.#folder, "config.json");
  }

  /** Starts pools, virtual machine with its faults, and controller. */
  async start(): Promise<void> {
    await this.startPools();
    await this.startMachine();
  }

  async startPools(): Promise<void> {
    await this.startPool();
    for (const options of this.#options.backups ?? [])
      this.#backups.push(await this.#startPool(options));
  }

  /** Virtual machine and controller; the pools are there. */
  async startMachine(): Promise<void> {
    this.writeConfig();
    await this.startVirtual();
    for (const fault of this.#options.faults ?? []) await this.fault(fault);
    this.startController();
  }

  get pool(): TestPool {
    return given(this.#pool, "pool");
  }

  /** The pools beside the first one. */
  get backups(): readonly TestPool[] {
    return this.#backups;
  }

  get virtual(): Program {
    return given(this.#virtual, "virtual machine");
  }

  get controller(): Program {
    return given(this.#controller, "controller");
  }

  /** The configuration that the controller gets. */
  get config(): Record<string, unknown> {
    const nominalThs = this.nominalThs;
    const config: Record<string, unknown> = {
      machine: this.#machine,
      controlBoard: "virtual",
      allowInferred: ALLOWABLE_NAMES,
      deviceDir: this.deviceDir,
      network: "virtual",
      pools: [
        { url: this.pool.url, user: "rig.worker", password: "x" },
        ...this.#backups.map(({ url }) => ({ url, user: "rig.backup", password: "y" })),
      ],
      freqMHz: this.#freqMHz,
      ticketDifficulty: Math.min(
        STOCK_TICKET_DIFFICULTY,
        powerOfTwo(nominalThs, this.#options.noncesPerS ?? NONCES_PER_S),
      ),
      ...(this.#options.chains && { chains: this.#options.chains }),
      ...this.#options.config,
    };
    return this.#options.adapt?.(config) ?? config;
  }

  /** What the chips in use should make. */
  get nominalThs(): number {
    const machine = loadDrivenMachine(this.#machine);
    const chains = this.#options.chains?.length ?? machine.chains;
    return (machineHashrateThs(machine, this.#freqMHz) * chains) / machine.chains;
  }

  get #freqMHz(): number {
    const { min, max } = loadDrivenMachine(this.#machine).freqMHz;
    const wanted = this.#options.config?.["freqMHz"];
    return typeof wanted === "number" ? wanted : Math.min(Math.max(LOW_MHZ, min), max);
  }

  /** A pool as the rig wants it; on `port` when a pool is started again. */
  async startPool(port = 0): Promise<TestPool> {
    this.#pool = await this.#startPool({ port, ...this.#options.pool });
    return this.#pool;
  }

  writeConfig(): void {
    writeFileSync(this.configFile, JSON.stringify(this.config, undefined, 2));
  }

  /** Resolves when the wires are there. */
  async startVirtual(wiring = this.#options.order): Promise<void> {
    await startTurn();
    const record = this.#options.records === true ? ["--record", this.captureDir] : [];
    const order = wiring ? ["--order", wiring.join(",")] : [];
    const args = [
      "--machine",
      this.#machine,
      "--listen",
      this.deviceDir,
      "--quick-parts",
      "--json",
      ...record,
      ...order,
    ];
    // Hardware does not become slow because this computer is busy.
    const virtual = this.#run(["virtual", ...args], { isUrgent: true });
    this.#virtual = virtual;
    await until(() => virtual.stdout.includes("\n") || undefined, {
      what: "virtual machine is ready",
    });
  }

  /** Its ttys go as those of an adapter that is pulled: a link left behind soon leads to a tty of another machine. */
  async killVirtual(): Promise<void> {
    for (const name of readdirSync(this.deviceDir))
      if (name.endsWith(".tty")) rmSync(join(this.deviceDir, name));
    await this.virtual.kill();
  }

  /** A second one may be started; `controller` is the last. */
  startController(preloads = this.#options.preloads ?? []): Program {
    const tap = this.#options.taps === true ? ["--tap", this.tapDir] : [];
    const args = ["run", "--config", this.configFile, "--data", this.dataDir, "--json", ...tap];
    this.#controller = this.#run(args, { preloads, env: this.#options.env ?? {} });
    return this.#controller;
  }

  /** Undefined as long as the controller does not answer. */
  async status(): Promise<Snapshot | undefined> {
    try {
      return (await askController(this.dataDir, "status")) as Snapshot;
    } catch (error) {
      if (isMinerError(error, "CONTROL_UNREACHABLE")) return undefined;
      throw error;
    }
  }

  /** Polls the status until it fits. Throws when it does not in time, or the controller ends. */
  async until(
    what: string,
    fits: (snapshot: Snapshot) => boolean,
    withinS?: number,
  ): Promise<Snapshot> {
    let last: Snapshot | undefined;
    const look = async (): Promise<Snapshot | undefined> => {
      last = (await this.status()) ?? last;
      const { isRunning, ending, lastWords } = this.controller;
      if (!isRunning) throw new Error(`${what}: the controller ${ending}:\n${lastWords}`);
      return last !== undefined && fits(last) ? last : undefined;
    };
    const facts = (): unknown => ({ status: last, pool: this.pool.stats() });
    return until(look, { what, facts, ...(withinS !== undefined && { withinS }) });
  }

  /** Waits until every chain hashes and the pool has accepted a share, or `shares` more than it has. */
  untilMining(shares = 1): Promise<Snapshot> {
    const before = this.pool.stats().accepted;
    return this.until("all chains hash and shares are accepted", ({ chains }) => {
      const areHashing = chains.every(({ state }) => state === "hashing");
      return areHashing && this.pool.stats().accepted >= before + shares;
    });
  }

  /** Waits until one chain fits. */
  async untilChain(
    slot: number,
    what: string,
    fits: (chain: ChainSnapshot) => boolean,
    withinS?: number,
  ): Promise<ChainSnapshot> {
    const chainOf = ({ chains }: Snapshot): ChainSnapshot | undefined =>
      chains.find((chain) => chain.slot === slot);
    const snapshot = await this.until(
      `chain ${slot}: ${what}`,
      (seen) => {
        const chain = chainOf(seen);
        return chain !== undefined && fits(chain);
      },
      withinS,
    );
    return given(chainOf(snapshot), `chain ${slot}`);
  }

  /** Gives hashboards a fault: those of all chains when it names none. */
  async fault(fault: Fault): Promise<void> {
    await this.#askVirtual({ do: "fault", ...fault });
  }

  /** Takes faults away: all, or those of a name and chain. */
  async clear(which: Partial<Fault> = {}): Promise<void> {
    await this.#askVirtual({ do: "clear", ...which });
  }

  /** What the hashboards themselves say. */
  async virtualChains(): Promise<readonly VirtualChain[]> {
    return (await this.#askVirtual({ do: "state" }))["chains"] as VirtualChain[];
  }

  /** What is really so with supply, boards and fans, whatever they tell. */
  async truth(): Promise<VirtualTruth> {
    return (await this.#askVirtual({ do: "truth" })) as unknown as VirtualTruth;
  }

  /** A command of the program about this controller, to its end; its JSON document. Throws when it fails. */
  async command(...words: readonly string[]): Promise<Record<string, unknown>> {
    const { exitCode, stdout, stderr } = await headframe([
      ...words,
      ...["--data", this.dataDir, "--json"],
    ]);
    if (exitCode !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** Everything that the processes printed. */
  report(): string {
    return this.#programs.map((program) => program.report()).join("\n");
  }

  /** Ends everything that is left and removes the files. */
  async stop(): Promise<void> {
    for (const program of [...this.#programs].reverse()) await program.stop();
    for (const pool of [this.#pool, ...this.#backups]) await pool?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #startPool(options: Partial<TestPoolOptions>): Promise<TestPool> {
    return TestPool.start({
      difficulty1Target: virtualNetwork().difficulty1Target,
      startDifficulty: powerOfTwo(this.nominalThs, this.#options.sharesPerS ?? SHARES_PER_S),
      jobIntervalS: 5,
      blockIntervalS: 17,
      ...options,
    });
  }

  #askVirtual(request: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    return askVirtual(join(this.deviceDir, "control.sock"), request);
  }

  #run(args: readonly string[], options: ProgramOptions): Program {
    const program = new Program(args, options);
    this.#programs.push(program);
    return program;
  }
}

/** Gives each test of a suite its rigs; they are stopped after it, and tell what they printed when it failed. */
export function rigs(): { readonly start: (options?: RigOptions) => Promise<Rig> } {
  const running: Rig[] = [];
  afterEach(async function () {
    this.timeout(60_000);
    const hasFailed = this.currentTest?.state === "failed";
    for (const rig of running.splice(0)) {
      if (hasFailed) process.stderr.write(`${rig.report()}\n`);
      await rig.stop();
    }
  });
  return {
    start: async (options) => {
      const rig = new Rig(options);
      running.push(rig);
      await rig.start();
      return rig;
    },
  };
}

/** The power of two at or below the difficulty at which `perS` hashes come a second. */
function powerOfTwo(hashrateThs: number, perS: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2((hashrateThs * 1e12) / 2 ** 32 / perS)));
}

function given<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`the rig has no ${what}`);
  return value;
}
