import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { MachineCommand } from "../../src/app/life-cycle/possible-commands.js";
import { askController } from "../../src/api/control/control-client.js";
import { ALLOWABLE_NAMES } from "../../src/boards/obstacles.js";
import { virtualNetwork } from "../../src/bitcoin/network.js";
import { systemClock, type Clock } from "../../src/lib/clock.js";
import { isMinerError } from "../../src/lib/errors.js";
import { projectRoot } from "../../src/lib/project-root.js";
import type { Snapshot } from "../../src/telemetry/snapshot.js";
import { TestPool } from "../../src/virtual/pool/test-pool.js";
import type { TestPoolOptions } from "../../src/virtual/pool/settings.js";
import { monotonicUs } from "./monotonic.js";

const MACHINE = "s19k-pro";
const START_LIMIT_MS = 120_000;
const STATUS_INTERVAL_MS = 250;
/** Longer than an event-loop stall. */
const QUIET_MS = 1500;
const STOP_LIMIT_MS = 10_000;

/** Counts from the origin of the native clock, so that its times and ours can be compared. */
const monotonicClock: Clock = { ...systemClock, nowMs: () => monotonicUs() / 1000 };

export interface RigOptions {
  readonly pool: Omit<TestPoolOptions, "difficulty1Target" | "clock">;
  readonly ticketDifficulty: number;
  /** Slots in use; all three when left out. */
  readonly chains?: readonly number[];
  readonly hasTap?: boolean;
  /** The S19k Pro when left out. */
  readonly machine?: string;
  /** Buses and supply answer at once: for what does not depend on them. */
  readonly hasQuickParts?: boolean;
  /** Hashboards that exist with and without controllers have framed ones. */
  readonly hasControllers?: boolean;
  /** For the controller's Node. */
  readonly nodeArguments?: readonly string[];
  /** A second pool, next in the list of pools. */
  readonly backup?: RigOptions["pool"];
  /** More fields of the configuration file. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** What the virtual machine tells about one chain. */
export interface VirtualChainCounts {
  readonly nonces: number;
  readonly lostNonces: number;
  readonly overrunBytes: number;
}

/** The whole way of a share: virtual machine and controller in processes of their own, the pool in this one. */
export class Rig {
  readonly folder: string;
  readonly backup: TestPool | undefined;
  /** When the controller's process was started. */
  readonly startUs: number;
  readonly #options: RigOptions;
  readonly #virtual: ChildProcess;
  readonly #controller: ChildProcess;
  #pool: TestPool;

  private constructor(
    options: RigOptions,
    pools: readonly [TestPool, TestPool | undefined],
    folder: string,
    virtual: ChildProcess,
    controller: ChildProcess,
    startUs: number,
  ) {
    this.#options = options;
    [this.#pool, this.backup] = pools;
    this.folder = folder;
    this.#virtual = virtual;
    this.#controller = controller;
    this.startUs = startUs;
  }

  /** Resolves when the controller's process is started, before any chip has answered. */
  static async start(options: RigOptions): Promise<Rig> {
    const { machine = MACHINE, hasQuickParts = false, hasControllers = false } = options;
    const folder = mkdtempSync(join(tmpdir(), "headframe-bench-"));
    const network = virtualNetwork();
    const pool = await startPool(options.pool);
    const backup = options.backup && (await startPool(options.backup));
    const wires = join(folder, "wires");
    const config = join(folder, "config.json");
    writeFileSync(
      config,
      JSON.stringify({
        machine,
        controlBoard: "virtual",
        allowInferred: ALLOWABLE_NAMES,
        deviceDir: wires,
        network: network.name,
        pools: [pool, ...(backup ? [backup] : [])].map(({ url }) => ({
          url,
          user: "bench.worker",
        })),
        ticketDifficulty: options.ticketDifficulty,
        logLevel: "error",
        ...(options.chains && { chains: options.chains }),
        ...options.config,
      }),
    );
    const virtual = startProgram(
      [],
      [
        ...["virtual", "--machine", machine, "--listen", wires],
        ...(hasQuickParts ? ["--quick-parts"] : []),
        ...(hasControllers ? ["--controllers", "framed"] : []),
      ],
    );
    await firstLine(virtual);
    const startUs = monotonicUs();
    const controller = startProgram(options.nodeArguments ?? [], [
      ...["run", "--config", config, "--data", join(folder, "data")],
      ...(options.hasTap === true ? ["--tap", join(folder, "tap")] : []),
    ]);
    return new Rig(options, [pool, backup], folder, virtual, controller, startUs);
  }

  get pool(): TestPool {
    return this.#pool;
  }

  /** The pool anew, where the one that was stopped had been. */
  async restartPool(): Promise<TestPool> {
    this.#pool = await startPool(this.#options.pool, this.#pool.port);
    return this.#pool;
  }

  get controllerPid(): number {
    return this.#controller.pid ?? 0;
  }

  get virtualPid(): number {
    return this.#virtual.pid ?? 0;
  }

  get tapFolder(): string {
    return join(this.folder, "tap");
  }

  get dataFolder(): string {
    return join(this.folder, "data");
  }

  /** Socket through which the virtual machine tells what is really so. */
  get virtualSocket(): string {
    return join(this.folder, "wires", "control.sock");
  }

  async status(): Promise<Snapshot> {
    return (await askController(this.dataFolder, "status")) as Snapshot;
  }

  /** Resolves with the answer to an order. */
  async order(command: MachineCommand): Promise<void> {
    await askController(this.dataFolder, `machine.${command}`);
  }

  /** Resolves once every chain mines. Throws when one does not within two minutes or a process ends. */
  untilMining(): Promise<Snapshot> {
    return this.until("the chains mine", ({ chains }) =>
      chains.every(({ state }) => state === "hashing"),
    );
  }

  /** Resolves once the status fits. Throws when it does not within two minutes or a process ends. */
  async until(what: string, fits: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
    let last: Snapshot | undefined;
    for (const endMs = performance.now() + START_LIMIT_MS; performance.now() < endMs;) {
      await sleep(STATUS_INTERVAL_MS);
      this.#assertAlive();
      last = await this.status().catch((error: unknown) => {
        if (isMinerError(error, "CONTROL_UNREACHABLE")) return undefined; // still starting
        throw error;
      });
      if (last !== undefined && fits(last)) return last;
    }
    throw new Error(`in vain: ${what}; ${JSON.stringify(last?.state)}`);
  }

  /**
   * The chips fall silent and everything that was on its way arrives: counts then stand still. Returns what the
   * chips had sent.
   */
  async quieten(): Promise<readonly VirtualChainCounts[]> {
    // In one go: silent chips go on counting what nobody hears.
    const { chains } = (await this.#askVirtual(
      { do: "fault", name: "chainHung" },
      { do: "state" },
    )) as { chains: readonly VirtualChainCounts[] };
    await sleep(QUIET_MS);
    return chains;
  }

  /** Ends the controller, after which its tap is complete. */
  async stopController(): Promise<void> {
    await stopProgram(this.#controller);
  }

  async stop(): Promise<void> {
    await this.stopController();
    await stopProgram(this.#virtual);
    await this.pool.stop();
    await this.backup?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The answer to the last request. */
  async #askVirtual(...requests: readonly object[]): Promise<unknown> {
    const socket = connect(this.virtualSocket);
    const answers: unknown[] = [];
    try {
      socket.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
      for await (const line of createInterface({ input: socket })) {
        answers.push(JSON.parse(line));
        if (answers.length === requests.length) return answers.at(-1);
      }
    } finally {
      socket.destroy();
    }
    throw new Error("no answer from the virtual machine");
  }

  #assertAlive(): void {
    for (const program of [this.#controller, this.#virtual])
      if (hasEnded(program)) throw new Error(`ended early: ${program.spawnargs.join(" ")}`);
  }
}

function startPool(options: RigOptions["pool"], port = 0): Promise<TestPool> {
  const { difficulty1Target } = virtualNetwork();
  return TestPool.start({ ...options, port, difficulty1Target, clock: monotonicClock });
}

function startProgram(nodeArguments: readonly string[], args: readonly string[]): ChildProcess {
  const program = join(projectRoot(), "dist/cli.js");
  return spawn(process.execPath, [...nodeArguments, program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function firstLine({ stdout }: ChildProcess): Promise<void> {
  if (stdout !== null)
    for await (const line of createInterface({ input: stdout })) if (line) return;
  throw new Error("the virtual machine did not start");
}

async function stopProgram(program: ChildProcess): Promise<void> {
  if (hasEnded(program)) return;
  const ended = once(program, "exit");
  program.kill("SIGTERM");
  const limit = setTimeout(() => program.kill("SIGKILL"), STOP_LIMIT_MS);
  await ended;
  clearTimeout(limit);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
